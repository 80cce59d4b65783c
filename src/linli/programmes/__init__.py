"""Published programmes, version by version, never changed. Owns `programmes_*`."""

from linli.programmes.versions import (
    Published,
    VersionNotFound,
    add,
    get_version,
    held,
    latest_version,
    lock,
    since,
    version,
    versions,
)

__all__ = [
    "Published", "VersionNotFound", "add", "get_version", "held", "latest_version", "lock", "since", "version",
    "versions",
]  # fmt: skip

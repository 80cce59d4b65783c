"""Published programmes, version by version, never changed. Owns `programmes_*`."""

from linli.programmes.versions import Published, add, latest_version, lock, since, version, versions

__all__ = ["Published", "add", "latest_version", "lock", "since", "version", "versions"]

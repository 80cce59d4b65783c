"""Published programmes, version by version, never changed. Owns `programmes_*`."""

from linli.programmes.versions import Published, add, held, latest_version, lock, since, version, versions

__all__ = ["Published", "add", "held", "latest_version", "lock", "since", "version", "versions"]

"""SQL of the programmes' room."""

_VERSION = "version, name, document::text, rule_versions::text, effective_from, published_at, published_by, note"

LATEST = "SELECT coalesce(max(version), 0) FROM programmes_version"

SINCE = f"SELECT {_VERSION} FROM programmes_version WHERE version > %(version)s ORDER BY version"

VERSION = f"SELECT {_VERSION} FROM programmes_version WHERE version = %(version)s"

VERSIONS = f"SELECT {_VERSION} FROM programmes_version WHERE version < %(before)s ORDER BY version DESC LIMIT %(limit)s"

ADD = """
INSERT INTO programmes_version (version, name, document, rule_versions, effective_from, published_at, published_by,
                                note)
VALUES (%(version)s, %(name)s, %(document)s, %(rule_versions)s, %(effective_from)s, %(published_at)s, %(published_by)s,
        %(note)s)
"""

# One publication at a time; readers go on.
LOCK = "LOCK TABLE programmes_version IN SHARE ROW EXCLUSIVE MODE"
"""Held until the transaction ends."""

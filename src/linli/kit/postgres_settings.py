"""What the embedded PostgreSQL is tuned to: the text of the file that its postgresql.conf includes."""

from __future__ import annotations

from pathlib import Path

_COMMON = """\
# Written by linli whenever it starts the server. Put settings of your own below the include in postgresql.conf.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
max_connections = 100
max_locks_per_transaction = 256
effective_cache_size = 4GB
random_page_cost = 1.1
jit = off
wal_compression = on
max_wal_size = 4GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
# The big tables only grow: with the default 20 % the vacuum that freezes them and marks their pages all-visible
# would come ever more rarely, and each would be ever longer.
autovacuum = on
autovacuum_vacuum_insert_scale_factor = 0.05
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.02
"""
_DURABLE = "shared_buffers = 512MB\nfsync = on\nsynchronous_commit = on\nfull_page_writes = on\n"
_FORGETFUL = "shared_buffers = 128MB\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def settings(socket_dir: Path, *, durable: bool) -> str:
    """The included file. `socket_dir` must need no quoting; without `durable` a power cut may lose everything."""
    return _COMMON.format(socket_dir=socket_dir) + (_DURABLE if durable else _FORGETFUL)

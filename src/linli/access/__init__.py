"""Access: who may call. Owns `access_*`.

A key reads `lk_<key_id>_<secret>` and is shown once, when it is made; what is kept is its SHA-256. Neither a key nor
its secret is ever logged or put into an error.
"""

from linli.access.keys import create_key, ensure_key, find_caller, keys, revoke_key
from linli.access.ring import KeyRing
from linli.access.types import SCOPES, Caller, Forbidden, Key, KeyNotFound, Scope, Unauthorized

__all__ = [
    "SCOPES", "Caller", "Forbidden", "Key", "KeyNotFound", "KeyRing", "Scope", "Unauthorized", "create_key",
    "ensure_key", "find_caller", "keys", "revoke_key",
]  # fmt: skip

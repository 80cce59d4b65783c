"""Screening: caps, what they cut, and whether two events came from one device.

Owns the tables `screening_*`. Promises: no device, address or telephone stands in them or near the ledger, only a
digest that is worth nothing without this database's own key; every point that a cap took away is on record.
"""

from linli.screening.cuts import FIRST, Cut, PlacedCut, cuts, cuts_of, lock, note_cuts
from linli.screening.digests import Digester, digester

__all__ = ["FIRST", "Cut", "Digester", "PlacedCut", "cuts", "cuts_of", "digester", "lock", "note_cuts"]

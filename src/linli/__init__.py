"""Linli (邻里分): loyalty for community group-buying. `docs/ARCHITECTURE.md` shows the way through the house."""

__version__ = "0.1.0"

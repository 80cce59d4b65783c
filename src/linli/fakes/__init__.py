"""Servers of others, played faithfully to the wire, for tests and the demo. Nothing of Linli's is in them."""

"""Processes killed in the middle of their work, on a server that must not forget what it has confirmed."""

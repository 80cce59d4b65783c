"""Replays: histories lived again, business date by business date, through the doors that the platform itself uses.

A replay sends events over HTTP, spends points over HTTP, and lets the nights pass by a simulated clock. It looks into
the database only to read totals, to run the audit and to know how far it came: nothing else tells it, so it may be
killed at any moment and started again.
"""

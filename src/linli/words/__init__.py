"""The words that the rooms share: events, facts, grants, units. Types only, no decisions, no SQL.

A room never imports another room; what they must both speak of stands here, once.
"""

"""A world to look at: neighbours of two cities who shop, check in, open groups, review, invite, and spend.

Their baskets are those of the Complete Journey, moved so that they end today; all else is drawn from seeds, so the same
day is the same for ever. Everything goes through the API, date by date, by a simulated clock, as in a replay.
"""

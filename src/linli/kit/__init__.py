"""Tools without a word of the business in them."""

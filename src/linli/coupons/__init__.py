"""Coupons: templates with their budgets, and the coupons of members, issued, locked, used and returned."""

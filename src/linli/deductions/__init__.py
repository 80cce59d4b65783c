"""Deductions: points that pay for a part of an order, split over its lines, held, captured, given back line by line."""

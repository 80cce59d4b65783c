"""The points mall: items, their stock and limits, and the orders that members make for points, or points and cash."""

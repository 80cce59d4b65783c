"""Drafts, buckets and steps."""

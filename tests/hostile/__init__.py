"""Hostile clients of many kinds at once, against the product in a process of its own."""

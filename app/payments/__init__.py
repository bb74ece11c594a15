"""Payments and refunds: what is asked for, what has come, what goes back (product.md §7)."""

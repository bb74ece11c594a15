"""Links by which clients look after an order without signing in."""

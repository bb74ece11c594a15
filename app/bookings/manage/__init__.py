"""Links by which clients look after a booking without signing in."""

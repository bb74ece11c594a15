"""Bookings that repeat: made, moved and cancelled together, and each with a life of its own."""

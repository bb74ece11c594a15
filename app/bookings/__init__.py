"""Bookings: the heart. Every taking of time goes through this room's conflict-checking service."""

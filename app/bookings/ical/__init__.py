"""Bookings for calendar programs (RFC 5545): one as a file, and private feeds to subscribe to."""

"""Voice: booking by saying it."""

"""Sales at the counter: an order that is paid and handed over at once."""

"""Orders of clients: placed, paid later, handed over; what they keep in stock meanwhile."""

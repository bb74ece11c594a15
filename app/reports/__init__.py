"""What the books say: figures over bookings, worked out by the database."""

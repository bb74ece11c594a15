"""What people are told, by mail and by text: of bookings, offers and their accounts."""

"""Hours, closures, allocations, free intervals: what bookings, holds and time off are made of."""

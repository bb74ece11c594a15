"""What runs in the background. The outbox table is the truth; a worker carries out what is due in it."""

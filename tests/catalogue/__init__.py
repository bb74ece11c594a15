"""The catalogue under a lease: what is kept, for how long, and who waits for it."""

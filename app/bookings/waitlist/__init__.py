"""Who waits for time to be freed: first come, first served, by an offer that nobody else can take meanwhile."""

"""A believable business to look at and to measure on."""

"""Programs that do the same SQL as we do and nothing else: how fast Python could be."""

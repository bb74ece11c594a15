"""Spaces that owners let by time: their catalogue, their hours and closures, how they are searched."""

"""What operators are handed: no program of ours reads these files, and nothing else notices when they go wrong."""

"""What clients say about the visits and the spaces that they had."""

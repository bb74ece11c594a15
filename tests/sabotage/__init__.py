"""What is taken out of the program on purpose, and the tests that must notice."""

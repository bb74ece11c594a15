"""Tests of what whoever runs this looks at."""

"""Tests of app.security."""

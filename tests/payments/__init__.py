"""Tests of payments and refunds."""

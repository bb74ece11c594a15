"""Accounts and their profiles."""

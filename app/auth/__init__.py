"""Coming in: registering and signing in."""

"""What `app.kit` promises."""

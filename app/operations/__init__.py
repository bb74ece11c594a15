"""What whoever runs this looks at: readiness, figures, slow statements, errors and traces."""

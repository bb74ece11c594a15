"""HTTP plumbing: problems, JSON, shapes, pages, documentation. No domain."""

"""What a client may need next: learnt from purchases by a job, read by the API; see docs/recommendations.md."""

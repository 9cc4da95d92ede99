"""The owner's own site: what its front page says, read from a file and checked; looks are in templates."""

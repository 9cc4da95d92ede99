"""What somebody has missed, and what they are told of while they look elsewhere."""

"""Who is here now, and what they are told as it happens."""

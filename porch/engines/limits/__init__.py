"""How often, how fast and how many at once."""

"""Who comes into a room and who is put out of it, and what members report."""

"""What is read without a session of the ORM: from memory, or by statements that are compiled once."""

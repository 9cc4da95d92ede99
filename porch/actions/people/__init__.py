"""Guests and accounts: their names, their sessions, and whom they want nothing from."""

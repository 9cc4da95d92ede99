"""Sending a message, and everything that may change it afterwards."""

"""The index of what was said, and what a word is to it."""

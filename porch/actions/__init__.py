"""Verbs: the only code that submits writes and says what to announce."""

"""Reading what was said: by cursor, around a message, from a moment on, by words."""

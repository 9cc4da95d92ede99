"""Files from outside: taken in, made fit to be served, and kept."""

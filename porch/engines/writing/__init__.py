"""The only way to the database that changes it: what waits is committed by one thread, then told."""

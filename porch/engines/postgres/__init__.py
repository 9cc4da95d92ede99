"""What PostgreSQL has in the place of SQLite: the writer's connection, how messages are appended, the index.

Nothing here imports the driver, which SQLAlchemy does for an address that asks for it: a site on SQLite
starts without it.
"""

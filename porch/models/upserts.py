"""`INSERT ... ON CONFLICT`, which SQLite and PostgreSQL write alike: SQLAlchemy has it for each of them, and
PostgreSQL's is written for SQLite as well.
"""

from sqlalchemy.dialects.postgresql import insert as upsert

__all__ = ["upsert"]

"""Which numbers can be ids or places in a log, and which texts keys: others make the database fail."""

LARGEST_ID = 2**63 - 1


def is_id(number: int) -> bool:
    return 1 <= number <= LARGEST_ID


def id_or_zero(number: int) -> int:
    """What to look for: 0 is in no row."""
    return number if is_id(number) else 0


def key_or_empty(text: str) -> str:
    """What to look for: "" is in no row. PostgreSQL takes no text with a NUL."""
    return "" if "\0" in text else text

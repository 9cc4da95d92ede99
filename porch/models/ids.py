"""Which numbers can be ids, or places in a log: asked for another one, the database fails."""

LARGEST_ID = 2**63 - 1


def is_id(number: int) -> bool:
    return 1 <= number <= LARGEST_ID


def id_or_zero(number: int) -> int:
    """What to look for: 0 is in no row."""
    return number if is_id(number) else 0

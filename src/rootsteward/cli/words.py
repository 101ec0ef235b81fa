"""Small pieces of English."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 account`, `10,000 accounts`; `plural` where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"

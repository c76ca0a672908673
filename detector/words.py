"""What is counted, in words."""


def many(number: int, one: str, ending: str = "s") -> str:
    """`1 call`, `2 calls`; another ending where that is not it."""
    return f"{number} {one}{ending if number != 1 else ''}"

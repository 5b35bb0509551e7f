"""What is wrong with a text that describes something, in the words of who wrote it."""

from pydantic import ValidationError


def fault_of(error: ValidationError) -> str:
    """Return the first field that is wrong and what is wrong with it; rows count from 1."""
    first = error.errors()[0]
    field = ".".join(str(one + 1 if isinstance(one, int) else one) for one in first["loc"])
    return f"{field or 'the text'}: {first['msg']}"

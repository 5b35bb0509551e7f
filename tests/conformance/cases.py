"""Which conformance tests are negative: what is wrong, refused, or must not happen."""

from collections.abc import Callable
from typing import Any


def negative(test: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a test as negative; `test_certification_cases.py` counts them."""
    test.is_negative = True  # type: ignore[attr-defined] - read by the count alone
    return test

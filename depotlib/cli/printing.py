"""How commands answer: one JSON object on stdout, messages on stderr, three exit codes."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, cast

from depotlib.errors import DepotError

EXIT_DONE: Final = 0
EXIT_BAD_INPUT: Final = 2
EXIT_FALLS_SHORT: Final = 3


def print_json(result: object) -> None:
    """Write one JSON object to stdout.

    Parameters
    ----------
    result : object
        Mappings, sequences, dataclasses, instants, `Decimal` and plain values.
    """
    sys.stdout.write(json.dumps(result, default=_plain, allow_nan=False) + "\n")
    sys.stdout.flush()


def print_message(text: str) -> None:
    """Write one line for a person to stderr."""
    sys.stderr.write(text + "\n")


def print_error(error: DepotError) -> None:
    """Write what, where and hint: as JSON for programs and as a line for people."""
    print_json({"error": {"what": error.what, "where": error.where, "hint": error.hint}})
    print_message(f"depot: {error}")


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple | frozenset | set):
        return list(cast("tuple[object, ...]", value))
    raise TypeError(f"cannot write a {type(value).__name__} as JSON")

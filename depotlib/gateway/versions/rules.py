"""What the schemas say: of what we send, everything; of what stations send, its own fields.

Of a notice only of the fields themselves, not of what lies inside: a report may hold thousands of variables,
and what changes nothing here needs no more than an answer that tells right from wrong.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, cast

from ocpp.messages import get_validator  # pyright: ignore[reportUnknownVariableType] - untyped

from depotlib.errors import FrameError
from depotlib.gateway.guard import CALL, Frame, Payload
from depotlib.gateway.versions.fields import Fields, fields_of

DECIMAL_SCHEMAS: Final = frozenset({("SetChargingProfile", "1.6")})
_IS_OF: Final[dict[str, Callable[[object], bool]]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    is_required: bool
    kind: str
    words: frozenset[object]


def require_valid(kind: int, action: str, *, payload: Payload, version: str) -> None:
    """Refuse what we are about to send where the schema of its version does.

    Parameters
    ----------
    kind : int
        Call or result.
    action : str
    payload : dict
    version : str

    Raises
    ------
    FrameError
        If it cannot be said so: too long, empty, finer than a tenth. It has no code: it is ours.
    """
    told = cast("dict[str, str]", payload)  # any JSON, which the stubs spell out
    if kind == CALL and (action, version) in DECIMAL_SCHEMAS:
        # A step of 0.1 can only be checked in decimals: 0.3 is no multiple of 0.1 in floats.
        validator = get_validator(kind, action, version, parse_float=Decimal)
        told = json.loads(json.dumps(payload), parse_float=Decimal)
    else:
        validator = get_validator(kind, action, version)
    error = next(validator.iter_errors(told), None)
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "that"
        raise FrameError(f"{action} cannot say {where} in OCPP {version}: {error.message[:100]}")


def require_fields(frame: Frame, version: str) -> None:
    """Refuse a call whose own fields are not what the schema of its version says.

    Fields that the schema does not know are passed over: vendors add some.

    Parameters
    ----------
    frame : Frame
    version : str
        As the schemas name it.

    Raises
    ------
    FrameError
        ``OccurenceConstraintViolation`` for one that is missing, ``TypeConstraintViolation`` for
        one of another type, ``PropertyConstraintViolation`` for a word that is none.
    """
    for rule in _rules(frame.action, version):
        value = frame.payload.get(rule.name)
        if value is None:
            if rule.is_required:
                raise _broken(frame, f"{rule.name} is missing", code="OccurenceConstraintViolation")
        elif not _IS_OF[rule.kind](value):
            what = f"{rule.name} is no {rule.kind}"
            raise _broken(frame, what, code="TypeConstraintViolation")
        elif rule.words and value not in rule.words:
            what = f"{rule.name} is no word of the protocol"
            raise _broken(frame, what, code="PropertyConstraintViolation")


@cache
def _rules(action: str, version: str) -> tuple[_Rule, ...]:
    schema = fields_of(cast("object", get_validator(CALL, action, version).schema))
    required = schema.get("required")
    kinds = fields_of(schema.get("definitions"))
    rules = [
        _rule(name, fields_of(one), kinds=kinds, required=required)
        for name, one in fields_of(schema.get("properties")).items()
    ]
    return tuple(rule for rule in rules if rule.kind in _IS_OF)  # some fields are of any type


def _rule(name: str, told: Fields, *, kinds: Fields, required: object) -> _Rule:
    reference = str(told.get("$ref") or "").rpartition("/")[2]
    kind = fields_of(kinds.get(reference)) if reference else told
    words = kind.get("enum")
    return _Rule(
        name=name,
        is_required=isinstance(required, list) and name in required,
        kind=str(kind.get("type")),
        words=frozenset(cast("list[object]", words)) if isinstance(words, list) else frozenset(),
    )


def _broken(frame: Frame, what: str, *, code: str) -> FrameError:
    return FrameError(what, code=code, call_id=frame.unique_id)

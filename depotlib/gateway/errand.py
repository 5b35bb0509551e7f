"""An errand: what an operator asks of a station in OCPP's own words, and how its facts are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from depotlib.errors import StationCallError
from depotlib.gateway.station import Station
from depotlib.model.identity import TAG_LENGTH
from depotlib.model.live import Scalar


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked of a station.

    Parameters
    ----------
    what : str
        A word of `errand_calls.ERRANDS`.
    reference : str
        Of the call, under which its answer comes back.
    connector : int
        As the station counts; 0: the whole station.
    facts : mapping of str to scalar
        What the word needs to be said.
    station : Station
    now : datetime
    """

    what: str
    reference: str
    connector: int
    facts: Mapping[str, Scalar]
    station: Station
    now: datetime


def refused(errand: Errand, why: str, *, hint: str) -> StationCallError:
    """Return the error for an errand that cannot be run."""
    return StationCallError(f"{errand.what[:40]}: {why}", where=errand.what[:40], hint=hint)


def text_of(errand: Errand, name: str, *, otherwise: str | None = None) -> str:
    """Return a text that must be there, or what stands in for it; `StationCallError` else."""
    value = errand.facts.get(name)
    if value is None and otherwise is not None:
        return otherwise
    if not isinstance(value, str) or not value.strip():
        raise refused(errand, f"{name} is missing or no text", hint=f"say {name}=…")
    return value.strip()


def token_of(errand: Errand) -> str:
    """Return the token; `StationCallError` if it is missing or longer than OCPP 1.6 can say."""
    token = text_of(errand, "token")
    if len(token) > TAG_LENGTH:
        raise refused(errand, "the token is too long", hint=f"at most {TAG_LENGTH} characters")
    return token


def whole_of(errand: Errand, name: str, *, least: int, otherwise: int | None = None) -> int:
    """Return a whole number of at least so much; `StationCallError` if it is none."""
    value = errand.facts.get(name)
    if value is None and otherwise is not None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**31:
        raise refused(
            errand, f"{name} is missing or no whole number", hint=f"give one from {least} on"
        )
    return value


def choice_of(errand: Errand, name: str, *, choices: tuple[str, ...]) -> str:
    """Return one of some words; `StationCallError` if it is another."""
    value = text_of(errand, name)
    if value not in choices:
        raise refused(errand, f"{name} {value[:40]!r}", hint=f"one of {', '.join(choices)}")
    return value


def claim_of(errand: Errand, name: str, *, otherwise: bool) -> bool:
    """Return true or false; `StationCallError` if it is neither."""
    value = errand.facts.get(name, otherwise)
    if not isinstance(value, bool):
        raise refused(errand, f"{name} is neither true nor false", hint=f"say {name}=true")
    return value


def instant_of(errand: Errand, name: str) -> datetime | None:
    """Return an instant in UTC, or None without any; `StationCallError` if it is no instant."""
    if errand.facts.get(name) is None:
        return None
    try:
        instant = datetime.fromisoformat(text_of(errand, name))
    except ValueError as error:
        raise refused(errand, f"{name} is no instant", hint="2026-11-21T05:00:00Z") from error
    if instant.tzinfo is None:
        raise refused(errand, f"{name} has no offset from UTC", hint="2026-11-21T05:00:00Z")
    return instant.astimezone(UTC)


def words_of(errand: Errand, name: str) -> tuple[str, ...]:
    """Return the parts of a text that commas separate; none without any."""
    parts = [part.strip() for part in text_of(errand, name, otherwise="").split(",")]
    return tuple(part for part in parts if part)

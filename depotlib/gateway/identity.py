"""Who is plugged in, by evidence: token, group, bay, telematics; each with its confidence.

Stronger evidence goes first and weaker evidence may contradict it: what does not fit together is
told as an exception, for a person to look at, and never kept silent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from depotlib.model.brief import Brief
from depotlib.model.identity import IdentitySource, Resolution
from depotlib.model.news import VehicleReading
from depotlib.model.release import Release

TOKEN_CONFIDENCE: Final = 0.95
CARD_CONFIDENCE: Final = 0.9
"""A card names a driver, and by the assignment of the day a vehicle."""
GROUP_CONFIDENCE: Final = 0.7
BAY_CONFIDENCE: Final = 0.6
TELEMATICS_CONFIDENCE: Final = 0.5
INFERRED_CONFIDENCE: Final = 0.95
"""What dispatch finds by arrival, position and charge comes with a figure of its own."""
CONFIDENCE: Final[dict[IdentitySource, float]] = {
    "tag": TOKEN_CONFIDENCE,
    "emaid": TOKEN_CONFIDENCE,
    "mac": TOKEN_CONFIDENCE,
    "card": CARD_CONFIDENCE,
    "bay": BAY_CONFIDENCE,
    "telematics": TELEMATICS_CONFIDENCE,
    "arrival": INFERRED_CONFIDENCE,
    "position": INFERRED_CONFIDENCE,
    "charge": INFERRED_CONFIDENCE,
    "person": 1.0,
    "none": 0.0,
}
FRESH: Final = timedelta(minutes=15)
"""A reading further from a plug-in says nothing of it."""
ABOUT: Final = timedelta(minutes=2)
"""How far apart station and vehicle may tell of the same instant."""
NOBODY: Final = Resolution(vehicle_id=None, source="none", confidence_share=0.0)


Refusal = Literal["invalid", "expired", "blocked"]
"""Why a token may not charge, in the protocol's words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is plugged in, whether the token may charge, and what a person should look at.

    Parameters
    ----------
    who : Resolution
    may_charge : bool
    exception : str
        Empty: nothing to look at.
    refusal : {'invalid', 'expired', 'blocked'}
        Why not, where it may not.
    parent : str
        Token of its group; empty: none.
    """

    who: Resolution
    may_charge: bool
    exception: str = ""
    refusal: Refusal = "invalid"
    parent: str = ""


class Identify(Protocol):
    """Says who is behind a token on a connector at an instant."""

    def __call__(self, token: str, connector_id: str, *, at: datetime) -> Verdict:
        """Return the verdict."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen beside the token.

    Parameters
    ----------
    plugged : mapping of str to str
        Vehicles that charge now, with their connectors.
    readings : tuple of VehicleReading
        The latest of each vehicle.
    """

    plugged: Mapping[str, str] = field(default_factory=dict[str, str])
    readings: tuple[VehicleReading, ...] = ()


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is known of a plug-in beside the token.

    Parameters
    ----------
    connector_id : str
    at : datetime
    brief : Brief
    planned : str or None
        Vehicle planned on the connector.
    plugged : mapping of str to str
        Vehicles that charge now, with their connectors.
    readings : mapping of str to VehicleReading
        Fresh ones, by vehicle.
    """

    connector_id: str
    at: datetime
    brief: Brief
    planned: str | None
    plugged: Mapping[str, str]
    readings: Mapping[str, VehicleReading]

    def is_free(self, vehicle_id: str) -> bool:
        """Return whether a vehicle charges on no other connector."""
        return self.plugged.get(vehicle_id, self.connector_id) == self.connector_id

    def is_away(self, vehicle_id: str) -> bool:
        """Return whether telematics says that a vehicle is elsewhere, or is not plugged in."""
        reading = self.readings.get(vehicle_id)
        if reading is None:
            return False
        # Before the plug-in a vehicle was not plugged in, which proves nothing.
        is_loose = reading.is_plugged is False and reading.at >= self.at + ABOUT
        return is_loose or (reading.is_at_depot is False and reading.at >= self.at - ABOUT)

    def is_seen(self, vehicle_id: str) -> bool:
        """Return whether telematics says that a vehicle was plugged in here about then."""
        reading = self.readings.get(vehicle_id)
        if reading is None or not reading.is_plugged or reading.is_at_depot is False:
            return False
        return reading.at >= self.at - ABOUT and vehicle_id not in self.plugged


def identify(
    token: str,
    connector_id: str,
    *,
    at: datetime,
    brief: Brief,
    release: Release | None,
    seen: Seen,
) -> Verdict:
    """Return who is behind a token on a connector.

    Parameters
    ----------
    token : str
        As the station sent it; empty: none.
    connector_id : str
    at : datetime
        When it was offered.
    brief : Brief
        Tokens, bays, and the policy for the unknown.
    release : Release or None
        In force; its windows name who is planned on the connector.
    seen : Seen
    """
    evidence = _Evidence(
        connector_id=connector_id,
        at=at,
        brief=brief,
        planned=planned_vehicle(connector_id, at=at, brief=brief, release=release),
        plugged=seen.plugged,
        readings={one.vehicle_id: one for one in seen.readings if abs(at - one.at) <= FRESH},
    )
    who, complaint = _by_token(token, evidence)
    is_known = who.vehicle_id is not None
    refusal = _refusal_of(token, evidence)
    is_blocked = refusal == "blocked"
    may_charge = is_known or (brief.unknown_policy == "accept_all" and not is_blocked)
    if is_known and evidence.is_free(who.vehicle_id or ""):
        return Verdict(
            who, may_charge=True, exception=complaint, parent=_parent_of(token, evidence)
        )
    if not may_charge:
        return Verdict(NOBODY, may_charge=False, exception=complaint, refusal=refusal)
    if is_known:
        elsewhere = seen.plugged[who.vehicle_id or ""]
        complaint = (
            f"the token {token!r} names {who.vehicle_id}, which charges on {elsewhere} already"
        )
    guess, doubt = _by_place(evidence)
    if guess.vehicle_id is None:
        return Verdict(NOBODY, may_charge=True, exception=f"{complaint}{doubt}")
    by = "its bay" if guess.source == "bay" else "telematics"
    return Verdict(guess, may_charge=True, exception=f"{complaint}; taken for {guess.vehicle_id} "
                   f"by {by}{doubt}")  # fmt: skip


def planned_vehicle(
    connector_id: str, *, at: datetime, brief: Brief, release: Release | None
) -> str | None:
    """Return the vehicle planned on a connector at an instant, or None.

    The release in force knows better than the brief, which was written before it.
    """
    schedules = release.schedules if release is not None else ()
    windows = (
        (schedule.connector_id, schedule.vehicle_id, schedule.steps[0].start, schedule.valid_to)
        for schedule in schedules
    )
    bays = ((bay.connector_id, bay.vehicle_id, bay.start, bay.end) for bay in brief.bays)
    return _first_at(windows, connector_id, at=at) or _first_at(bays, connector_id, at=at)


def _by_token(token: str, evidence: _Evidence) -> tuple[Resolution, str]:
    """Return whom a token names, and what does not fit; nobody: why not."""
    if not token.strip():
        return NOBODY, "no token was offered"
    records = evidence.brief.identities.named(token)
    valid = [one for one in records if one.holds_at(evidence.at)]
    if valid:
        named = Resolution(valid[0].vehicle_id, valid[0].kind, CONFIDENCE[valid[0].kind])
        others = sorted({one.vehicle_id for one in valid} - {valid[0].vehicle_id})
        if others:
            return named, f"the token {token!r} names {named.vehicle_id}, and {others[0]} too"
        if evidence.is_away(valid[0].vehicle_id):
            where = "telematics says that it is not plugged in here"
            return named, f"the token {token!r} names {named.vehicle_id}, but {where}"
        return named, ""
    if records:
        word = "blocked" if any(one.is_blocked for one in records) else "not valid at this time"
        return NOBODY, f"the token {token!r} of {records[0].vehicle_id} is {word}"
    return _by_group(token, evidence)


def _parent_of(token: str, evidence: _Evidence) -> str:
    """Return the group that a token belongs to, so that its station lets one of it end another's."""
    records = evidence.brief.identities.named(token)
    return next((one.parent for one in records if one.holds_at(evidence.at)), "")


def _refusal_of(token: str, evidence: _Evidence) -> Refusal:
    """Return why a token names nobody: it is blocked, its time is over, or it is unknown."""
    records = evidence.brief.identities.named(token)
    if any(one.is_blocked for one in records):
        return "blocked"
    is_over = bool(records) and all(
        one.valid_to is not None and one.valid_to <= evidence.at for one in records
    )
    return "expired" if is_over else "invalid"


def _by_group(token: str, evidence: _Evidence) -> tuple[Resolution, str]:
    """Return the one vehicle of a group that it can be, if the token is the group's."""
    group = evidence.brief.identities.vehicles_of_parent(token, evidence.at)
    if not group:
        return NOBODY, f"the token {token!r} names no vehicle at this time"
    if evidence.planned in group and evidence.is_free(evidence.planned or ""):
        return Resolution(evidence.planned, "tag", GROUP_CONFIDENCE), ""
    free = sorted(one for one in group if evidence.is_free(one))
    if len(free) == 1:
        return Resolution(free[0], "tag", GROUP_CONFIDENCE), ""
    return NOBODY, f"the token {token!r} stands for a group, and {len(free)} of it may be here"


def _by_place(evidence: _Evidence) -> tuple[Resolution, str]:
    """Return who it is by bay or telematics, and what speaks against the bay."""
    planned, doubt = evidence.planned, ""
    if planned is not None and evidence.is_free(planned):
        if not evidence.is_away(planned):
            return Resolution(planned, "bay", BAY_CONFIDENCE), ""
        doubt = f"; {planned} is planned here, but telematics says that it is not plugged in here"
    seen = [name for name in evidence.readings if evidence.is_seen(name)]
    if len(seen) == 1:
        return Resolution(seen[0], "telematics", TELEMATICS_CONFIDENCE), doubt
    return NOBODY, doubt


def _first_at(
    windows: Iterable[tuple[str, str, datetime, datetime]], connector_id: str, *, at: datetime
) -> str | None:
    for place, vehicle_id, start, end in windows:
        if place == connector_id and start <= at < end:
            return vehicle_id
    return None

"""Who is plugged in: the token's vehicle, else the one planned on the bay, else nobody known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from depotlib.model.brief import Brief
from depotlib.model.identity import IdentitySource, Resolution, normal_token
from depotlib.model.release import Release

TOKEN_CONFIDENCE: Final = 0.95
BAY_CONFIDENCE: Final = 0.6
NOBODY: Final = Resolution(vehicle_id=None, source="none", confidence_share=0.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who is plugged in, whether the token may charge, and what a person should look at.

    Parameters
    ----------
    who : Resolution
    may_charge : bool
    exception : str
        Empty: nothing to look at.
    """

    who: Resolution
    may_charge: bool
    exception: str = ""


class Identify(Protocol):
    """Says who is behind a token on a connector at an instant."""

    def __call__(self, token: str, connector_id: str, *, at: datetime) -> Verdict:
        """Return the verdict."""
        ...


def identify(
    token: str,
    connector_id: str,
    *,
    at: datetime,
    brief: Brief,
    release: Release | None,
    plugged: Mapping[str, str],
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
    plugged : mapping of str to str
        Vehicles that charge elsewhere now, with their connectors.
    """
    named = brief.identities.vehicle_of(token, at) if token.strip() else None
    elsewhere = plugged.get(named, connector_id) if named is not None else connector_id
    if named is not None and elsewhere == connector_id:
        source = _source(token, brief)
        return Verdict(Resolution(named, source, TOKEN_CONFIDENCE), may_charge=True)
    complaint = (
        f"the token {token!r} names {named}, which charges on {elsewhere} already"
        if named is not None
        else f"the token {token!r} names no vehicle at this time"
    )
    planned = planned_vehicle(connector_id, at=at, brief=brief, release=release)
    may_charge = brief.unknown_policy == "accept_all" or named is not None
    if planned is not None and planned not in plugged and may_charge:
        who = Resolution(planned, "bay", BAY_CONFIDENCE)
        return Verdict(
            who, may_charge=True, exception=f"{complaint}; taken for {planned} by its bay"
        )
    return Verdict(NOBODY, may_charge=may_charge, exception=complaint)


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


def _first_at(
    windows: Iterable[tuple[str, str, datetime, datetime]], connector_id: str, *, at: datetime
) -> str | None:
    for place, vehicle_id, start, end in windows:
        if place == connector_id and start <= at < end:
            return vehicle_id
    return None


def _source(token: str, brief: Brief) -> IdentitySource:
    wanted = normal_token(token)
    for record in brief.identities.tokens:
        if normal_token(record.token) == wanted:
            return record.kind
    return "tag"

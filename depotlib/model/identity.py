"""Who is plugged in: tokens, cards and bays that name a vehicle."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

TokenKind = Literal["tag", "card", "mac", "emaid"]
IdentitySource = Literal["tag", "card", "mac", "emaid", "bay", "telematics", "person", "none"]

TAG_LENGTH: Final = 20
"""OCPP 1.6 idTags are case-insensitive and at most 20 characters (CiString20Type)."""


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A token that stands for a vehicle, within a validity.

    Parameters
    ----------
    token : str
        As printed or sent; compared case-insensitively, cut to 20 characters.
    kind : {'tag', 'card', 'mac', 'emaid'}
    vehicle_id : str
    valid_from, valid_to : datetime or None
        Half-open validity; None is open.
    """

    token: str
    kind: TokenKind
    vehicle_id: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who we believe is plugged in, and why.

    Parameters
    ----------
    vehicle_id : str or None
        None: nobody we know.
    source : str
        The evidence it rests on.
    confidence_share : float
        0-1.
    """

    vehicle_id: str | None
    source: IdentitySource
    confidence_share: float


@dataclass(frozen=True, slots=True)
class BayAssignment:
    """The vehicle that is planned on a connector within a half-open span."""

    connector_id: str
    vehicle_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class IdentityMap:
    """Every token of the depot."""

    tokens: tuple[IdentityToken, ...] = ()

    def vehicle_of(self, token: str, at: datetime) -> str | None:
        """Return the vehicle that a token stands for at an instant, or None."""
        wanted = normal_token(token)
        for record in self.tokens:
            if normal_token(record.token) != wanted:
                continue
            if (record.valid_from is None or record.valid_from <= at) and (
                record.valid_to is None or at < record.valid_to
            ):
                return record.vehicle_id
        return None


def normal_token(token: str) -> str:
    """Return a token as it is compared: trimmed, upper-case, at most 20 characters."""
    return token.strip().upper()[:TAG_LENGTH]

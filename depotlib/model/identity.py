"""Who is plugged in: tokens, cards and bays that name a vehicle."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

TokenKind = Literal["tag", "card", "mac", "emaid"]
InferredSource = Literal["arrival", "position", "charge"]
"""What telematics and meters say together: when it came, where it stands, how it charges."""
IdentitySource = (
    Literal["tag", "card", "mac", "emaid", "bay", "telematics", "person", "none"] | InferredSource
)
INFERRED: Final[dict[str, InferredSource]] = {
    "arrival": "arrival",
    "position": "position",
    "charge": "charge",
}
CERTAIN: Final = frozenset({"tag", "card", "mac", "emaid", "person"})
"""Sources that say who it is; all others are guesses, however good."""

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
    parent : str
        Token of the group it belongs to; empty: none.
    is_blocked : bool
        Lost or withdrawn: nobody may charge with it, whatever the policy for the unknown.
    """

    token: str
    kind: TokenKind
    vehicle_id: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    parent: str = ""
    is_blocked: bool = False

    def holds_at(self, at: datetime) -> bool:
        """Return whether it stands for its vehicle at an instant."""
        if self.is_blocked:
            return False
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_to is None or at < self.valid_to
        )


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

    def named(self, token: str) -> tuple[IdentityToken, ...]:
        """Return the records of a token, whenever they hold: those spelt the same, if there are any.

        Else those whose first 20 characters are the same, which is all that OCPP 1.6 can send.
        """
        wanted = normal_token(token)
        whole = token.strip().upper()
        cut = tuple(one for one in self.tokens if normal_token(one.token) == wanted)
        return tuple(one for one in cut if one.token.strip().upper() == whole) or cut

    def vehicle_of(self, token: str, at: datetime) -> str | None:
        """Return the vehicle that a token stands for at an instant, or None."""
        return next((one.vehicle_id for one in self.named(token) if one.holds_at(at)), None)

    def vehicles_of_parent(self, token: str, at: datetime) -> frozenset[str]:
        """Return the vehicles whose tokens belong to a group at an instant; empty: no such group."""
        wanted = normal_token(token)
        return frozenset(
            one.vehicle_id
            for one in self.tokens
            if one.parent and normal_token(one.parent) == wanted and one.holds_at(at)
        )


def normal_token(token: str) -> str:
    """Return a token as it is compared: trimmed, upper-case, at most 20 characters."""
    return token.strip().upper()[:TAG_LENGTH]

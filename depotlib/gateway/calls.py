"""Our calls to a station beyond its limits: sessions, availability, tokens, what it holds."""

from dataclasses import dataclass

from depotlib.gateway.profiles import Purpose
from depotlib.gateway.ranks import RANK_CONFIGURE, RANK_SESSION, RANK_VERIFY


@dataclass(frozen=True, slots=True)
class ClearProfiles:
    """ClearChargingProfile by id, else by what is given; nothing given: all.

    Parameters
    ----------
    reference : str
    profile_id : int or None
    connector : int or None
    purpose : {'station_maximum', 'default', 'transaction'} or None
    stack_level : int or None
    rank : int
    """

    reference: str
    profile_id: int | None = None
    connector: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadProfiles:
    """GetChargingProfiles (2.x): which profiles of ours it holds; told in `ProfilesTold`."""

    reference: str
    request_id: int
    connector: int | None = None
    rank: int = RANK_VERIFY


@dataclass(frozen=True, slots=True)
class StartRemotely:
    """RemoteStartTransaction, RequestStartTransaction."""

    reference: str
    connector: int
    token: str
    request_id: int = 0
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class StopRemotely:
    """RemoteStopTransaction, RequestStopTransaction; 2.x goes by the station's own name."""

    reference: str
    transaction_id: int
    name: str = ""
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class SetAvailability:
    """ChangeAvailability; connector 0: the whole station."""

    reference: str
    connector: int
    is_operative: bool
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class Restart:
    """Reset: at once, or softly (1.6) or when idle (2.x)."""

    reference: str
    is_hard: bool
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class Unlock:
    """UnlockConnector."""

    reference: str
    connector: int
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class SendTokens:
    """SendLocalList, whole: tokens that may charge while there is no connection."""

    reference: str
    list_version: int
    tokens: tuple[str, ...]
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadTokensVersion:
    """GetLocalListVersion."""

    reference: str
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadInventory:
    """GetBaseReport (2.x): everything that can be configured; told in NotifyReport."""

    reference: str
    request_id: int
    rank: int = RANK_CONFIGURE

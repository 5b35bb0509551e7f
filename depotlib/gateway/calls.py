"""Our calls to a station: its limits and settings, sessions, availability, tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from depotlib.gateway.profiles import ChargingProfile, Purpose
from depotlib.gateway.ranks import RANK_CONFIGURE, RANK_SESSION, RANK_VERIFY

Telling = Literal[
    "BootNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "SignCertificate",
    "StatusNotification",
]
"""What a station can be asked to say."""
Report = Literal["configuration", "full", "summary"]


@dataclass(frozen=True, slots=True)
class InstallProfile:
    """SetChargingProfile."""

    reference: str
    profile: ChargingProfile
    rank: int


@dataclass(frozen=True, slots=True)
class ReadComposite:
    """GetCompositeSchedule of a connector."""

    reference: str
    connector: int
    duration_s: int
    unit: str
    rank: int = RANK_VERIFY


@dataclass(frozen=True, slots=True)
class ReadConfiguration:
    """GetConfiguration."""

    reference: str
    keys: tuple[str, ...]
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ChangeConfiguration:
    """ChangeConfiguration."""

    reference: str
    key: str
    value: str
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class AskFor:
    """TriggerMessage: say this again; connector 0: of the whole station."""

    reference: str
    message: Telling
    rank: int = RANK_CONFIGURE
    connector: int = 0


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
    """GetChargingProfiles (2.x): by id, else by what is given, else all of ours.

    Told in `ProfilesTold`.

    Parameters
    ----------
    reference : str
    request_id : int
    connector : int or None
        0: those of the station itself; None: wherever they are.
    rank : int
    profile_id : int or None
    purpose : {'station_maximum', 'default', 'transaction'} or None
    stack_level : int or None
    """

    reference: str
    request_id: int
    connector: int | None = None
    rank: int = RANK_VERIFY
    profile_id: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None


@dataclass(frozen=True, slots=True)
class StartRemotely:
    """RemoteStartTransaction, RequestStartTransaction.

    Parameters
    ----------
    reference : str
    connector : int
    token : str
    request_id : int
        Of 2.x, which tells it in the transaction.
    rank : int
    profile : ChargingProfile or None
        Of purpose ``transaction``, without a transaction (OCPP 1.6 section 5.16.2): its limit from
        the first moment on.
    """

    reference: str
    connector: int
    token: str
    request_id: int = 0
    rank: int = RANK_SESSION
    profile: ChargingProfile | None = None


@dataclass(frozen=True, slots=True)
class StopRemotely:
    """RemoteStopTransaction, RequestStopTransaction; 2.x goes by the station's own name."""

    reference: str
    transaction_id: int
    name: str = ""
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class SetAvailability:
    """ChangeAvailability; connector 0: the whole station.

    Parameters
    ----------
    reference : str
    connector : int
    is_operative : bool
    rank : int
    is_connector : bool
        2.x: of the EVSE's connector alone, not of the EVSE.
    """

    reference: str
    connector: int
    is_operative: bool
    rank: int = RANK_SESSION
    is_connector: bool = False


@dataclass(frozen=True, slots=True)
class Restart:
    """Reset: at once, or softly (1.6) or when idle (2.x); of one EVSE alone in 2.x only."""

    reference: str
    is_hard: bool
    rank: int = RANK_SESSION
    connector: int = 0


@dataclass(frozen=True, slots=True)
class Unlock:
    """UnlockConnector."""

    reference: str
    connector: int
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class Reserve:
    """ReserveNow: a connector is kept for a token until an instant; 0: any of the station's."""

    reference: str
    reservation_id: int
    connector: int
    token: str
    until: datetime
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class CancelReservation:
    """CancelReservation."""

    reference: str
    reservation_id: int
    rank: int = RANK_SESSION


@dataclass(frozen=True, slots=True)
class SendTokens:
    """SendLocalList: tokens that may charge while there is no connection.

    Parameters
    ----------
    reference : str
    list_version : int
        Above 0 and above the one before.
    tokens : tuple of str
    rank : int
    is_whole : bool
        False: these are added to the list that it has.
    removed : tuple of str
        Taken out of the list that it has; only where it is not sent whole.
    """

    reference: str
    list_version: int
    tokens: tuple[str, ...]
    rank: int = RANK_CONFIGURE
    is_whole: bool = True
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadTokensVersion:
    """GetLocalListVersion."""

    reference: str
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadInventory:
    """GetBaseReport (2.x): what can be configured, or all there is; told in NotifyReport."""

    reference: str
    request_id: int
    report: Report = "full"
    rank: int = RANK_CONFIGURE


@dataclass(frozen=True, slots=True)
class ReadTransaction:
    """GetTransactionStatus (2.x): whether it runs, and whether more of it is still to be told.

    Parameters
    ----------
    reference : str
    name : str
        The station's own for the transaction; empty: of all of them, what is still to be told.
    rank : int
    """

    reference: str
    name: str = ""
    rank: int = RANK_VERIFY

"""Neutral words between OCPP versions and the station state machine: events in, commands out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from depotlib.gateway.assurance import AssuranceCall, AssuranceTold
from depotlib.gateway.calls import (
    AskFor,
    CancelReservation,
    ChangeConfiguration,
    ClearProfiles,
    InstallProfile,
    ReadComposite,
    ReadConfiguration,
    ReadInventory,
    ReadProfiles,
    ReadTokensVersion,
    ReadTransaction,
    Reserve,
    Restart,
    SendTokens,
    SetAvailability,
    StartRemotely,
    StopRemotely,
    Unlock,
)
from depotlib.gateway.identity import Refusal
from depotlib.gateway.negotiation import NegotiationTold
from depotlib.gateway.profiles import Period
from depotlib.gateway.reports import FaultTold, ReportTold
from depotlib.gateway.upkeep import UpkeepCall

Outcome = Literal["accepted", "rejected", "unknown"]

# --- events: what a station or its connection says ---------------------------------------


@dataclass(frozen=True, slots=True)
class Connected:
    """A station has an authenticated connection."""

    version: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Its connection is gone."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Booted:
    """BootNotification."""

    call_id: str
    vendor: str
    model: str
    serial: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class HeartbeatAsked:
    """Heartbeat: it wants to know the time."""

    call_id: str


@dataclass(frozen=True, slots=True)
class StatusReported:
    """StatusNotification; connector 0 is the station."""

    call_id: str
    connector: int
    status: str
    error_code: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenOffered:
    """Authorize: asks whether this token may charge; perhaps with a contract certificate (2.x)."""

    call_id: str
    token: str
    is_contract: bool = False


@dataclass(frozen=True, slots=True)
class TransactionStarted:
    """StartTransaction, perhaps replayed.

    Parameters
    ----------
    call_id : str
    connector : int
    token : str
        Empty: none was offered (yet).
    meter_start_kwh : float or None
        None: not told; the first register that is read counts.
    at : datetime
    transaction_id : int or None
        None: ours to give (1.6); else follows from the station's own name for it (2.x).
    name : str
        The station's own (2.x).
    """

    call_id: str
    connector: int
    token: str
    meter_start_kwh: float | None
    at: datetime
    transaction_id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class MeterSample:
    """What a meter said at an instant; None: nothing about it.

    Parameters
    ----------
    at : datetime
    power_kw, register_kwh : float or None
    soc : float or None
        0-1.
    phase_current_a, current_a : float or None
        The highest that is told of a phase; told without a phase.
    """

    at: datetime
    power_kw: float | None = None
    register_kwh: float | None = None
    soc: float | None = None
    phase_current_a: float | None = None
    current_a: float | None = None


@dataclass(frozen=True, slots=True)
class MeterReported:
    """MeterValues."""

    call_id: str
    connector: int
    transaction_id: int | None
    samples: tuple[MeterSample, ...]
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class TransactionEnded:
    """StopTransaction."""

    call_id: str
    transaction_id: int
    meter_stop_kwh: float | None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class TransactionTold:
    """TransactionEvent of 2.x: start, update or end, in any order, perhaps replayed.

    Parameters
    ----------
    call_id : str
    phase : {'started', 'updated', 'ended'}
    name : str
        The station's own for the transaction.
    seq : int
        Its place among what the station says.
    at : datetime
    connector : int or None
        EVSE id; None: not told (yet).
    token : str or None
        None: this message offers none.
    samples : tuple of MeterSample
    status : str
        In 1.6's words; empty: not told.
    is_offline : bool
        It is history, said again after a lost connection.
    reason : str
        Of the end.
    trigger : str
        Why it is said, in the station's word.
    """

    call_id: str
    phase: Literal["started", "updated", "ended"]
    name: str
    seq: int
    at: datetime
    connector: int | None = None
    token: str | None = None
    samples: tuple[MeterSample, ...] = ()
    status: str = ""
    is_offline: bool = False
    reason: str = ""
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class VehicleTold:
    """NotifyEvent with the identity of the vehicle on an EVSE, or a token after the start (2.x).

    Parameters
    ----------
    call_id : str
    connector : int
    token : str
    transaction_id : int or None
        Whose token it is; None: of whatever runs there.
    """

    call_id: str
    connector: int
    token: str
    transaction_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """A message that wants an answer and changes nothing (DataTransfer, firmware status …).

    Parameters
    ----------
    call_id : str
    action : str
    status : str
        How far firmware or a log has come, in the station's word; empty: not told.
    """

    call_id: str
    action: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Replied:
    """The outcome of one of our calls; a timeout and a lost connection are ``unknown``.

    Parameters
    ----------
    reference : str
        The call's own, as its command gave it.
    outcome : {'accepted', 'rejected', 'unknown'}
    note : str
        The station's word, or why there is none.
    latency_s : float
        From sent to answered [s].
    facts : mapping of str to str
        Configuration it told.
    periods : tuple of Period
        Composite schedule it told, in `unit`, from `periods_from` on.
    unit : str
    periods_from : datetime or None
    """

    reference: str
    outcome: Outcome
    note: str = ""
    latency_s: float = 0.0
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    periods: tuple[Period, ...] = ()
    unit: str = ""
    periods_from: datetime | None = None


Event = (
    Connected
    | Disconnected
    | Booted
    | HeartbeatAsked
    | StatusReported
    | TokenOffered
    | TransactionStarted
    | MeterReported
    | TransactionEnded
    | TransactionTold
    | VehicleTold
    | NegotiationTold
    | AssuranceTold
    | FaultTold
    | ReportTold
    | NoticeGiven
    | Replied
)

# --- commands: answers to a station's calls -----------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerBoot:
    """The time, and the interval of heartbeats; or, while it is pending, when to boot again."""

    call_id: str
    at: datetime
    interval_s: int
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class AnswerHeartbeat:
    """The time."""

    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerToken:
    """Whether a token may charge, why not, and the token of its group; of a contract (2.x)."""

    call_id: str
    is_accepted: bool
    refusal: Refusal = "invalid"
    parent: str = ""
    is_contract: bool = False


@dataclass(frozen=True, slots=True)
class AnswerStart:
    """A transaction's number; always given, even to a token that may not charge."""

    call_id: str
    transaction_id: int
    is_accepted: bool
    refusal: Refusal = "invalid"
    parent: str = ""


@dataclass(frozen=True, slots=True)
class AnswerEmpty:
    """An answer without content, in the shape its action asks for."""

    call_id: str
    action: str


@dataclass(frozen=True, slots=True)
class AnswerTransaction:
    """The answer to a TransactionEvent; `is_accepted` None: it offered no token."""

    call_id: str
    is_accepted: bool | None
    refusal: Refusal = "invalid"


@dataclass(frozen=True, slots=True)
class AnswerStatus:
    """An answer that is one word of the action's own."""

    call_id: str
    action: str
    status: str


Answer = (
    AnswerBoot
    | AnswerHeartbeat
    | AnswerToken
    | AnswerStart
    | AnswerEmpty
    | AnswerTransaction
    | AnswerStatus
)

# --- commands: our calls ------------------------------------------------------------------


Call = (
    InstallProfile
    | ReadComposite
    | ReadConfiguration
    | ChangeConfiguration
    | AskFor
    | ClearProfiles
    | ReadProfiles
    | StartRemotely
    | StopRemotely
    | SetAvailability
    | Restart
    | Unlock
    | SendTokens
    | ReadTokensVersion
    | ReadInventory
    | ReadTransaction
    | Reserve
    | CancelReservation
    | AssuranceCall
    | UpkeepCall
)
Command = Answer | Call

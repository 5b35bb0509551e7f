"""What the processes tell each other through the exchange: states, requests, journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from depotlib.model.journal_kind import JournalKind
from depotlib.model.release import LimitStep

Scalar = str | float | int | bool | None
DEFAULT_SLOT: Final = "default"
"""Where a station keeps a lease that outlives transactions."""
OPEN_STATES: Final = frozenset({"recorded", "sent"})
"""Of a lease that waits for its answer."""

StationClass = Literal["A", "B", "C"]
LimitUnit = Literal["A", "W"]
Rung = Literal["zero", "stop", "inoperative", "person", "contained"]
SafeLimitTold = Literal["", "as sent", "higher", "nothing"]
"""What a station told of its safe limit since its boot; empty: it has not been asked yet."""
RequestKind = Literal["push", "rollback"]
RequestState = Literal["queued", "running", "finished", "abandoned", "refused"]
PushState = Literal["queued", "sent", "accepted", "rejected", "unknown", "read_back", "metered"]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Something that happened, before it is chained.

    Parameters
    ----------
    at : datetime
    kind : JournalKind
    station_id, connector_id : str or None
    payload : mapping of str to scalar
        Facts, with units in their names.
    """

    at: datetime
    kind: JournalKind
    station_id: str | None = None
    connector_id: str | None = None
    payload: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A journal entry with its place in the chain."""

    seq: int
    entry: JournalEntry
    hash: str


@dataclass(frozen=True, slots=True)
class ConnectorState:
    """A connector as the gateway sees it now.

    Parameters
    ----------
    connector_id : str
    status : str
        OCPP 1.6 status word.
    session_id, vehicle_id : str or None
        The vehicle as resolved.
    identity_source : str
    power_kw : float
    energy_kwh : float
        Of the running session.
    soc : float or None
    limit_kw : float
        Limit in force now, as accepted by the station (its safe limit without a lease).
    reserved_kw : float
        What the ledger reserves for it now.
    session_started_at, measured_at : datetime or None
    safe_limit_kw : float
        What it keeps when nobody talks to it.
    lease_until : datetime or None
        End of the lease in force; None: its safe limit holds.
    above_kw : float
        What its newest sample is above all that it was permitted then.
    safe_limit_told : SafeLimitTold
        What its station says of its safe limit, read back after its boot.
    """

    connector_id: str
    status: str
    session_id: str | None
    vehicle_id: str | None
    identity_source: str
    power_kw: float
    energy_kwh: float
    soc: float | None
    limit_kw: float
    reserved_kw: float
    session_started_at: datetime | None = None
    measured_at: datetime | None = None
    safe_limit_kw: float = 0.0
    lease_until: datetime | None = None
    above_kw: float = 0.0
    safe_limit_told: SafeLimitTold = ""


@dataclass(frozen=True, slots=True)
class StationState:
    """A station as the gateway sees it now.

    Parameters
    ----------
    station_id : str
    is_connected : bool
    station_class : {'A', 'B', 'C'}
    is_fallback_armed : bool
    last_seen : datetime or None
    vendor, model : str
    connectors : tuple of ConnectorState
    ocpp_version : str
        Of its connection; empty: it has had none yet.
    dialect : str
        How limits are said to it, in words.
    last_message : str
        What it said last.
    """

    station_id: str
    is_connected: bool
    station_class: StationClass
    is_fallback_armed: bool
    last_seen: datetime | None
    vendor: str
    model: str
    connectors: tuple[ConnectorState, ...]
    ocpp_version: str = ""
    dialect: str = ""
    last_message: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """A permission above the safe limit, recorded before a byte of it is sent (I2).

    Parameters
    ----------
    station_id, connector_id : str
    seq : int
        Rising per connector.
    epoch : int
        Connection epoch in which it was sent.
    steps : tuple of LimitStep
        As sent, guards included.
    valid_to : datetime
    state : str
        ``recorded``, ``sent``, ``accepted``, ``rejected``, ``unknown`` or ``released``.
    release_id : str
    sent_at, answered_at : datetime or None
    answered_epoch : int or None
    slot : str
        Where the station keeps it: ``default`` (outlives transactions), or ``tx-`` and the
        transaction it dies with. Only a later lease in the same slot replaces it.
    unit : {'A', 'W'}
        In which it was sent: amperes hold for each phase, watts for all of them together.
    """

    station_id: str
    connector_id: str
    seq: int
    epoch: int
    steps: tuple[LimitStep, ...]
    valid_to: datetime
    state: str
    release_id: str
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    answered_epoch: int | None = None
    slot: str = DEFAULT_SLOT
    unit: LimitUnit = "W"


def lease_in_force(leases: Iterable[Lease], *, now: datetime) -> Lease | None:
    """Return what a connector goes by of its leases, or None: its safe limit holds."""
    accepted = [one for one in leases if one.state == "accepted" and now < one.valid_to]
    # A lease of the running transaction goes before the default below it.
    return max(accepted, key=lambda one: (one.slot != DEFAULT_SLOT, one.seq), default=None)


@dataclass(frozen=True, slots=True)
class Distrust:
    """A connector caught above its limit; its station is class C until an operator clears it.

    Parameters
    ----------
    station_id, connector_id : str
    caught_at : datetime
    power_kw : float
        The most that was measured above the limit.
    limit_kw : float
        What it was permitted then.
    rung : Rung
        What was tried last: 0 A, stop, out of service, a person; or that it draws nothing now.
    rung_at : datetime
    """

    station_id: str
    connector_id: str
    caught_at: datetime
    power_kw: float
    limit_kw: float
    rung: Rung
    rung_at: datetime


@dataclass(frozen=True, slots=True)
class DialectFound:
    """How a station was found to take limits, beside what its make is known for.

    Parameters
    ----------
    station_id, vendor, model : str
    firmware : str
        With which it was found; another one may do otherwise.
    found_at : datetime
    changes : mapping of str to scalar
        By field of the gateway's dialect.
    reported : mapping of str to str
        Configuration it told, by key.
    """

    station_id: str
    vendor: str
    model: str
    firmware: str
    found_at: datetime
    changes: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    reported: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class PushRequest:
    """An operator's wish that the gateway fulfils or refuses.

    Parameters
    ----------
    request_id : str
        Idempotency key.
    kind : {'push', 'rollback'}
    release_id : str
    digest : str
        Digest of the preview the operator saw.
    asked_by : str
    asked_at : datetime
    token : str
        Operator's token, checked by the gateway itself; never journalled.
    """

    request_id: str
    kind: RequestKind
    release_id: str
    digest: str
    asked_by: str
    asked_at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """Where a request stands."""

    request: PushRequest
    state: RequestState
    note: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PushResult:
    """Where one connector of a push stands.

    Parameters
    ----------
    request_id, station_id, connector_id : str
    state : PushState
        ``accepted``, ``read_back`` and ``metered`` are three different proofs.
    note : str
    latency_s : float or None
        From sent to answered.
    changed_at : datetime
    sent_at, accepted_at, read_back_at, metered_at : datetime or None
        When each was first so; None: not yet, or not at all.
    """

    request_id: str
    station_id: str
    connector_id: str
    state: PushState
    note: str
    latency_s: float | None
    changed_at: datetime
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    read_back_at: datetime | None = None
    metered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReleasePreview:
    """What a push would change, connector by connector, and the digest that commits it.

    Parameters
    ----------
    release_id : str
    digest : str
        Of the release and of what the stations hold now.
    rows : tuple of PreviewRow
    refusals : tuple of str
        Reasons why it cannot be pushed; empty: it can.
    """

    release_id: str
    digest: str
    rows: tuple["PreviewRow", ...]
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One connector of a preview.

    Parameters
    ----------
    station_id, connector_id : str
    vehicles : tuple of str
    is_connected : bool
    held_release_id : str or None
        Whose limits the station has accepted; None: it holds its safe limit.
    max_limit_kw, energy_kwh : float
        Highest limit, and energy that the limits permit.
    change : {'new', 'changed', 'same', 'cleared'}
        Against the release in force.
    takes_live_profiles : bool
        False: it gets its schedule as a file.
    differs_at : datetime or None
        From when on the limits are others; None: they are not, or were in the past only.
    before_kw, after_kw : float or None
        Limits then, of the release in force and of this one; None: the station's safe limit.
    moved_kwh : float
        Energy that is permitted from now on where the release in force does not permit it.
    idle_for : str
        Why an operator's order gives it less while this release is in force; empty: none does.
    """

    station_id: str
    connector_id: str
    vehicles: tuple[str, ...]
    is_connected: bool
    held_release_id: str | None
    max_limit_kw: float
    energy_kwh: float
    change: Literal["new", "changed", "same", "cleared"]
    takes_live_profiles: bool = True
    differs_at: datetime | None = None
    before_kw: float | None = None
    after_kw: float | None = None
    moved_kwh: float = 0.0
    idle_for: str = ""

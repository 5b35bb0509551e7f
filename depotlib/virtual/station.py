"""A virtual charging station without I/O: cables, transactions, meters, profiles, statuses.

`step` moves it one second; what it has to say collects in `outbox`, in order, and the client
carries it. A station that cannot reach its central system goes on by the profiles it holds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from depotlib.model.battery import min_ac_kw
from depotlib.model.depot import ChargingStation, Connector
from depotlib.units import energy_kwh, kw_to_w, kwh_to_wh
from depotlib.virtual.cabinet import shares_kw
from depotlib.virtual.charging_profiles import ProfileStore
from depotlib.virtual.counter import Counter
from depotlib.virtual.script import Misbehaviour, Misconduct
from depotlib.virtual.vehicle import VirtualVehicle

MessageKind = Literal["status", "start", "meter", "stop"]
OUTBOX_LENGTH: Final = 5000
SAID_LENGTH: Final = 50
METER_INTERVAL_S: Final = 60


@dataclass(slots=True)
class Transaction:
    """A transaction as the station keeps it; the id is the central system's."""

    started_at: datetime
    id_tag: str
    meter_start_wh: int
    transaction_id: int | None = None
    is_refused: bool = False
    said_count: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """Something the station has to say."""

    kind: MessageKind
    connector: int
    at: datetime
    transaction: Transaction | None = None
    status: str = ""
    register_wh: int = 0
    power_w: float = 0.0
    soc: float | None = None


@dataclass(slots=True)
class VirtualConnector:
    """A plug with its meter."""

    traits: Connector
    least_kw: float
    vehicle: VirtualVehicle | None = None
    transaction: Transaction | None = None
    register_wh: float = 0.0
    power_kw: float = 0.0
    offer_kw: float = 0.0
    status: str = "Available"

    @property
    def number(self) -> int:
        """Return its number within the station."""
        return self.traits.number


@dataclass(slots=True)
class VirtualStation:
    """One station.

    Parameters
    ----------
    traits : ChargingStation
    misbehaviours : tuple of Misbehaviour
        Its own.
    meter_offset_s : int
        Second of the minute at which it samples, so that not all send at once.
    """

    traits: ChargingStation
    misbehaviours: tuple[Misbehaviour, ...] = ()
    meter_offset_s: int = 0
    meter_interval_s: int = METER_INTERVAL_S
    profiles: ProfileStore = field(default_factory=ProfileStore)
    counter: Counter = field(default_factory=Counter)
    connectors: dict[int, VirtualConnector] = field(init=False)
    outbox: deque[Message] = field(init=False)
    said: deque[Message] = field(init=False)
    """What was answered of its transactions: one that replays says it again."""
    is_connected: bool = False
    is_restart_due: bool = False
    _has_forgotten: bool = False

    def __post_init__(self) -> None:
        """Build its plugs."""
        least_kw = (
            min_ac_kw(voltage_v=self.traits.voltage_v, phases=self.traits.phases)
            if self.traits.current_type == "AC"
            else 0.0
        )
        self.connectors = {
            connector.number: VirtualConnector(traits=connector, least_kw=least_kw)
            for connector in self.traits.connectors()
        }
        self.outbox = deque(maxlen=OUTBOX_LENGTH)
        self.said = deque(maxlen=SAID_LENGTH)

    def misbehaves(self, kind: Misconduct, at: datetime) -> Misbehaviour | None:
        """Return the misbehaviour of a kind that holds at an instant, if any."""
        for misbehaviour in self.misbehaviours:
            if misbehaviour.kind == kind and misbehaviour.holds_at(at):
                return misbehaviour
        return None

    def own_time(self, at: datetime) -> datetime:
        """Return what its clock shows at an instant."""
        skew = self.misbehaves("skewed", at)
        return at if skew is None else at + timedelta(seconds=skew.skew_s)

    def must_restart(self, at: datetime) -> bool:
        """Return whether it restarts now: it was told to, or it forgets and has not yet."""
        is_forgetful = self.misbehaves("forgets", at) is not None
        is_due = self.is_restart_due or (is_forgetful and not self._has_forgotten)
        self._has_forgotten = is_forgetful
        return is_due

    def restart(self, at: datetime) -> None:
        """Come up again: profiles survive that (errata 3.37), unless it forgets."""
        self.is_restart_due = False
        if self.misbehaves("forgets", at):
            self.profiles.profiles.clear()

    def plug_in(self, number: int, vehicle: VirtualVehicle, *, at: datetime) -> None:
        """Put a vehicle's cable in: a transaction begins with its tag."""
        at, connector = self.own_time(at), self.connectors[number]
        connector.vehicle = vehicle
        connector.transaction = Transaction(
            started_at=at,
            id_tag=vehicle.traits.id_tag,
            meter_start_wh=round(connector.register_wh),
        )
        self._set_status(connector, "Preparing", at=at)
        self.outbox.append(
            Message(
                kind="start",
                connector=number,
                at=at,
                transaction=connector.transaction,
                register_wh=connector.transaction.meter_start_wh,
            )
        )

    def unplug(self, number: int, *, at: datetime) -> VirtualVehicle | None:
        """Pull the cable: the transaction ends; return the vehicle that stood there."""
        at, connector = self.own_time(at), self.connectors[number]
        vehicle, transaction = connector.vehicle, connector.transaction
        connector.vehicle = connector.transaction = None
        connector.power_kw = connector.offer_kw = 0.0
        if vehicle is not None:
            vehicle.unplugged()
        if transaction is not None:
            self._set_status(connector, "Finishing", at=at)
            self.outbox.append(self._meter_message(connector, transaction, kind="stop", at=at))
        self.profiles.end_transaction(number)
        self._set_status(connector, "Available", at=at)
        return vehicle

    def step(self, at: datetime, *, duration_s: float) -> None:
        """Move every plug by one step that begins at an instant."""
        self._time_the_silence(at)
        busy = [one for one in self.connectors.values() if one.vehicle is not None]
        if not busy:
            return
        offers_kw = self._offers_kw(busy, at=at)
        is_sampling = (int(at.timestamp()) - self.meter_offset_s) % self.meter_interval_s == 0
        for connector, offer_kw in zip(busy, offers_kw, strict=True):
            self._step_connector(connector, offer_kw, at=at, duration_s=duration_s)
        if is_sampling:
            self.outbox.extend(self.samples(at))

    def _time_the_silence(self, at: datetime) -> None:
        if self.is_connected:
            self.profiles.offline_since = None
        elif self.profiles.offline_since is None:
            self.profiles.offline_since = self.own_time(at)

    def _step_connector(
        self, connector: VirtualConnector, offer_kw: float, *, at: datetime, duration_s: float
    ) -> None:
        assert connector.vehicle is not None
        connector.offer_kw = offer_kw
        connector.power_kw = connector.vehicle.step(
            connector.offer_kw, at=at, duration_s=duration_s, least_kw=connector.least_kw
        )
        connector.register_wh += kwh_to_wh(energy_kwh(connector.power_kw, duration_s))
        if connector.power_kw > 0:
            status = "Charging"
        elif connector.offer_kw > 0:
            status = "SuspendedEV"
        else:
            status = "SuspendedEVSE"
        self._set_status(connector, status, at=self.own_time(at))

    def _offers_kw(self, busy: Sequence[VirtualConnector], *, at: datetime) -> list[float]:
        """Return what each plug offers: its limit, and its share of what all have together."""
        own, is_obeying = self.own_time(at), self._is_obeying(at)
        cap_kw = self.profiles.station_limit_kw(own) if is_obeying else self.traits.max_kw
        usable_kw = [
            self._usable_kw(one, is_obeying=is_obeying, own=own) for one in busy
        ]  # fmt: skip
        offers_kw = shares_kw(usable_kw, min(cap_kw, self.traits.max_kw))
        # Below the least the pilot can signal, a station pauses (IEC 61851-1).
        return [
            offer_kw if offer_kw >= connector.least_kw else 0.0
            for connector, offer_kw in zip(busy, offers_kw, strict=True)
        ]

    def _is_obeying(self, at: datetime) -> bool:
        is_unleashed = not self.is_connected and self.misbehaves("unleashed", at) is not None
        return not is_unleashed and self.misbehaves("ignores", at) is None

    def _usable_kw(self, connector: VirtualConnector, *, is_obeying: bool, own: datetime) -> float:
        transaction = connector.transaction
        if transaction is None or transaction.is_refused:
            return 0.0
        if not is_obeying:
            return connector.traits.max_kw
        limit_kw = self.profiles.connector_limit_kw(
            connector.number, at=own, transaction_start=transaction.started_at
        )
        return min(limit_kw, connector.traits.max_kw)

    def stop_offering(self, transaction: Transaction, at: datetime) -> None:
        """Offer nothing to a transaction from now on, as told, unless it is stubborn."""
        if not self.misbehaves("stubborn", at):
            transaction.is_refused = True

    def statuses(self, at: datetime) -> list[Message]:
        """Return a status of every plug, as sent after a connection or when asked."""
        return [
            Message(kind="status", connector=one.number, at=self.own_time(at), status=one.status)
            for one in self.connectors.values()
        ]

    def samples(self, at: datetime) -> list[Message]:
        """Return a meter sample of every running transaction, as sent when due or asked."""
        if self.misbehaves("gaps", at):
            return []
        own = self.own_time(at)
        return [
            self._meter_message(one, one.transaction, kind="meter", at=own)
            for one in self.connectors.values()
            if one.transaction is not None
        ]

    def _set_status(self, connector: VirtualConnector, status: str, *, at: datetime) -> None:
        if status != connector.status:
            connector.status = status
            self.outbox.append(
                Message(kind="status", connector=connector.number, at=at, status=status)
            )

    def _meter_message(
        self,
        connector: VirtualConnector,
        transaction: Transaction,
        *,
        kind: MessageKind,
        at: datetime,
    ) -> Message:
        knows_soc = self.traits.current_type == "DC" and connector.vehicle is not None
        return Message(
            kind=kind,
            connector=connector.number,
            at=at,
            transaction=transaction,
            register_wh=round(connector.register_wh),
            power_w=kw_to_w(connector.power_kw),
            soc=connector.vehicle.soc if knows_soc and connector.vehicle else None,
        )

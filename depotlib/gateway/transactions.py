"""The transactions of one station: each real start once, whatever is repeated, replayed or lost.

A start is known by its natural key (connector, token, time, meter), since stations change message
ids when they repeat themselves. Look-ups stay within the station, so that none can stop another's.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.gateway.identity import Refusal
from depotlib.gateway.messages import MeterSample, TransactionEnded, TransactionStarted
from depotlib.model.identity import Resolution, normal_token
from depotlib.units import mean_power_kw

MOST_REMEMBERED: Final = 200
NATURAL_NONE: Final = -1
"""Stations say so of a transaction whose start was never answered (OCPP 1.6 errata 3.18)."""

NUMBER_BYTES: Final = 4
LATE_S: Final = 120.0
"""Older than two samples of a meter."""
LARGEST_NUMBER: Final = 2**31 - 1
"""Transaction numbers are 31-bit in 1.6; ours are so for every version."""


def number_of(name: str) -> int:
    """Return our number for a transaction that a station names itself: always the same, above 0."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:NUMBER_BYTES], "big") % LARGEST_NUMBER + 1


def late_facts(at: datetime, *, connected_at: datetime | None, now: datetime) -> dict[str, float]:
    """Return how late a sample of a time without connection is told; nothing where it is of now.

    What is old only because a station's clock is behind is soon younger than the connection.
    """
    is_before = connected_at is None or at < connected_at
    age_s = (now - at).total_seconds()
    return {"late_s": age_s} if is_before and age_s > LATE_S else {}


@dataclass(slots=True)
class Transaction:
    """One metered delivery on one connector.

    Parameters
    ----------
    transaction_id : int
    connector : int
        As the station counts.
    session_id : str
        Stable over restarts: connector and start.
    id_tag : str
    who : Resolution
    started_at : datetime
    meter_start_kwh : float
    energy_kwh, power_kw : float
    soc : float or None
    measured_at : datetime or None
    ended_at : datetime or None
    may_charge : bool
    refusal : {'invalid', 'expired', 'blocked'}
        Why not, where it may not.
    name : str
        The station's own for it (2.x); empty: it goes by our number.
    has_meter_start : bool
        False: the start told no meter; the first register that is read makes up for it.
    """

    transaction_id: int
    connector: int
    session_id: str
    id_tag: str
    who: Resolution
    started_at: datetime
    meter_start_kwh: float
    energy_kwh: float = 0.0
    power_kw: float = 0.0
    soc: float | None = None
    measured_at: datetime | None = None
    ended_at: datetime | None = None
    may_charge: bool = True
    refusal: Refusal = "invalid"
    name: str = ""
    has_meter_start: bool = True

    def is_begun_by(self, event: TransactionStarted) -> bool:
        """Return whether a start is this one's, said again: the same in all that it tells."""
        is_same_meter = event.meter_start_kwh in {None, self.meter_start_kwh}
        told = (event.connector, normal_token(event.token), event.at)
        return is_same_meter and told == (
            self.connector, normal_token(self.id_tag), self.started_at
        )  # fmt: skip

    def take(self, sample: MeterSample) -> MeterSample:
        """Return a sample with the energy of this transaction and a power, taken in if it is new."""
        if self._begins_earlier(sample):
            self.energy_kwh += self.meter_start_kwh - (sample.register_kwh or 0.0)
            self.meter_start_kwh = sample.register_kwh or 0.0
        energy_kwh = self.energy_kwh
        if sample.register_kwh is not None and not self.has_meter_start:
            self.meter_start_kwh = sample.register_kwh - energy_kwh
            self.has_meter_start = True
        if sample.register_kwh is not None and sample.register_kwh >= self.meter_start_kwh:
            energy_kwh = sample.register_kwh - self.meter_start_kwh
        power_kw = sample.power_kw
        is_newer = self.measured_at is None or sample.at > self.measured_at
        is_metered = power_kw is not None or sample.register_kwh is not None
        if power_kw is None and is_metered and is_newer and self.measured_at is not None:
            elapsed_s = (sample.at - self.measured_at).total_seconds()
            power_kw = mean_power_kw(max(0.0, energy_kwh - self.energy_kwh), elapsed_s)
        if is_newer:
            self.energy_kwh = max(energy_kwh, self.energy_kwh)
            self.power_kw = self.power_kw if power_kw is None else power_kw
            self.soc = self.soc if sample.soc is None else sample.soc
            self.measured_at = sample.at if is_metered else self.measured_at
        return MeterSample(sample.at, power_kw, energy_kwh, sample.soc)

    def _begins_earlier(self, sample: MeterSample) -> bool:
        """Return whether a sample of before the start as known shows where the meter really began.

        Only of a transaction that is told in events (2.x): they can come in any order.
        """
        if not self.name or not self.has_meter_start or sample.register_kwh is None:
            return False
        return sample.at < self.started_at and sample.register_kwh < self.meter_start_kwh


class Transactions:
    """What a station has begun and ended.

    Parameters
    ----------
    draw : callable
        Gives a random 31-bit number above 0.
    """

    def __init__(self, draw: Callable[[], int]) -> None:
        self._draw = draw
        self._by_id: dict[int, Transaction] = {}

    def known(self, event: TransactionStarted) -> Transaction | None:
        """Return the transaction that a start repeats, or None if it is a new one."""
        if event.transaction_id is not None:
            return self._by_id.get(event.transaction_id)
        return next((one for one in self._by_id.values() if one.is_begun_by(event)), None)

    def add(self, transaction: Transaction) -> None:
        """Remember a transaction; the oldest that is over is forgotten."""
        self._by_id[transaction.transaction_id] = transaction
        if len(self._by_id) > MOST_REMEMBERED:
            over = [number for number, one in self._by_id.items() if one.ended_at is not None]
            for number in over[:1]:
                del self._by_id[number]

    def new_id(self) -> int:
        """Return a number that no transaction of this station has."""
        number = self._draw()
        while number in self._by_id:
            number = self._draw()
        return number

    def get(self, transaction_id: int | None) -> Transaction | None:
        """Return a transaction by its number, or None."""
        return None if transaction_id is None else self._by_id.get(transaction_id)

    def running(self, connector: int) -> Transaction | None:
        """Return the transaction that runs on a connector, or None; the latest if several do."""
        open_ones = [
            one
            for one in self._by_id.values()
            if one.connector == connector and one.ended_at is None
        ]
        return max(open_ones, key=lambda one: one.started_at, default=None)

    def all_running(self) -> list[Transaction]:
        """Return every transaction that has not ended."""
        return [one for one in self._by_id.values() if one.ended_at is None]

    def meant_by(self, event: TransactionEnded) -> Transaction | None:
        """Return the transaction that an end means, or None.

        A number that was never ours means the one that runs, if it is the only one.
        """
        named = self.get(event.transaction_id)
        if named is not None or event.transaction_id != NATURAL_NONE:
            return named
        running = self.all_running()
        return running[0] if len(running) == 1 else None

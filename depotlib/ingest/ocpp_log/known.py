"""The transactions of a log, found by what messages call them and by where and when they ran."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import datetime

from depotlib.ingest.ocpp_log.gathering import place_of
from depotlib.ingest.ocpp_log.transaction import Transaction


class KnownTransactions:
    """Transactions with indices, since a month of a depot's log asks for them a million times."""

    def __init__(self) -> None:
        self._by_key: dict[str, Transaction] = {}
        self._by_id: dict[tuple[str | None, str], list[Transaction]] = {}
        self._by_place: dict[str, list[Transaction]] = {}
        self._by_station: dict[str | None, list[Transaction]] = {}

    def __iter__(self) -> Iterator[Transaction]:
        """Yield all transactions in the order of the log."""
        return iter(self._by_key.values())

    def with_key(self, key: str) -> Transaction | None:
        """Return the transaction of a key."""
        return self._by_key.get(key)

    def add(self, transaction: Transaction) -> None:
        """Know one more transaction."""
        self._by_key[transaction.key] = transaction
        place = place_of(transaction.station_id, transaction.connector_id)
        insort(self._by_place.setdefault(place, []), transaction, key=_start)
        insort(self._by_station.setdefault(transaction.station_id, []), transaction, key=_start)

    def call(self, transaction: Transaction, ids: Iterable[str]) -> None:
        """Know what other messages call a transaction."""
        for each in ids:
            transaction.ids.add(each)
            insort(
                self._by_id.setdefault((transaction.station_id, each), []), transaction, key=_start
            )

    def called(self, station_id: str | None, ids: Iterable[str]) -> Transaction | None:
        """Return the last transaction of a station that is called so."""
        found = [named[-1] for each in ids if (named := self._by_id.get((station_id, each)))]
        return max(found, key=_start, default=None)

    def running_at(self, place: str, at: datetime) -> Transaction | None:
        """Return the transaction that ran on a connector at an instant: the last to start."""
        here = self._by_place.get(place, [])
        before = here[: bisect_right(here, at, key=_start)]
        return next((each for each in reversed(before) if each.holds(at)), None)

    def all_at(self, place: str, at: datetime) -> list[Transaction]:
        """Return every transaction on a connector that holds an instant."""
        here = self._by_place.get(place, [])
        return [each for each in here[: bisect_right(here, at, key=_start)] if each.holds(at)]

    def unstopped(self, station_id: str | None, at: datetime) -> list[Transaction]:
        """Return the transactions of a station that a stop at an instant could end."""
        here = self._by_station.get(station_id, [])
        before = here[: bisect_right(here, at, key=_start)]
        return [each for each in before if each.stop is None]


def _start(transaction: Transaction) -> datetime:
    return transaction.start

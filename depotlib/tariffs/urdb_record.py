"""One URDB record: typed access to its fields, each refusal and each fault with the field's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Literal, cast

import numpy as np

from depotlib.errors import TariffFormatError, TariffRefusedError
from depotlib.model.local_time import IntArray, LocalTimes
from depotlib.tariffs.tier import Tier, Tiers

MONTHS_PER_YEAR: Final = 12
HOURS_PER_DAY: Final = 24
TierScope = Literal["shared", "by period"]
RatchetScope = Literal["flat", "all"]
TIER_FIELDS: Final = frozenset({"rate", "adj", "max", "unit", "sell"})


@dataclass(frozen=True, slots=True)
class UrdbTier:
    """One tier as a record holds it.

    Parameters
    ----------
    tier : Tier
        Its slice with its price.
    unit : str
        Of its edge.
    rate : Decimal
        The price without its adjustment.
    sell : Decimal or None
        Credit on a kWh that is fed back.
    """

    tier: Tier
    unit: str
    rate: Decimal = Decimal(0)
    sell: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which period of a structure holds in each hour of the year.

    Parameters
    ----------
    weekday, weekend : tuple of tuple of int
        (12, 24): month, hour; periods count from 0.
    """

    weekday: tuple[tuple[int, ...], ...]
    weekend: tuple[tuple[int, ...], ...]
    cells: IntArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the periods out flat, as `LocalTimes.schedule_cell` counts them."""
        cells = np.array((self.weekday, self.weekend), dtype=np.int64).ravel()
        object.__setattr__(self, "cells", cells)

    def at(self, local: LocalTimes) -> IntArray:
        """Return the period of each instant, (n,)."""
        return self.cells[local.schedule_cell]

    def met_in(self, month_index: int) -> set[int]:
        """Return the periods that occur in a month (0 to 11)."""
        return {*self.weekday[month_index], *self.weekend[month_index]}


@dataclass(frozen=True, slots=True)
class UrdbRecord:
    """A record with its field names in lower case, numbers as Decimal.

    Parameters
    ----------
    fields : mapping of str to object
    where : str
        What to call the record in an error.
    tier_scope : {'shared', 'by period'}
        What energy tiers count, which no record says.
    ratchet_scope : {'flat', 'all'}
        Which demand a ratchet holds for, which no record says.
    """

    fields: Mapping[str, object]
    where: str
    tier_scope: TierScope = "shared"
    ratchet_scope: RatchetScope = "flat"

    def refused(self, field: str, reason: str) -> TariffRefusedError:
        """Return the error that a field holds something we cannot bill."""
        return TariffRefusedError(((field, reason),), where=self.where)

    def malformed(self, field: str, problem: str) -> TariffFormatError:
        """Return the error that a field is damaged."""
        return TariffFormatError(
            f"{field}: {problem}", where=self.where, hint="download the record again, or correct it"
        )

    def text(self, field: str) -> str:
        """Return a field as text, "" where it is absent."""
        value = self.fields.get(field)
        return "" if value is None else str(value).strip()

    def number(self, field: str) -> Decimal | None:
        """Return a field as a number, None where it is absent."""
        value = self.fields.get(field)
        return None if value is None or value == "" else self._decimal(field, value)

    def numbers_by_month(self, field: str) -> tuple[Decimal, ...] | None:
        """Return twelve numbers, January first, None where the field is absent."""
        value = self.fields.get(field)
        if value is None or value == []:
            return None
        months = self._list(field, value)
        if len(months) != MONTHS_PER_YEAR:
            raise self.malformed(field, f"{len(months)} values for {MONTHS_PER_YEAR} months")
        return tuple(self._decimal(field, month) for month in months)

    def flags_by_month(self, field: str) -> tuple[bool, ...] | None:
        """Return twelve yes or no, January first, None where the field is absent."""
        value = self.fields.get(field)
        if value is None or value == []:
            return None
        months = self._list(field, value)
        if len(months) != MONTHS_PER_YEAR or any(month not in {True, False} for month in months):
            raise self.malformed(field, f"is not a yes or no for each of {MONTHS_PER_YEAR} months")
        return tuple(bool(month) for month in months)

    def structure(self, field: str) -> tuple[tuple[UrdbTier, ...], ...] | None:
        """Return the periods of a structure with their tiers, None where the field is absent."""
        value = self.fields.get(field)
        if value in (None, [], [[]]):
            return None
        return tuple(
            self._tiers(field, self._list(field, period)) for period in self._list(field, value)
        )

    def schedule(self, kind: str, *, period_count: int) -> Schedule:
        """Return the schedule ``{kind}weekdayschedule`` and ``{kind}weekendschedule``.

        A record with one period may leave its schedules out.
        """
        names = (f"{kind}weekdayschedule", f"{kind}weekendschedule")
        if period_count == 1 and not any(self.fields.get(name) for name in names):
            always = ((0,) * HOURS_PER_DAY,) * MONTHS_PER_YEAR
            return Schedule(weekday=always, weekend=always)
        weekday, weekend = (self._hours_by_month(name, period_count=period_count) for name in names)
        return Schedule(weekday=weekday, weekend=weekend)

    def single_schedule(self, names: Sequence[str], *, period_count: int) -> Schedule:
        """Return the schedule of the first of some fields that is there, alike on all days."""
        field = next((name for name in names if self.fields.get(name)), names[0])
        if period_count == 1 and not self.fields.get(field):
            every = ((0,) * HOURS_PER_DAY,) * MONTHS_PER_YEAR
        else:
            every = self._hours_by_month(field, period_count=period_count)
        return Schedule(weekday=every, weekend=every)

    def periods_by_month(self, field: str, *, period_count: int) -> tuple[int, ...]:
        """Return the period of each month; one period may leave the field out."""
        value = self.fields.get(field)
        if value is None and period_count == 1:
            return (0,) * MONTHS_PER_YEAR
        return self._periods(field, value, length=MONTHS_PER_YEAR, period_count=period_count)

    def _tiers(self, field: str, entries: list[object]) -> tuple[UrdbTier, ...]:
        if not entries:
            raise self.malformed(field, "a period without a price")
        tiers = [self._tier(field, entry) for entry in entries]
        edges = [entry.tier.upper for entry in tiers[:-1]]
        if len({entry.unit for entry in tiers}) == 1:
            known = [edge for edge in edges if edge is not None]
            if len(known) < len(edges) or known != sorted(set(known)):
                raise self.malformed(field, "the tiers' upper edges (max) do not rise")
        # Above the last edge there is no price: its own goes on, as in the public calculators.
        return (*tiers[:-1], replace(tiers[-1], tier=Tier(tiers[-1].tier.price)))

    def _tier(self, field: str, entry: object) -> UrdbTier:
        if not isinstance(entry, Mapping):
            raise self.malformed(field, f"a tier is {entry!r}, not an object")
        raw = cast("Mapping[str, object]", entry)
        values = {name.lower(): value for name, value in raw.items()}
        unknown = sorted(set(values) - TIER_FIELDS)
        if unknown:
            raise self.refused(f"{field}.{unknown[0]}", "we do not know this field of a tier")
        upper, sell = values.get("max"), values.get("sell")
        price = sum(
            (self._decimal(field, values[name]) for name in ("rate", "adj") if values.get(name)),
            Decimal(0),
        )
        return UrdbTier(
            Tier(price, None if upper is None else self._decimal(field, upper)),
            str(values.get("unit") or "kWh"),
            rate=self._decimal(field, values["rate"]) if values.get("rate") else Decimal(0),
            sell=None if sell in {None, ""} else self._decimal(field, sell),
        )

    def _hours_by_month(self, field: str, *, period_count: int) -> tuple[tuple[int, ...], ...]:
        months = self._list(field, self.fields.get(field))
        if len(months) != MONTHS_PER_YEAR:
            raise self.malformed(field, f"{len(months)} rows for {MONTHS_PER_YEAR} months")
        return tuple(
            self._periods(field, hours, length=HOURS_PER_DAY, period_count=period_count)
            for hours in months
        )

    def _periods(
        self, field: str, value: object, *, length: int, period_count: int
    ) -> tuple[int, ...]:
        entries = self._list(field, value)
        if len(entries) != length:
            raise self.malformed(field, f"{len(entries)} entries where {length} are needed")
        periods = tuple(
            # Two schedules hold 576 entries, nearly all of them whole numbers as they are.
            entry if type(entry) is int else int(self._decimal(field, entry))
            for entry in entries
        )
        if min(periods) < 0 or max(periods) >= period_count:
            raise self.malformed(
                field, f"names period {max(periods)}, but the structure has {period_count}"
            )
        return periods

    def _list(self, field: str, value: object) -> list[object]:
        if not isinstance(value, list):
            raise self.malformed(field, f"is {str(value)[:40]!r}, not a list")
        return cast("list[object]", value)

    def _decimal(self, field: str, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise self.malformed(field, f"{value!r} is not a number")
        return Decimal(value)


def is_neutral(value: object) -> bool:
    """Return whether a field's value says nothing: absent, empty, zero all through."""
    if isinstance(value, Mapping):
        prices = cast("Mapping[str, object]", value)
        return all(is_neutral(prices.get(name)) for name in ("rate", "adj", "sell"))
    if isinstance(value, list):
        return all(is_neutral(entry) for entry in cast("list[object]", value))
    return value is None or value is False or value in (Decimal(0), 0, "")


def costs_something(structure: tuple[tuple[UrdbTier, ...], ...]) -> bool:
    """Return whether any tier of any period has a price."""
    return any(entry.tier.price != 0 for entries in structure for entry in entries)


def plain_tiers(entries: tuple[UrdbTier, ...]) -> Tiers:
    """Return the tiers of one period without their units."""
    return tuple(entry.tier for entry in entries)

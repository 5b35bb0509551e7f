"""Energy tiers as one ladder of kWh edges, whatever unit the record counts them in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final, cast

from depotlib.errors import TariffRefusedError
from depotlib.tariffs.tier import EdgeUnit, Tier, Tiers
from depotlib.tariffs.urdb_record import UrdbRecord, UrdbTier

EDGE_UNITS: Final = ("kWh", "kWh daily", "kWh/kW", "kWh/kW daily")
FIELD: Final = "energyratestructure"
UNBOUNDED_KWH: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of a ladder: where its energy ends.

    Parameters
    ----------
    tier : int
        Position in the tiers, from 0.
    upper_kwh : float
        Energy of the billing period at which the next rung begins; infinite for the last.
    """

    tier: int
    upper_kwh: float


def ladder(tiers: Sequence[Tier], *, billing_kw: float, days: int) -> tuple[Rung, ...]:
    """Return the rungs that tiers make in one billing period.

    Parameters
    ----------
    tiers : sequence of Tier
    billing_kw : float
        Billing demand of the period, by which hours of use become energy [kW].
    days : int
        Days of the period, by which daily edges become edges of the period.
    """
    rungs: list[Rung] = []
    end_kwh = band_start_kwh = 0.0
    band_end_kwh = UNBOUNDED_KWH
    for number, tier in enumerate(tiers):
        width_kwh = UNBOUNDED_KWH
        if tier.upper is not None:
            scale = (billing_kw if tier.counts_hours else 1.0) * (days if tier.counts_days else 1)
            width_kwh = float(tier.upper) * scale
        if tier.opens_band:
            band_start_kwh, band_end_kwh = end_kwh, width_kwh
            continue
        if tier.counts_hours:
            end_kwh = width_kwh
        else:
            end_kwh = min(band_start_kwh + width_kwh, band_end_kwh)
            if tier.upper is None:
                # An open tier takes the rest of its band: what follows lies above.
                band_start_kwh, band_end_kwh = band_end_kwh, UNBOUNDED_KWH
        rungs.append(Rung(number, end_kwh))
    return tuple(rungs)


def counts_hours_of_use(tiers: Sequence[Tier]) -> bool:
    """Return whether any edge grows with the billing demand."""
    return any(tier.counts_hours and tier.upper is not None for tier in tiers)


def counts_days(tiers: Sequence[Tier]) -> bool:
    """Return whether any edge grows with the days of the billing period."""
    return any(tier.counts_days and tier.upper is not None for tier in tiers)


def has_bands(tiers: Sequence[Tier]) -> bool:
    """Return whether tiers of energy stand inside hours of use."""
    return any(tier.opens_band for tier in tiers)


def energy_tiers(record: UrdbRecord, entries: Sequence[UrdbTier]) -> Tiers:
    """Return the tiers of one period of a record, in an order that can be billed.

    A tier in hours of use without a price of its own, followed by tiers in kWh, is a heading: the
    tiers below it divide its energy.

    Raises
    ------
    TariffRefusedError
        If the record does not say which energy a tier prices.
    """
    known = [_with_unit(record, entry) for entry in entries]
    if len(known) == 1:
        # Without an edge the unit says nothing: the price is per kWh in all of them.
        return (replace(known[0].tier, edge_unit="kWh"),)
    ordered = _with_misplaced_last(known)
    tiers = tuple(
        replace(entry.tier, opens_band=_is_heading(entry, following))
        for entry, following in zip(ordered, [*ordered[1:], None], strict=True)
    )
    _refuse_contradictions(record, tiers)
    return tiers


def was_reordered(entries: Sequence[UrdbTier], tiers: Tiers) -> bool:
    """Return whether a tier that stood last was put where its energy is."""
    return [entry.tier.price for entry in entries] != [tier.price for tier in tiers]


def _with_unit(record: UrdbRecord, entry: UrdbTier) -> UrdbTier:
    known = {unit.lower(): unit for unit in EDGE_UNITS}
    unit = known.get(entry.unit.lower())
    if unit is None:
        raise record.refused(FIELD, f"we do not know tiers in {entry.unit!r}")
    return replace(entry, tier=replace(entry.tier, edge_unit=cast("EdgeUnit", unit)))


def _with_misplaced_last(entries: list[UrdbTier]) -> list[UrdbTier]:
    # Seen in the wild: the open tier in kWh that ends the ladder below a heading stands after
    # the last tier in hours of use. Nothing is left for it there, and only there it is missing.
    last, before = entries[-1].tier, entries[-2].tier
    in_kwh = [at for at, entry in enumerate(entries[:-1]) if not entry.tier.counts_hours]
    if last.counts_hours or last.upper is not None or not before.counts_hours or not in_kwh:
        return entries
    at = in_kwh[-1]
    if before.upper is not None or entries[at].tier.upper is None:
        return entries
    return [*entries[: at + 1], entries[-1], *entries[at + 1 : -1]]


def _is_heading(entry: UrdbTier, following: UrdbTier | None) -> bool:
    is_above_kwh = following is not None and not following.tier.counts_hours
    return entry.tier.counts_hours and entry.rate == 0 and is_above_kwh


def _refuse_contradictions(record: UrdbRecord, tiers: Sequence[Tier]) -> None:
    for tier, following in pairwise(tiers):
        if tier.counts_hours and not tier.opens_band and not following.counts_hours:
            raise _unclear(record, "a tier in kWh follows a priced tier in kWh/kW")
    first_hours = next((at for at, tier in enumerate(tiers) if tier.counts_hours), 0)
    if first_hours and not tiers[first_hours - 1].counts_hours:
        raise _unclear(record, "tiers in kWh stand before the first tier in kWh/kW")
    edges = [
        tier.upper
        for tier in tiers
        if tier.upper is not None and (tier.counts_hours or not has_bands(tiers))
    ]
    if edges != sorted(set(edges)):
        raise record.malformed(FIELD, "the tiers' upper edges (max) do not rise")
    if any(tier.upper is None for tier in tiers[:-1]) and not has_bands(tiers):
        raise record.malformed(FIELD, "a tier before the last has no upper edge (max)")


def _unclear(record: UrdbRecord, what: str) -> TariffRefusedError:
    return record.refused(
        FIELD, f"{what}: the record does not say where the one's energy ends and the other's begins"
    )


def first_price(tiers: Sequence[Tier]) -> Decimal:
    """Return the price of the first kWh of a billing period."""
    return next(tier.price for tier in tiers if not tier.opens_band)

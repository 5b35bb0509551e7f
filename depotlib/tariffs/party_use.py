"""Who drew what: the metered load split among parties, with what nobody claims as base load."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from depotlib.errors import LoadError
from depotlib.model.attribution import BASE_LOAD, UNNAMED
from depotlib.model.calendar import BillingPeriod
from depotlib.model.frames import LoadFrame, UseFrame
from depotlib.model.local_time import BoolArray, FloatArray
from depotlib.units import energy_kwh

NOISE_KW: Final = 1e-9


@dataclass(frozen=True, slots=True)
class PartyUse:
    """A load by party; in every interval the parties sum to the import that was metered.

    Parameters
    ----------
    parties : tuple of str
        Sorted, base load last.
    starts : polars.Series
        (n,), starts of the intervals that have a reading.
    power_kw : ndarray of float
        (parties, n), mean power [kW].
    interval_s : int
        Length of every interval [s].
    warnings : tuple of str
        What of the parties' use could not stand as it was given.
    """

    parties: tuple[str, ...]
    starts: pl.Series
    power_kw: FloatArray
    interval_s: int
    warnings: tuple[str, ...] = ()

    def mean_kw(self, start: datetime, end: datetime) -> FloatArray | None:
        """Return each party's mean power over a span [kW], None where no reading lies in it."""
        inside = ((self.starts >= start) & (self.starts < end)).to_numpy()
        return self.power_kw[:, inside].mean(axis=1) if inside.any() else None

    def energy_kwh(self, period: BillingPeriod) -> FloatArray:
        """Return each party's energy in a period [kWh], (parties,)."""
        inside = ((self.starts >= period.start) & (self.starts < period.end)).to_numpy()
        return self.power_kw[:, inside].sum(axis=1) * energy_kwh(1.0, self.interval_s)

    def loads_of(self, chosen: BoolArray, *, within: BillingPeriod | None = None) -> pl.DataFrame:
        """Return the loads of some parties beside each other.

        Parameters
        ----------
        chosen : ndarray of bool
            (parties,).
        within : BillingPeriod, optional
            Default: all of the load.

        Returns
        -------
        polars.DataFrame
            interval_start, then for each of them a column of its mean power [kW].
        """
        # Under numbers: a party may be called like the column of times.
        first, last = 0, len(self.starts)
        if within is not None:
            bounds = pl.Series([within.start, within.end], dtype=self.starts.dtype)
            first, last = self.starts.search_sorted(bounds).to_list()
        powers = enumerate(self.power_kw[chosen, first:last])
        return pl.DataFrame(
            [
                self.starts[first:last].alias("interval_start"),
                *(pl.Series(f"{number} kW", power_kw) for number, power_kw in powers),
            ]
        )


def use_by(
    column: str, uses: pl.DataFrame, *, parties: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Return uses under the names of parties: interval_start, party, power_kw.

    Parameters
    ----------
    column : str
        ``vehicle_id`` or ``station_id``.
    uses : polars.DataFrame
        `UseFrame`. Rows with neither id are base load that is known as such.
    parties : mapping of str to str, optional
        Party (a route, a cost centre) of each id; ids that are not in it are unnamed. Default:
        each id is a party of its own.
    """
    checked = UseFrame.validate(uses, cast=True)
    name = pl.col(column)
    if parties is not None:
        name = name.replace_strict(dict(parties), default=None, return_dtype=pl.String)
    nobody = pl.col("vehicle_id").is_null() & pl.col("station_id").is_null()
    return checked.select(
        "interval_start",
        pl.when(nobody).then(pl.lit(BASE_LOAD)).otherwise(name.fill_null(UNNAMED)).alias("party"),
        "power_kw",
    )


def party_use(load: pl.DataFrame, uses: pl.DataFrame, *, interval_s: int) -> PartyUse:
    """Return a metered load split among parties.

    What the parties do not account for is base load. Where they claim more than the meter saw
    (logs without charging times), their powers are scaled down to it, and a warning says so.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`; intervals without a reading have no parties.
    uses : polars.DataFrame
        As `use_by` gives them, on the load's own intervals.
    interval_s : int
        Length of every interval [s].

    Raises
    ------
    LoadError
        If the load has no reading, or a use lies between the load's intervals.
    """
    metered = LoadFrame.validate(load, cast=True).drop_nulls().sort("interval_start")
    if metered.is_empty():
        raise LoadError("the load holds no reading", where="load")
    # Export is nobody's use: where the depot feeds the grid, the parties drew nothing from it.
    starts, metered_kw = metered["interval_start"], metered["power_kw"].to_numpy().clip(min=0.0)
    names = sorted(set(uses["party"].unique().to_list()) - {BASE_LOAD})
    # By number and not by name: a year of a large fleet has millions of uses.
    named = uses.filter(pl.col("party") != BASE_LOAD).with_columns(
        pl.col("party").cast(pl.Enum(names))
    )
    placed = _placed(named, starts, interval_s=interval_s)
    # The last row is the base load's; what a party drew twice in an interval adds up.
    shape = (len(names) + 1, metered.height)
    known = placed.drop_nulls("position")
    cells = known["party"].to_physical().to_numpy(), known["position"].to_numpy()
    cell = np.ravel_multi_index(cells, shape)
    drawn_kw = np.bincount(
        cell, weights=known["power_kw"].to_numpy(), minlength=shape[0] * shape[1]
    )
    # NumPy counts in whole numbers where there is nothing to weigh.
    with_base_kw = drawn_kw.astype(np.float64, copy=False).reshape(shape)
    power_kw, base_kw = with_base_kw[:-1], with_base_kw[-1]
    warnings = _outside(placed, interval_s=interval_s)
    claimed_kw = power_kw.sum(axis=0)
    over = claimed_kw > metered_kw + NOISE_KW
    if over.any():
        power_kw[:, over] *= metered_kw[over] / claimed_kw[over]
        warnings += (
            f"in {int(over.sum())} intervals the parties claim more than the meter saw: they are "
            "scaled down to it",
        )
    base_kw[:] = np.maximum(metered_kw - power_kw.sum(axis=0), 0.0)
    if names:
        base_kw[base_kw < NOISE_KW] = 0.0
    return PartyUse(
        parties=(*names, BASE_LOAD),
        starts=starts,
        power_kw=with_base_kw,
        interval_s=interval_s,
        warnings=warnings,
    )


def _placed(uses: pl.DataFrame, starts: pl.Series, *, interval_s: int) -> pl.DataFrame:
    grid = pl.DataFrame({"interval_start": starts}).with_row_index("position")
    placed = uses.join(grid, on="interval_start", how="left", maintain_order="left")
    first: datetime = starts[0]
    off_us = (placed["interval_start"] - first).dt.total_microseconds() % _step_us(interval_s)
    if (off_us != 0).any():
        at: datetime = placed["interval_start"][int((off_us != 0).arg_max() or 0)]
        raise LoadError(
            f"a use of {at.isoformat()} lies between the load's intervals",
            where="uses",
            hint=f"give uses on the load's own intervals of {interval_s} s",
        )
    return placed


def _step_us(interval_s: int) -> int:
    return int(np.timedelta64(interval_s, "s") / np.timedelta64(1, "us"))


def _outside(placed: pl.DataFrame, *, interval_s: int) -> tuple[str, ...]:
    beyond = placed.filter(pl.col("position").is_null())
    lost_kwh = energy_kwh(float(beyond["power_kw"].sum()), interval_s)
    if lost_kwh == 0:
        return ()
    return (f"{lost_kwh:.1f} kWh of the parties fall where the load has no reading: left out",)

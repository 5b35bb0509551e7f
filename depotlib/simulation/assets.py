"""Storage and sun of a play: what they take and give in an interval, whoever is in control."""

from collections.abc import Sequence
from dataclasses import replace

from depotlib.model.depot import Depot
from depotlib.model.storage import Storage
from depotlib.planning.problem import SITE, FloatArray
from depotlib.simulation.outcome import AssetUse

Orders = Sequence[float] | None
"""What a plan asks of each storage in an interval [kW], charging positive; None: nobody plans."""


class SiteAssets:
    """What a depot has beside its stations, while a play goes on.

    Where nobody plans, storage takes what the sun gives beyond the site's draw, and gives it back as
    soon as the site draws again.

    Parameters
    ----------
    depot : Depot
        Its storages, operating limit and export limit.
    paths : sequence of tuple of int
        The limits above each storage, the site last.
    base_load_kw, solar_kw : ndarray
        What is drawn beside charging, and what the sun really gives, (intervals,).
    interval_h : float
    feeds : bool
        Whether vehicles give as well.
    """

    def __init__(
        self,
        depot: Depot,
        paths: Sequence[tuple[int, ...]],
        *,
        base_load_kw: FloatArray,
        solar_kw: FloatArray,
        interval_h: float,
        feeds: bool = False,
    ) -> None:
        self._storages, self._paths, self._interval_h = depot.storages, paths, interval_h
        self._limit_kw = depot.grid.operating_limit_kw
        self._export_kw = depot.grid.export_limit_kw
        self._base_kw: list[float] = base_load_kw.tolist()
        self._solar_kw: list[float] = solar_kw.tolist()
        self._meant_kw: list[float] = []
        self._begun_kwh = [one.start_soc * one.capacity_kwh for one in depot.storages]
        self.stored_kwh = list(self._begun_kwh)
        """What each storage holds now."""
        self._given_kwh = [0.0] * len(depot.storages)
        self._spilled_kwh = 0.0
        self.are_built = bool(depot.storages) or bool(solar_kw.any())
        """Whether there is storage or sun: they go on when all vehicles are away."""
        self.are_there = self.are_built or feeds
        """Whether there is anything beside stations that takes or gives."""

    def offer(
        self, interval: int, orders: Orders, *, room_kw: list[float], fed_kw: float = 0.0
    ) -> None:
        """Add to the site's room what sun and vehicles give and what a plan takes out of storage.

        Limits of circuits get no room from storage below them.
        """
        self._meant_kw = [
            min(max(0.0, -power_kw), self._gives_kw(number))
            for number, power_kw in enumerate(orders or ())
        ]
        gained_kw = self._solar_kw[interval] + sum(self._meant_kw) + fed_kw
        room_kw[SITE] = max(0.0, self._limit_kw - self._base_kw[interval] + gained_kw)

    def settle(
        self, interval: int, orders: Orders, *, charging_kw: float, room_kw: Sequence[float]
    ) -> float:
        """Let storage take and give when all vehicles have what they get.

        Parameters
        ----------
        interval : int
        orders : sequence of float or None
            As for `offer`, which comes first.
        charging_kw : float
            What vehicles draw, less what they give.
        room_kw : sequence of float
            What each limit has left.

        Returns
        -------
        float
            What storage and sun add to the site's power [kW]; negative: they give.
        """
        drawn_kw = self._base_kw[interval] + charging_kw - self._solar_kw[interval]
        powers_kw = (
            self._by_rule(drawn_kw, room_kw)
            if orders is None
            else self._by_plan(orders, drawn_kw, room_kw=room_kw)
        )
        for number, power_kw in enumerate(powers_kw):
            self._move(number, power_kw)
        total_kw = sum(powers_kw)
        beyond_kw = max(0.0, -(drawn_kw + total_kw) - self._export_kw)
        spilled_kw = min(self._solar_kw[interval], beyond_kw)
        self._spilled_kwh += spilled_kw * self._interval_h
        return total_kw + spilled_kw - self._solar_kw[interval]

    def storages_now(self) -> tuple[Storage, ...]:
        """Return the storages as a plan that begins now finds them."""
        return tuple(
            _as_full(one, stored_kwh)
            for one, stored_kwh in zip(self._storages, self.stored_kwh, strict=True)
        )

    def use(self, site_kw: FloatArray) -> AssetUse | None:
        """Return what came of them, given the site's power in every interval; None: none is there."""
        if not self.are_built:
            return None
        pairs = zip(self._storages, self._given_kwh, strict=True)
        return AssetUse(
            given_kwh=sum(self._given_kwh),
            wear_amount=sum(one.wear_per_kwh * given_kwh for one, given_kwh in pairs),
            gained_kwh=sum(self.stored_kwh) - sum(self._begun_kwh),
            solar_kwh=sum(self._solar_kw) * self._interval_h - self._spilled_kwh,
            spilled_kwh=self._spilled_kwh,
            exported_kwh=-float(site_kw.clip(max=0.0).sum()) * self._interval_h,
        )

    def _by_rule(self, drawn_kw: float, room_kw: Sequence[float]) -> list[float]:
        powers_kw: list[float] = []
        for number in range(len(self._storages)):
            if drawn_kw > 0:
                power_kw = -min(drawn_kw, self._gives_kw(number))
            else:
                power_kw = min(-drawn_kw, self._takes_kw(number), self._free_kw(number, room_kw))
            powers_kw.append(power_kw)
            drawn_kw += power_kw
        return powers_kw

    def _by_plan(
        self, orders: Sequence[float], drawn_kw: float, *, room_kw: Sequence[float]
    ) -> list[float]:
        """Return orders as far as storage, limits and the right to feed back let them.

        A surplus of sun that may not be fed back is stored, ordered or not.
        """
        net_kw = drawn_kw - sum(self._meant_kw)
        powers_kw: list[float] = []
        for given_kw in self._meant_kw:
            kept_kw = min(given_kw, max(0.0, -net_kw - self._export_kw))
            net_kw += kept_kw
            powers_kw.append(kept_kw - given_kw)
        left_kw = list(room_kw)
        for number, order_kw in enumerate(orders):
            if powers_kw[number] < 0:
                continue
            wish_kw = max(order_kw, -net_kw - self._export_kw, 0.0)
            taken_kw = min(wish_kw, self._takes_kw(number), self._free_kw(number, left_kw))
            for node in self._paths[number]:
                left_kw[node] -= taken_kw
            net_kw += taken_kw
            powers_kw[number] = taken_kw
        return powers_kw

    def _free_kw(self, number: int, room_kw: Sequence[float]) -> float:
        return max(0.0, min(room_kw[node] for node in self._paths[number]))

    def _gives_kw(self, number: int) -> float:
        """Return the most that a storage can give for an interval."""
        one = self._storages[number]
        held_kwh = max(0.0, self.stored_kwh[number] - one.floor_soc * one.capacity_kwh)
        return min(one.max_discharge_kw, held_kwh * one.efficiency_share / self._interval_h)

    def _takes_kw(self, number: int) -> float:
        """Return the most that a storage can take for an interval."""
        one = self._storages[number]
        free_kwh = max(0.0, one.capacity_kwh - self.stored_kwh[number])
        return min(one.max_charge_kw, free_kwh / (one.efficiency_share * self._interval_h))

    def _move(self, number: int, power_kw: float) -> None:
        share = self._storages[number].efficiency_share
        energy_kwh = power_kw * self._interval_h
        self.stored_kwh[number] += energy_kwh * share if power_kw > 0 else energy_kwh / share
        self._given_kwh[number] += max(0.0, -energy_kwh)


def _as_full(storage: Storage, stored_kwh: float) -> Storage:
    """Return a storage that begins as full as it is; sums of floats may pass its ends by a hair."""
    soc = min(1.0, max(storage.floor_soc, stored_kwh / storage.capacity_kwh))
    return replace(storage, start_soc=soc)

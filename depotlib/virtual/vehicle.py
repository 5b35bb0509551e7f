"""A virtual vehicle: its battery, and how late it follows a new limit."""

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.battery import accepted_kw, soc_after, tapered_max_kw
from depotlib.virtual.script import ScriptedVehicle

FOLLOW_S: Final = (1.0, 5.0)
"""Vehicles take up a new limit after 1 to 5 s (the design's settle assumption)."""
ASLEEP_AFTER: Final = timedelta(seconds=60)
"""So long a pause puts a vehicle to sleep that does not wake by itself."""
OFFERS_TO_WAKE: Final = 2
LEAST_OFFER_KW: Final = 0.1


@dataclass(slots=True)
class VirtualVehicle:
    """State of one vehicle; lives on between its stays.

    Parameters
    ----------
    traits : ScriptedVehicle
    draw : random.Random
        Its own seeded draw, so that a rerun of the night is the same night.
    """

    traits: ScriptedVehicle
    draw: random.Random
    soc: float = field(init=False)
    offered_kw: float = field(default=0.0, init=False)
    _coming_kw: deque[tuple[datetime, float]] = field(init=False)
    _last_offer_kw: float = field(default=0.0, init=False)
    _paused_at: datetime | None = field(default=None, init=False)
    _slept_offers: int | None = field(default=None, init=False)
    """Offers since it fell asleep; None: it is awake."""

    def __post_init__(self) -> None:
        """Begin with the charge it arrives with."""
        self.soc = self.traits.arrival_soc
        self._coming_kw = deque()

    @property
    def is_full(self) -> bool:
        """Return whether its own charge limit is reached."""
        return self.soc >= self.traits.full_soc

    def unplugged(self) -> None:
        """Forget every offer: the cable is out."""
        self.offered_kw = self._last_offer_kw = 0.0
        self._coming_kw.clear()
        self._paused_at = self._slept_offers = None

    def step(self, offer_kw: float, *, at: datetime, duration_s: float, least_kw: float) -> float:
        """Return what it draws for one step under an offer, and charge by it [kW].

        Parameters
        ----------
        offer_kw : float
            What the station signals now; followed after 1 to 5 s.
        at : datetime
        duration_s : float
        least_kw : float
            Least the connector can signal when it signals anything.
        """
        if offer_kw != self._last_offer_kw:
            self._coming_kw.append((at + timedelta(seconds=self.draw.uniform(*FOLLOW_S)), offer_kw))
            self._last_offer_kw = offer_kw
        while self._coming_kw and self._coming_kw[0][0] <= at:
            before_kw, self.offered_kw = self.offered_kw, self._coming_kw.popleft()[1]
            some_kw = max(least_kw, LEAST_OFFER_KW)
            if (before_kw >= some_kw) != (self.offered_kw >= some_kw):
                self._doze(at, is_offered=self.offered_kw >= some_kw)
        if self.is_full or self._slept_offers is not None:
            return 0.0
        most_kw = tapered_max_kw(
            self.soc, max_kw=self.traits.max_kw, taper_share=self.traits.taper_share
        )
        drawn_kw = accepted_kw(self.offered_kw, max_kw=most_kw, min_kw=least_kw)
        self.soc = soc_after(
            self.soc,
            power_kw=drawn_kw,
            duration_s=duration_s,
            usable_kwh=self.traits.usable_kwh,
            efficiency_share=self.traits.wall_efficiency_share,
        )
        return drawn_kw

    def _doze(self, at: datetime, *, is_offered: bool) -> None:
        """Fall asleep in a long pause, or wake: not by the offer that ends it, but by the next."""
        if not is_offered:
            self._paused_at = at
            return
        paused_at, self._paused_at = self._paused_at, None
        if self._slept_offers is not None:
            self._slept_offers += 1
            if self.traits.wakes_by_ritual and self._slept_offers >= OFFERS_TO_WAKE:
                self._slept_offers = None
        elif paused_at is not None and at >= paused_at + ASLEEP_AFTER:
            self._slept_offers = None if self.traits.wakes_from_pause else 1

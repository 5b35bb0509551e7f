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
            self.offered_kw = self._coming_kw.popleft()[1]
        if self.is_full:
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

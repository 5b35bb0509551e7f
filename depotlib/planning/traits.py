"""What some vehicles need beside energy: preconditioning, few starts, phases, a battery's own law."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from depotlib.model.dwell import Dwell, DwellBattery
from depotlib.model.timegrid import TimeGrid

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Traits:
    """What the needs of a problem ask for beside energy; one entry a need.

    Parameters
    ----------
    late_kwh : tuple of float
        Part of the target that cannot be drawn before `late_first`.
    late_first : tuple of int
        First interval of preconditioning.
    most_starts : tuple of int
        0: as many as one likes.
    ac_phases : tuple of int
        0: not known.
    batteries : tuple of DwellBattery or None
    """

    late_kwh: tuple[float, ...]
    late_first: tuple[int, ...]
    most_starts: tuple[int, ...]
    ac_phases: tuple[int, ...]
    batteries: tuple[DwellBattery | None, ...]

    def late_needs(self) -> list[int]:
        """Return the needs that precondition."""
        return [need for need, late_kwh in enumerate(self.late_kwh) if late_kwh > 0]

    def with_late_kwh(self, late_kwh: FloatArray) -> "Traits":
        """Return the traits with other energies for preconditioning, (needs,)."""
        return replace(self, late_kwh=tuple(late_kwh.tolist()))


def traits_of(dwells: Sequence[Dwell], grid: TimeGrid) -> Traits | None:
    """Return the traits of dwells; None where all of them ask for energy only."""
    if not any(map(_is_particular, dwells)):
        return None
    return Traits(
        late_kwh=tuple(dwell.precondition_kwh for dwell in dwells),
        late_first=tuple(_late_first(dwell, grid) for dwell in dwells),
        most_starts=tuple(dwell.most_starts or 0 for dwell in dwells),
        ac_phases=tuple(dwell.ac_phases for dwell in dwells),
        batteries=tuple(dwell.battery for dwell in dwells),
    )


def _is_particular(dwell: Dwell) -> bool:
    return bool(dwell.precondition_kwh > 0 or dwell.most_starts or dwell.battery)


def _late_first(dwell: Dwell, grid: TimeGrid) -> int:
    begin = dwell.departure - timedelta(seconds=dwell.precondition_s)
    return min(max(0, grid.first_whole_interval(begin)), grid.count)

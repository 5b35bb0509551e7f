"""Export against import: what is billed and what is credited under a rule for own generation."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from depotlib.model.local_time import FloatArray, IntArray
from depotlib.tariffs.load_grid import SECOND_US
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord
from depotlib.units import SECONDS_PER_HOUR

ExportRule = Literal["net metering", "net billing instantaneous", "net billing hourly"]
RULES: Final[dict[str, ExportRule]] = {
    "net metering": "net metering",
    "net billing instantaneous": "net billing instantaneous",
    "net billing hourly": "net billing hourly",
    # What a generator sells has a meter of its own; on one meter each reading is one or the other.
    "buy all sell all": "net billing instantaneous",
    "": "net billing instantaneous",
}


@dataclass(frozen=True, slots=True)
class NettedEnergy:
    """Energy of each reading after netting: (n,) each, of which one is 0 in every group [kWh]."""

    import_kwh: FloatArray
    export_kwh: FloatArray


def export_rule(record: UrdbRecord) -> ExportRule:
    """Return the rule of a record; each reading by itself where it names none.

    Raises
    ------
    TariffRefusedError
        If we do not know the rule.
    """
    rule = RULES.get(record.text("dgrules").lower())
    if rule is None:
        raise record.refused("dgrules", f"we do not know the rule {record.text('dgrules')!r}")
    return rule


def netted(metered: MeteredPeriod, tou_period: IntArray, *, rule: ExportRule) -> NettedEnergy:
    """Return import and export after what a rule sets off against each other.

    Parameters
    ----------
    metered : MeteredPeriod
    tou_period : ndarray of int
        (n,), time-of-use period of each reading: net metering nets within one.
    rule : str
    """
    if rule == "net billing instantaneous" or not metered.export_kwh.any():
        return NettedEnergy(metered.energy_kwh, metered.export_kwh)
    group = tou_period
    if rule == "net billing hourly":
        group = metered.start_us // (SECONDS_PER_HOUR * SECOND_US)
    _, position = np.unique(group, return_inverse=True)
    taken_kwh = np.bincount(position, weights=metered.energy_kwh).astype(np.float64)
    fed_kwh = np.bincount(position, weights=metered.export_kwh).astype(np.float64)
    return NettedEnergy(
        import_kwh=metered.energy_kwh * _left_share(taken_kwh, fed_kwh)[position],
        export_kwh=metered.export_kwh * _left_share(fed_kwh, taken_kwh)[position],
    )


def _left_share(whole_kwh: FloatArray, against_kwh: FloatArray) -> FloatArray:
    left_kwh = (whole_kwh - against_kwh).clip(min=0.0)
    return np.divide(left_kwh, whole_kwh, out=np.zeros_like(whole_kwh), where=whole_kwh > 0)

"""The unit in which demand is billed: kW, kVA or hp, once a period or every day."""

from dataclasses import dataclass
from typing import Final, Literal, cast

from depotlib.model.bill import BillUnit
from depotlib.model.local_time import FloatArray
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord
from depotlib.units import kw_to_hp

DemandName = Literal["kW", "kVA", "hp"]
NAMES: Final = {"kw": "kW", "kva": "kVA", "hp": "hp"}
DAILY: Final = "daily"


@dataclass(frozen=True, slots=True)
class DemandUnit:
    """What a demand price is per.

    Parameters
    ----------
    name : {'kW', 'kVA', 'hp'}
    is_daily : bool
        Every day's highest window is billed, not the period's.
    """

    name: DemandName = "kW"
    is_daily: bool = False

    @property
    def bill_unit(self) -> BillUnit:
        """Return the unit of a bill line."""
        return cast("BillUnit", f"{self.name}-day" if self.is_daily else self.name)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how a demand that is not in kW follows from the metered power."""
        if self.name == "hp":
            return ("demand in horsepower is the metered demand: 1 hp is 0.7457 kW",)
        return ()

    def windows(self, metered: MeteredPeriod) -> FloatArray:
        """Return every demand window in this unit, (w,)."""
        if self.name == "kVA":
            return metered.window_kva
        if self.name == "kW":
            return metered.window_kw
        return metered.window_kw * self.per_kw(metered.inputs)

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that kVA are billed as kW, where nothing tells the power factor."""
        is_told = metered.window_kvar is not None or metered.inputs.power_factor_share is not None
        if self.name != "kVA" or is_told:
            return ()
        return ("demand in kVA is billed at power factor 1: the load's own is not given",)

    def per_kw(self, inputs: BillingInputs) -> float:
        """Return how many units one kW is."""
        if self.name == "kVA":
            return 1 / (inputs.power_factor_share or 1.0)
        return kw_to_hp(1.0) if self.name == "hp" else 1.0


def demand_unit(record: UrdbRecord, field: str) -> DemandUnit:
    """Return the unit that a field of a record names; kW where it is absent.

    Raises
    ------
    TariffRefusedError
        If we do not know the unit.
    """
    words = (record.text(field) or "kW").split()
    if words[0].lower() not in NAMES or [word.lower() for word in words[1:]] not in ([], [DAILY]):
        raise record.refused(field, f"we do not know demand in {' '.join(words)!r}")
    return DemandUnit(name=cast("DemandName", NAMES[words[0].lower()]), is_daily=bool(words[1:]))

"""The bills of a year by NREL PySAM (`Utilityrate5`): another engine, for tests and the benchmark."""

import contextlib
import copy
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySAM import Utilityrate5
from PySAM.UtilityRateTools import URDBv8_to_ElectricityRates

MONTHS = 12
STRUCTURES = ("energyratestructure", "demandratestructure", "flatdemandstructure")


class SamRefusedError(Exception):
    """The engine refuses a record; it raises nothing more special itself."""


@dataclass(frozen=True, slots=True)
class SamMonth:
    """One month as that engine bills it, in the record's currency."""

    energy: float
    fixed: float
    flat_demand: float
    tou_demand: float
    minimum_top_up: float
    total: float


def sam_record(document: bytes) -> dict[str, object]:
    """Return the one record of a URDB document, field names in lower case, no tier without a rate.

    The engine's own converter stops at a tier that has an adjustment or a credit only.
    """
    found = json.loads(document)
    (record,) = found.get("items", [found])
    fields = {name.lower(): value for name, value in record.items()}
    for name in STRUCTURES:
        for period in fields.get(name, []):
            for tier in period:
                tier.setdefault("rate", 0)
    return fields


def sam_rates(record: Mapping[str, object]) -> dict[str, object]:
    """Return a record as the engine's inputs; the converter adds 1 to the schedules in place."""
    with contextlib.redirect_stdout(io.StringIO()):
        rates: dict[str, object] = URDBv8_to_ElectricityRates(copy.deepcopy(dict(record)))
    if rates["ur_enable_billing_demand"]:
        rates |= _ratchet(record, tou_periods=rates["ur_dc_tou_mat"])
    return rates


def _ratchet(record: Mapping[str, object], *, tou_periods: object) -> dict[str, object]:
    """Return the engine's ratchet inputs as its manual means them.

    The converter repeats one inner list, so that a seasonal look-back holds in all months, and it
    leaves the month's own peak out of its billing demand. Time-of-use periods are billed by the
    billing demand too: the engine refuses a ratchet on flat demand alone.
    """
    percent = 100 * float(record["lookbackpercent"])
    months = record.get("lookbackmonths") or [True] * MONTHS
    return {
        "ur_billing_demand_lookback_percentages": [
            [percent if counts else 0.0, 1.0] for counts in months
        ],
        "ur_billing_demand_lookback_period": record.get("lookbackrange") or MONTHS - 1,
        "ur_dc_billing_demand_periods": [
            [period, 1] for period in sorted({row[0] for row in tou_periods})
        ],
    }


def sam_months(
    rates: Mapping[str, object],
    power_kw: Sequence[float],
    *,
    year_zero_kw: Sequence[float] | None = None,
) -> list[SamMonth]:
    """Return the twelve bills of a year of load; arguments as for `sam_model`."""
    return sam_bills(sam_model(rates, power_kw, year_zero_kw=year_zero_kw))


def sam_model(
    rates: Mapping[str, object],
    power_kw: Sequence[float],
    *,
    year_zero_kw: Sequence[float] | None = None,
) -> "Utilityrate5.Utilityrate5":
    """Return the engine with its inputs, not yet run.

    Parameters
    ----------
    rates : mapping
        From `sam_rates`.
    power_kw : sequence of float
        Mean power of each interval [kW]: 8,760 or a whole multiple. The engine's year has 365 days
        and begins on a Monday; a peak is the highest value as given, whatever the demand window.
    year_zero_kw : sequence of float, optional
        (12,), peaks of the months before, for ratchets [kW].
    """
    model = Utilityrate5.new()
    model.ElectricityRates.assign(dict(rates))
    if rates["ur_enable_billing_demand"] and year_zero_kw is not None:
        model.ElectricityRates.ur_yearzero_usage_peaks = list(year_zero_kw)
    model.ElectricityRates.rate_escalation = [0.0]
    model.Lifetime.analysis_period = 1
    model.Lifetime.inflation_rate = 0.0
    model.Lifetime.system_use_lifetime_output = 0
    model.SystemOutput.degradation = [0.0]
    model.SystemOutput.gen = [0.0] * len(power_kw)
    model.Load.load = power_kw
    return model


def sam_bills(model: "Utilityrate5.Utilityrate5") -> list[SamMonth]:
    """Run the engine and return its twelve bills.

    Raises
    ------
    SamRefusedError
        If it cannot bill the record.
    """
    try:
        model.execute(0)
    except Exception as error:
        raise SamRefusedError(str(error)) from error
    found = model.Outputs
    tables = (
        found.charge_wo_sys_ec_ym,
        found.charge_wo_sys_fixed_ym,
        found.charge_wo_sys_dc_fixed_ym,
        found.charge_wo_sys_dc_tou_ym,
        found.charge_wo_sys_minimum_ym,
        found.utility_bill_wo_sys_ym,
    )
    # Each table's first row is year zero, which has no bills.
    return [SamMonth(*values) for values in zip(*(table[1] for table in tables), strict=True)]


def sam_amounts(month: SamMonth) -> dict[str, Decimal]:
    """Return one month by kind of line, each as it would stand on a bill."""
    return {
        name: Decimal(str(amount)).quantize(Decimal("0.01"))
        for name, amount in (
            ("energy", month.energy),
            ("fixed", month.fixed),
            ("demand", month.flat_demand + month.tou_demand),
            ("minimum", month.minimum_top_up),
            ("total", month.total),
        )
    }

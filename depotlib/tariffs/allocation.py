"""A bill split among parties by stated rules, summing exactly to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

from depotlib.model.allocation import AllocatedLine, Allocation, AllocationRules, PartyCost
from depotlib.model.attribution import BASE_LOAD, NOT_KNOWN
from depotlib.model.bill import Bill, BillLine
from depotlib.tariffs.attribution import attribute_line, spans_of_peaks
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.component import CENT, QUANTITY_STEP
from depotlib.tariffs.division import divide
from depotlib.tariffs.party_use import PartyUse
from depotlib.units import km_to_miles

TAX: Final = "tax"
TIER: Final = re.compile(r", tier \d+")
UNIT_COST_STEP: Final = Decimal("0.0001")
NO_DISTANCES: Mapping[str, float] = MappingProxyType({})
RULES: Final = {
    "by_use": "by each party's own energy at the prices of its own hours",
    "by_tiered_use": "by each party's energy in this price period; no party owns a tier",
    "by_energy": "by each party's energy of the whole period",
    "by_peak": "by each party's part of the peak",
    "by_carried_peak": "by each party's part of the earlier peak that a ratchet carries",
    "by_energy_for_want_of_use": "by energy: who drew while this line was set is not known",
    "by_amount": "by what each party bears of the lines above",
    "equally": "in equal parts among the named parties that drew anything",
}


def allocate_bill(
    case: BillingCase,
    use: PartyUse,
    *,
    rules: AllocationRules,
    distance_by_party_km: Mapping[str, float] = NO_DISTANCES,
) -> Allocation:
    """Return a bill split among parties.

    Parameters
    ----------
    case : BillingCase
        Whose bill is split.
    use : PartyUse
        Of the case's own load, in the spans at least that `spans_of_split` gives.
    rules : AllocationRules
    distance_by_party_km : mapping of str to float
        Distance driven in the period by party [km].

    Raises
    ------
    LoadError
        If the load cannot be billed.
    AllocationError
        If nobody drew anything, so that a line by energy has no owner.
    """
    bill = case.bill()
    weights = _Weights(
        case=case,
        use=use,
        energy_kwh=tuple(use.energy_kwh(case.period).tolist()),
        own_bills=_own_bills(case, use, bill=bill) if rules.energy == "by_use" else (),
    )
    lines: tuple[AllocatedLine, ...] = ()
    for line in bill.lines:
        lines += (_allocated(line, weights, rules=rules, before=lines),)
    parties = [
        _party_cost(party, kwh, lines=lines, distance_km=distance_by_party_km.get(party))
        for party, kwh in zip(use.parties, weights.energy_kwh, strict=True)
    ]
    return Allocation(
        bill=bill,
        rules=rules,
        lines=lines,
        parties=tuple(
            sorted(
                (cost for cost in parties if cost.energy_kwh > 0 or cost.total != 0),
                key=lambda cost: (-cost.total, cost.party),
            )
        ),
        warnings=use.warnings,
    )


def spans_of_split(
    bill: Bill, *, case: BillingCase, rules: AllocationRules
) -> tuple[tuple[datetime, datetime], ...]:
    """Return when there must be known who drew what to split a bill, none: in all of the load."""
    looks_back = rules.energy == "by_use" and case.of_energy(bill) is case
    return () if looks_back else spans_of_peaks(bill, case=case)


@dataclass(frozen=True, slots=True)
class _Weights:
    """What the parties' parts of any line follow from."""

    case: BillingCase
    use: PartyUse
    energy_kwh: tuple[float, ...]
    own_bills: tuple[Mapping[str, BillLine], ...]

    def of_line(
        self, line: BillLine, rules: AllocationRules
    ) -> tuple[str, Sequence[float | Decimal]]:
        """Return the name of the rule and each party's weight."""
        if line.family == "energy":
            if rules.energy == "by_use":
                return self._by_use(line)
            return self._plain(rules.energy)
        if line.family == "demand" and rules.demand == "by_peak":
            return self._by_peak(line)
        return self._plain(rules.demand if line.family == "demand" else rules.fixed)

    def _plain(self, rule: str) -> tuple[str, Sequence[float]]:
        if rule != "equally":
            return "by_energy", self.energy_kwh
        named = [
            float(kwh > 0 and party != BASE_LOAD)
            for party, kwh in zip(self.use.parties, self.energy_kwh, strict=True)
        ]
        return ("equally", named) if any(named) else ("by_energy", self.energy_kwh)

    def _by_peak(self, line: BillLine) -> tuple[str, Sequence[float | Decimal]]:
        found = attribute_line(line, self.use, case=self.case)
        if found.shares[0].party == NOT_KNOWN or line.quantity == 0:
            return "by_energy_for_want_of_use", self.energy_kwh
        drawn_kw = {share.party: share.drawn_kw for share in found.shares}
        rule = "by_carried_peak" if found.is_from_earlier else "by_peak"
        return rule, [drawn_kw.get(party, 0.0) for party in self.use.parties]

    def _by_use(self, line: BillLine) -> tuple[str, Sequence[float | Decimal]]:
        own = [lines.get(line.component) for lines in self.own_bills]
        taken = sum((mine.quantity for mine in own if mine is not None), Decimal(0))
        if abs(taken - line.quantity) <= len(own) * QUANTITY_STEP and line.quantity:
            # Unrounded, so that many small parties are not all rounded the same way.
            amounts = [
                Decimal(0) if mine is None else mine.quantity * mine.unit_price for mine in own
            ]
            return "by_use", amounts if sum(amounts) else [_quantity(mine) for mine in own]
        stem = TIER.sub("", line.component)
        return self._by_stem(stem)

    def _by_stem(self, stem: str) -> tuple[str, Sequence[float | Decimal]]:
        # A party alone would fill the first tiers again: its energy in the price period counts.
        taken = [
            sum(
                (one.quantity for name, one in lines.items() if TIER.sub("", name) == stem),
                Decimal(0),
            )
            for lines in self.own_bills
        ]
        return ("by_tiered_use", taken) if sum(taken) else ("by_energy", self.energy_kwh)


def _own_bills(
    case: BillingCase, use: PartyUse, *, bill: Bill
) -> tuple[Mapping[str, BillLine], ...]:
    # Each party's load billed alone: its own hours meet their own prices, whatever the tariff is.
    has_energy = use.energy_kwh(case.period) > 0
    of_energy = case.of_energy(bill)
    within = None if of_energy is case else case.period
    bills = iter(of_energy.bills_of(use.loads_of(has_energy, within=within)))
    return tuple(
        {line.component: line for line in next(bills).lines if line.family == "energy"}
        if has
        else {}
        for has in has_energy.tolist()
    )


def _quantity(line: BillLine | None) -> Decimal:
    return Decimal(0) if line is None else line.quantity


def _allocated(
    line: BillLine,
    weights: _Weights,
    *,
    rules: AllocationRules,
    before: Sequence[AllocatedLine],
) -> AllocatedLine:
    borne = [
        sum((one.amount_by_party.get(party, Decimal(0)) for one in before), Decimal(0))
        for party in weights.use.parties
    ]
    if line.family == TAX and sum(borne) != 0:
        rule, parts = "by_amount", borne
    else:
        rule, parts = weights.of_line(line, rules)
    amounts = divide(line.amount, parts, step=CENT)
    shared = zip(weights.use.parties, amounts, strict=True)
    return AllocatedLine(
        component=line.component,
        family=line.family,
        amount=line.amount,
        rule=RULES[rule],
        amount_by_party={party: amount for party, amount in shared if amount != 0},
    )


def _party_cost(
    party: str, energy_kwh: float, *, lines: Sequence[AllocatedLine], distance_km: float | None
) -> PartyCost:
    by_family: dict[str, Decimal] = {}
    for line in lines:
        amount = line.amount_by_party.get(party, Decimal(0))
        by_family[line.family] = by_family.get(line.family, Decimal(0)) + amount
    total = sum(by_family.values(), Decimal(0))
    return PartyCost(
        party=party,
        energy_kwh=energy_kwh,
        amount_by_family=by_family,
        total=total,
        distance_km=distance_km,
        cost_per_km=_per(total, distance_km),
        cost_per_mile=_per(total, None if distance_km is None else km_to_miles(distance_km)),
    )


def _per(total: Decimal, distance: float | None) -> Decimal | None:
    if not distance or distance <= 0:
        return None
    return (total / Decimal(repr(distance))).quantize(UNIT_COST_STEP, ROUND_HALF_UP)

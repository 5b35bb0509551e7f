"""A night's stays against its journal: what each vehicle lacks, and what took it."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from depotlib.model.calendar import zone
from depotlib.model.depot import Depot
from depotlib.model.live import JournalEntry
from depotlib.model.reconciliation import CauseShare, VehicleReconciliation
from depotlib.reconciliation.attribution import attribute_gap
from depotlib.reconciliation.evidence import Evidence
from depotlib.reconciliation.listening import told_night
from depotlib.reconciliation.planned import PlannedStay
from depotlib.reconciliation.scene import Scene
from depotlib.reconciliation.told import ToldSession
from depotlib.reconciliation.visits import visits_by_stay
from depotlib.reconciliation.why import why
from depotlib.reconciliation.yard import Yard
from depotlib.units import kwh_to_wh


def reconcile_stays(
    stays: Sequence[PlannedStay],
    entries: Sequence[JournalEntry],
    *,
    depot: Depot,
    until: datetime,
) -> tuple[tuple[VehicleReconciliation, ...], int]:
    """Return plan against actual of every stay, and what was delivered to nobody known [Wh].

    Parameters
    ----------
    stays : sequence of PlannedStay
        As they were planned, before the night.
    entries : sequence of JournalEntry
        Of the night, in the order of the journal.
    depot : Depot
    until : datetime
        The end of the night, or now, if that is earlier.
    """
    night = told_night(entries, end=until)
    visits, nobodys = visits_by_stay(stays, night.sessions)
    yard = Yard.of(depot)
    time_zone = zone(depot.time_zone)
    found = tuple(
        _reconciled(Evidence(Scene(planned, mine, night=night, yard=yard, until=until)), time_zone)
        for planned, mine in zip(stays, visits, strict=True)
    )
    ordered = sorted(found, key=lambda one: (-one.missing_wh, one.vehicle_id))
    return tuple(ordered), sum(_wh(one.energy_kwh) for one in nobodys)


def _reconciled(evidence: Evidence, time_zone: ZoneInfo) -> VehicleReconciliation:
    scene, stay = evidence.scene, evidence.stay()
    planned = scene.planned
    target_wh, delivered_wh = _wh(planned.target_kwh), _wh(stay.delivered_kwh)
    shares, unexplained_wh = attribute_gap(stay, gap_wh=target_wh - delivered_wh)
    ordered = sorted(shares.items(), key=lambda one: -one[1])
    return VehicleReconciliation(
        vehicle_id=planned.vehicle_id,
        arrival=planned.arrival,
        departure=planned.departure,
        plugged_at=scene.visits[0].start if scene.visits else None,
        unplugged_at=scene.visits[-1].end if scene.visits else None,
        planned_connectors=planned.connectors(),
        connectors=_connectors(scene.visits),
        must_wh=_wh(planned.must_kwh),
        target_wh=target_wh,
        planned_wh=_wh(evidence.planned_kwh),
        delivered_wh=delivered_wh,
        shares=tuple(
            CauseShare(cause, wh, why(evidence, cause, time_zone=time_zone))
            for cause, wh in ordered
        ),
        unexplained_wh=unexplained_wh,
    )


def _connectors(visits: Sequence[ToldSession]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.connector_id for one in visits))


def _wh(energy_kwh: float) -> int:
    return round(kwh_to_wh(energy_kwh))

"""What a charging process is foreseen to do, as VDV 463 tells it."""

from datetime import datetime
from typing import Final

from depotlib.api.estimate import Taper, completion_of
from depotlib.api.vdv463.envelope import stamp
from depotlib.api.vdv463.requests import ChargingRequest
from depotlib.model.charge import ChargeBelief
from depotlib.model.dwell import Dwell
from depotlib.model.live import ConnectorState
from depotlib.model.release import ConnectorSchedule
from depotlib.units import duration_h, soc_to_percent

DECIMALS: Final = 1


def prediction(
    state: ConnectorState,
    *,
    charge: ChargeBelief | None,
    schedule: ConnectorSchedule | None,
    request: ChargingRequest | None,
    stay: Dwell | None,
    now: datetime,
) -> dict[str, object]:
    """Return the ``chargingPredictionData`` of a process: what is not known is left out.

    Parameters
    ----------
    state : ConnectorState
    charge : ChargeBelief or None
        Of its vehicle in this session.
    schedule : ConnectorSchedule or None
        Released for it.
    request : ChargingRequest or None
        In force for its vehicle.
    stay : Dwell or None
    now : datetime
    """
    told: dict[str, object] = {"chargingPredictionDataStatus": "Ongoing"}
    if charge is None or schedule is None or request is None:
        return told
    data, soc = request.charging_request_data, charge.soc_at(state.energy_kwh)
    if soc >= data.most_soc:
        return {"chargingPredictionDataStatus": "Finished"}
    taper = _taper(charge, stay, soc=soc)
    targets = (("MinTargetSoc", data.least_soc), ("MaxTargetSoc", data.most_soc))
    for name, target_soc in targets:
        remaining_kwh = charge.wall_kwh(target_soc - soc)
        at = completion_of(
            state, schedule, remaining_kwh=remaining_kwh, now=now, taper=taper
        ).completes_at
        if at is not None:
            told[f"chargingPredictionData{name}"] = {
                f"requested{name}": percent_of(target_soc),
                "predictedTime": stamp(at),
            }
    if data.departure is not None:
        gained_soc = charge.gained_soc(permitted_kwh(schedule, now, until=data.departure))
        told["chargingPredictionDataDepartureTime"] = {
            "predictedDepartureTimeSoc": percent_of(max(soc, min(data.most_soc, soc + gained_soc))),
            "requestedTimeForDeparture": stamp(data.departure),
        }
    return told


def permitted_kwh(schedule: ConnectorSchedule, now: datetime, *, until: datetime) -> float:
    """Return what the limits of a schedule permit in a span [kWh]."""
    ends = [*(step.start for step in schedule.steps[1:]), schedule.valid_to]
    return sum(
        step.limit_kw * max(0.0, duration_h(min(end, until) - max(step.start, now)))
        for step, end in zip(schedule.steps, ends, strict=True)
    )


def percent_of(soc: float) -> float:
    """Return a state of charge in percent, as messages give it."""
    return round(soc_to_percent(soc), DECIMALS)


def _taper(charge: ChargeBelief, stay: Dwell | None, *, soc: float) -> Taper | None:
    if stay is None or stay.battery is None or stay.battery.taper_share <= 0.0:
        return None
    return Taper(
        soc=soc,
        soc_per_kwh_share=charge.gained_soc(1.0),
        max_kw=stay.max_kw,
        taper_share=stay.battery.taper_share,
    )

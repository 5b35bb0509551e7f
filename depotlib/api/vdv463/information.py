"""What a depot system is told by VDV 463: every station, charging point, vehicle and process.

References
----------
.. [1] VDV, "VDV 463", JSON schema ProvideChargingInformationRequest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.api.vdv463.asks import ALIAS, Asked
from depotlib.api.vdv463.envelope import stamp
from depotlib.api.vdv463.prediction import percent_of, prediction
from depotlib.api.vdv463.requests import ChargingRequest
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.charge import ChargeBelief
from depotlib.model.depot import ChargingStation, Connector
from depotlib.model.dwell import Dwell
from depotlib.model.live import ConnectorState, Distrust, StationState
from depotlib.model.news import VehicleReading
from depotlib.model.release import ConnectorSchedule
from depotlib.units import kwh_to_wh

Told = dict[str, object]

CHARGES_KW: Final = 0.1
"""Below, what is measured is the station's own."""
OCCUPIED: Final = frozenset(
    {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Occupied"}
)
SAID: Final = frozenset({"Available", "Reserved", "Unavailable", "Faulted"})
PROCESSES: Final = frozenset({"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"})


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a message is made from, read at once."""

    brief: Brief
    asked: Asked
    presystem_id: str
    now: datetime
    states: Mapping[str, StationState]
    charges: Mapping[str, ChargeBelief]
    readings: Mapping[str, VehicleReading]
    schedules: Mapping[tuple[str, str], ConnectorSchedule]
    stays: Mapping[str, Dwell]
    distrusts: Mapping[str, Distrust]

    def name_of(self, vehicle_id: str) -> str:
        """Return what the depot system calls a vehicle."""
        request = self.asked.requests.get(vehicle_id)
        if request is not None:
            return request.vehicle_id
        vehicles = self.brief.fleet.vehicles if self.brief.fleet is not None else ()
        aliases = [
            name.removeprefix(ALIAS)
            for one in vehicles
            for name in one.telematics_ids
            if one.vehicle_id == vehicle_id and name.startswith(ALIAS)
        ]
        return aliases[0] if aliases else vehicle_id


def information(mailbox: Mailbox, *, asked: Asked, presystem_id: str, now: datetime) -> Told | None:
    """Return the payload of ProvideChargingInformation, or None: no site is published yet.

    Parameters
    ----------
    mailbox : Mailbox
    asked : Asked
        What this system has asked.
    presystem_id : str
    now : datetime
    """
    published, release = mailbox.brief(), mailbox.current_release()
    if published is None:
        return None
    brief = published[1]
    stays = {
        one.vehicle_id: one
        for one in sorted(brief.dwells, key=lambda one: one.arrival, reverse=True)
        if one.departure > now
    }
    schedules = {
        (one.connector_id, one.vehicle_id): one for one in (release.schedules if release else ())
    }
    scene = Scene(
        brief=brief,
        asked=asked,
        presystem_id=presystem_id,
        now=now,
        states={one.station_id: one for one in mailbox.station_states()},
        charges={one.vehicle_id: one for one in mailbox.charges.all()},
        readings={one.vehicle_id: one for one in mailbox.readings()},
        schedules=schedules,
        stays=stays,
        distrusts={one.connector_id: one for one in mailbox.distrusts()},
    )
    depot: Told = {
        "depotId": brief.depot.depot_id,
        "name": brief.depot.name,
        "chargingStationInfoList": [_station(scene, one) for one in brief.depot.stations],
    }
    told: Told = {"depotInfoList": [depot]}
    if asked.rejected:
        told["rejectedChargingRequestInfoList"] = [
            {"presystemId": presystem_id, "chargingRequestId": request_id, "reason": why}
            for request_id, why in sorted(asked.rejected.items())
        ]
    return told


def _station(scene: Scene, station: ChargingStation) -> Told:
    state = scene.states.get(station.station_id)
    connectors = {one.connector_id: one for one in (state.connectors if state else ())}
    is_connected = state is not None and state.is_connected
    told: Told = {
        "chargingStationId": station.station_id,
        "chargingPointInfoList": [
            _point(scene, one, state=connectors.get(one.connector_id), is_connected=is_connected)
            for one in station.connectors()
        ],
        "totalPower": sum(one.power_kw for one in connectors.values()),
    }
    if not is_connected:
        since = state.last_seen if state is not None else None
        told["chargingStationFaultInfo"] = {
            "chargingStationFaultCode": "CommunicationFailure",
            "faultText": "the station is not connected",
            "faultTimeStamp": stamp(since or scene.now),
        }
    return told


def _point(
    scene: Scene, connector: Connector, *, state: ConnectorState | None, is_connected: bool
) -> Told:
    told: Told = {
        "chargingPointId": connector.connector_id,
        "chargingPointStatus": _status(state) if is_connected else "Unavailable",
    }
    fault = _fault(scene, connector, state=state)
    if fault is not None:
        told["chargingPointFaultInfo"] = fault
    if state is not None:
        told["presentPowerLimit"] = state.limit_kw
        if state.vehicle_id is not None:
            told["vehicleInfo"] = _vehicle(scene, state, vehicle_id=state.vehicle_id)
        if state.session_id is not None and state.session_started_at is not None:
            told["chargingProcessInfo"] = _process(scene, state, began=state.session_started_at)
    coming = _coming(scene, connector)
    if coming:
        told["scheduledChargingProcessList"] = coming
    return told


def _status(state: ConnectorState | None) -> str:
    status = state.status if state is not None else ""
    if status in SAID:
        return status
    is_taken = status in OCCUPIED or (state is not None and state.session_id is not None)
    return "Occupied" if is_taken else "Unavailable"


def _fault(scene: Scene, connector: Connector, *, state: ConnectorState | None) -> Told | None:
    caught = scene.distrusts.get(connector.connector_id)
    if caught is not None:
        text = f"it drew {caught.power_kw:.1f} kW where {caught.limit_kw:.1f} kW were permitted"
        return _point_fault(text, caught.caught_at)
    if state is not None and state.status == "Faulted":
        return _point_fault("the station says Faulted", state.measured_at or scene.now)
    return None


def _point_fault(text: str, at: datetime) -> Told:
    return {
        "chargingPointFaultCode": "OtherChargingPointFailure",
        "faultText": text,
        "faultTimeStamp": stamp(at),
    }


def _vehicle(scene: Scene, state: ConnectorState, *, vehicle_id: str) -> Told:
    reading, charge = scene.readings.get(vehicle_id), _charge(scene, state)
    soc = charge.soc_at(state.energy_kwh) if charge is not None else state.soc
    told: Told = {
        "vehicleId": scene.name_of(vehicle_id),
        "vehicleStatusInfo": {},
        "vehicleChargingStatus": "Charging" if state.power_kw > CHARGES_KW else "ReadyToCharge",
        "preconditioningInfo": {},
    }
    if soc is not None:
        told["tractionBatteryInfo"] = {"stateOfCharge": percent_of(soc)}
    if reading is not None and reading.odometer_km is not None:
        told["mileage"] = round(reading.odometer_km)
    return told


def _process(scene: Scene, state: ConnectorState, *, began: datetime) -> Told:
    vehicle_id = state.vehicle_id or ""
    request = scene.asked.requests.get(vehicle_id)
    told: Told = {
        "chargingProcessId": state.session_id,
        "processStatus": _process_status(state),
        "startTime": stamp(began),
        "chargingPredictionData": prediction(
            state,
            charge=_charge(scene, state),
            schedule=scene.schedules.get((state.connector_id, vehicle_id)),
            request=request,
            stay=scene.stays.get(vehicle_id),
            now=scene.now,
        ),
        "electricData": {"chargingPower": state.power_kw},
        "deliveredEnergy": kwh_to_wh(state.energy_kwh),
    }
    return told | _asked_as(scene, request)


def _process_status(state: ConnectorState) -> str:
    if state.status in PROCESSES:
        return state.status
    return "Charging" if state.power_kw > CHARGES_KW else "SuspendedEVSE"


def _coming(scene: Scene, connector: Connector) -> list[Told]:
    """Return the processes that are planned on a point for vehicles that are not there yet."""
    plugged = {
        one.vehicle_id
        for state in scene.states.values()
        for one in state.connectors
        if one.session_id
    }
    found: list[Told] = []
    for (connector_id, vehicle_id), schedule in scene.schedules.items():
        request = scene.asked.requests.get(vehicle_id)
        if connector_id != connector.connector_id or request is None or vehicle_id in plugged:
            continue
        starts = [step.start for step in schedule.steps if step.limit_kw > 0.0]
        told: Told = {
            "vehicleId": request.vehicle_id,
            "chargingPredictionData": {"chargingPredictionDataStatus": "Ongoing"},
        }
        if starts:
            told["startTime"] = stamp(min(starts))
        found.append(told | _asked_as(scene, request))
    return found


def _asked_as(scene: Scene, request: ChargingRequest | None) -> Told:
    if request is None:
        return {}
    return {
        "presystemId": scene.presystem_id,
        "chargingRequestId": request.charging_request_id,
    }


def _charge(scene: Scene, state: ConnectorState) -> ChargeBelief | None:
    charge = scene.charges.get(state.vehicle_id or "")
    return charge if charge is not None and charge.session_id == state.session_id else None

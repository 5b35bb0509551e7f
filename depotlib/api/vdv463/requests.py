"""What a depot system asks by VDV 463: the fields of its requests. Pure.

References
----------
.. [1] VDV, "VDV 463", JSON schemas BootNotificationRequest and ProvideChargingRequestsRequest.
"""

import json
from collections.abc import Mapping
from typing import Final, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

MOST_REQUESTS: Final = 1000
LONGEST: Final = 200


class Part(BaseModel):
    """A part of a message: a field that the schema does not know is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )


class BootNotification(Part):
    """A depot system has started."""

    presystem: Literal["BMS", "ITCS"]


class ChargingRequestData(Part):
    """What a vehicle needs; charges in percent, as the standard has them."""

    expected_arrival: AwareDatetime | None = Field(
        default=None, alias="expectedArrivalTimeAtChargingPoint"
    )
    arrival_percent: float | None = Field(
        default=None, alias="expectedSocAtArrival", ge=0.0, le=100.0, allow_inf_nan=False
    )
    least_percent: float = Field(alias="minTargetSoc", ge=0.0, le=100.0, allow_inf_nan=False)
    most_percent: float = Field(alias="maxTargetSoc", ge=0.0, le=100.0, allow_inf_nan=False)
    departure: AwareDatetime | None = Field(default=None, alias="requestedTimeForDeparture")
    ad_hoc_charging: bool | None = None


class AutomaticPreconditioning(Part):
    """Preconditioning whose power the vehicle chooses."""

    preconditioning_request: Literal[
        "WarmWaterAndVentilation",
        "HotWaterAndHeating",
        "NoWaterCoolingOrVentilation",
        "NoClimaticPreconditioningOrSNA",
        "NoClimatePreconditioningOrAutomaticPreselectionByTheVehicle",
        "SNA",
    ]
    ambient_temperature: float | None = Field(default=None, allow_inf_nan=False)
    requested_start_time: AwareDatetime | None = None
    requested_finish_time: AwareDatetime | None = None
    target_percent: float | None = Field(default=None, alias="targetSoc", ge=0.0, le=100.0)


class ManualPreconditioning(Part):
    """Preconditioning from stated instants on, with stated powers [kW]."""

    hvac_start: AwareDatetime = Field(alias="hvacPreconditioningStartTime")
    hvac_kw: int | None = Field(default=None, alias="hvacAuxiliaryConsumerPower", ge=0, le=1000)
    system_start: AwareDatetime = Field(alias="systemPreconditioningStartTime")
    system_kw: int | None = Field(default=None, alias="systemAuxiliaryConsumerPower", ge=0, le=1000)
    target_percent: float | None = Field(default=None, alias="targetSoc", ge=0.0, le=100.0)


class ChargingRequest(Part):
    """One request."""

    charging_point_id: str | None = Field(default=None, max_length=LONGEST)
    vehicle_id: str = Field(min_length=1, max_length=LONGEST)
    charging_request_id: str = Field(min_length=1, max_length=LONGEST)
    charging_process_id: str | None = Field(default=None, max_length=LONGEST)
    priority: int | None = None
    charging_request_data: ChargingRequestData
    automatic_preconditioning: AutomaticPreconditioning | None = None
    manual_preconditioning: ManualPreconditioning | None = None


class ChargingRequests(Part):
    """All the requests of a depot system: what is not here any more is withdrawn."""

    charging_request_list: tuple[ChargingRequest, ...] = Field(max_length=MOST_REQUESTS)


Payload = TypeVar("Payload", bound=Part)


def read_payload(payload: Mapping[str, object], kind: type[Payload]) -> Payload | str:
    """Return a payload, or why it is none.

    Parameters
    ----------
    payload : mapping of str to object
    kind : type
    """
    try:
        return kind.model_validate_json(json.dumps(payload))
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"

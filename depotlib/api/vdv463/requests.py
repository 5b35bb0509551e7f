"""What a depot system asks by VDV 463: the fields of its requests. Pure.

References
----------
.. [1] VDV, "VDV 463", JSON schemas BootNotificationRequest and ProvideChargingRequestsRequest.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from depotlib.units import percent_to_soc, soc_to_percent

MOST_REQUESTS: Final = 1000
LONGEST: Final = 200


DECIMALS: Final = 6


def as_percent(soc: float) -> float:
    """Return a state of charge in percent, as it was written."""
    return round(soc_to_percent(soc), DECIMALS)


Soc = Annotated[
    float,
    Field(ge=0.0, le=100.0, allow_inf_nan=False),
    AfterValidator(percent_to_soc),
    PlainSerializer(as_percent),
]
"""0-1; percent in messages."""


class Part(BaseModel):
    """A part of a message: a field that the schema does not know is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )


class BootNotification(Part):
    """A depot system has started."""

    presystem: Literal["BMS", "ITCS"]


class ChargingRequestData(Part):
    """What a vehicle needs."""

    expected_arrival: AwareDatetime | None = Field(
        default=None, alias="expectedArrivalTimeAtChargingPoint"
    )
    arrival_soc: Soc | None = Field(default=None, alias="expectedSocAtArrival")
    least_soc: Soc = Field(alias="minTargetSoc")
    most_soc: Soc = Field(alias="maxTargetSoc")
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
    ambient_c: float | None = Field(default=None, alias="ambientTemperature", allow_inf_nan=False)
    requested_start_time: AwareDatetime | None = None
    requested_finish_time: AwareDatetime | None = None
    target_soc: Soc | None = None


class ManualPreconditioning(Part):
    """Preconditioning from stated instants on, with stated powers [kW]."""

    hvac_start: AwareDatetime = Field(alias="hvacPreconditioningStartTime")
    hvac_kw: int | None = Field(default=None, alias="hvacAuxiliaryConsumerPower", ge=0, le=1000)
    system_start: AwareDatetime = Field(alias="systemPreconditioningStartTime")
    system_kw: int | None = Field(default=None, alias="systemAuxiliaryConsumerPower", ge=0, le=1000)
    target_soc: Soc | None = None


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

"""The answers of a 2.x station that keeps one level of profiles, by the letter of block K01."""

from dataclasses import dataclass, field
from typing import Any

from tests.conformance.gateway_process import ACCEPTED

CAP = "ChargingStationMaxProfile"


def _refusal(why: str) -> dict[str, Any]:
    return {"status": "Rejected", "statusInfo": {"reasonCode": why}}


@dataclass
class OneLevel:
    """What such a station holds, and whether there was ever nothing that limited it."""

    takes_cap: bool = True
    held: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    arms_of_station: int = 0
    was_never_unlimited: bool = True
    _was_armed: bool = False

    def __call__(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what it answers to a call."""
        reply = self._answered(action, payload)
        is_limited = bool(self.held)
        self._was_armed |= is_limited
        self.was_never_unlimited &= is_limited or not self._was_armed
        return reply

    def limits(self, *, evse: int) -> list[float]:
        """Return the limits of the default that lies on an EVSE (0: the station) [A]."""
        return [
            period["limit"]
            for place, profile in self.held.values()
            if place == evse and profile["chargingProfilePurpose"] == "TxDefaultProfile"
            for period in profile["chargingSchedule"][0]["chargingSchedulePeriod"]
        ]

    def is_by_evse(self) -> bool:
        """Return whether its safe limit lies on the EVSE, and its own maximum is back."""
        caps = [
            profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"]
            for _, profile in self.held.values()
            if profile["chargingProfilePurpose"] == CAP
        ]
        return self.limits(evse=1) == [6.0] and caps == [32.0]  # 7360 W / 230 V

    def _answered(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        if action == "SetChargingProfile":
            return self._installed(payload["evseId"], payload["chargingProfile"])
        if action == "ClearChargingProfile":
            wanted = payload["chargingProfileCriteria"]["chargingProfilePurpose"]
            self.held = {
                number: one
                for number, one in self.held.items()
                if one[1]["chargingProfilePurpose"] != wanted
            }
        if action == "GetVariables":
            return {"getVariableResult": [_told(one) for one in payload["getVariableData"]]}
        return ACCEPTED

    def _installed(self, evse: int, profile: dict[str, Any]) -> dict[str, Any]:
        why = self._why_not(evse, profile)
        if why:
            self.refused.append(why)
            return _refusal(why)
        self.arms_of_station += evse == 0 and profile["chargingProfilePurpose"] != CAP
        self.held[profile["id"]] = (evse, profile)
        return ACCEPTED

    def _why_not(self, evse: int, profile: dict[str, Any]) -> str:
        purpose = profile["chargingProfilePurpose"]
        if profile["stackLevel"] > 0:
            return "InvalidStackLevel"
        if purpose == CAP and not self.takes_cap:
            return "UnsupportedParam"
        is_duplicate = any(
            one["chargingProfilePurpose"] == purpose
            and number != profile["id"]
            and (place == 0) != (evse == 0)
            for number, (place, one) in self.held.items()
        )
        return "Duplicate" if is_duplicate else ""  # K01.FR.52 and 53


def _told(asked: dict[str, Any]) -> dict[str, Any]:
    is_level = asked["variable"]["name"] == "ProfileStackLevel"
    value = {"attributeValue": "0"} if is_level else {}
    return {"attributeStatus": "Accepted" if is_level else "UnknownVariable", **value, **asked}

"""A virtual station's OCPP 2.0.1 side: the same station, said in EVSEs and TransactionEvents."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from ocpp.routing import after, on
from ocpp.v201 import call, call_result
from ocpp.v201.datatypes import (
    ChargingProfileType,
    ChargingSchedulePeriodType,
    ChargingScheduleType,
    CompositeScheduleType,
    StatusInfoType,
)
from ocpp.v201.enums import (
    Action,
    BootReasonEnumType,
    ChargingLimitSourceEnumType,
    ChargingProfileKindEnumType,
    ChargingProfilePurposeEnumType,
    ChargingProfileStatusEnumType,
    ChargingRateUnitEnumType,
    ClearChargingProfileStatusEnumType,
    GenericStatusEnumType,
    GetChargingProfileStatusEnumType,
    ResetStatusEnumType,
    TriggerMessageStatusEnumType,
)
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from depotlib.clock import Clock
from depotlib.units import kw_to_w
from depotlib.virtual.charging_profiles import (
    DEFAULT_PURPOSE,
    MAX_PURPOSE,
    TX_PURPOSE,
    StoredProfile,
    read_profile,
)
from depotlib.virtual.client import answer_timeout_s, composite_kw, ocpp_time
from depotlib.virtual.line import Speech
from depotlib.virtual.misconduct import is_heard, is_refusing, told_units
from depotlib.virtual.said201 import name_on, status_notification, transaction_event
from depotlib.virtual.service201 import RATE_UNIT, VARIABLES, ServiceAnswers201
from depotlib.virtual.station import Message, VirtualStation

SUBPROTOCOL: Final = Subprotocol("ocpp2.0.1")
STATION_MAXIMUM: Final = "ChargingStationMaxProfile"


class StationClient201(ServiceAnswers201):
    """Answers the central system's calls for one station, over one connection."""

    place = "evseId"

    def __init__(
        self, station: VirtualStation, connection: ClientConnection, *, clock: Clock
    ) -> None:
        """Take over a connection for a station."""
        super().__init__(
            station.traits.station_id,
            connection,
            # Annotated as whole seconds, but only ever compared and subtracted.
            response_timeout=answer_timeout_s(clock),  # pyright: ignore[reportArgumentType]
        )
        self.station = station
        self.socket = connection
        self.depot_clock = clock
        self.has_booted = False
        self._since = clock.now()

    async def route_message(self, raw_msg: str) -> None:
        """Take a frame in, unless the station is deaf to it."""
        if is_heard(self.station, raw_msg, at=self.depot_clock.now()):
            await super().route_message(raw_msg)

    async def _delay(self) -> None:
        slow = self.station.misbehaves("slow", self.depot_clock.now())
        if slow is not None:
            await asyncio.sleep(self.depot_clock.real_s(slow.delay_s))

    # --- charging profiles ------------------------------------------------------------------

    @on(Action.set_charging_profile)
    async def on_set_charging_profile(
        self, evse_id: int, charging_profile: dict[str, Any], **_: object
    ) -> call_result.SetChargingProfile:
        """Keep a profile, or reject what block K says is rejected."""
        await self._delay()
        why = self._refusal(evse_id, charging_profile)
        if why:
            return call_result.SetChargingProfile(
                status=ChargingProfileStatusEnumType.rejected,
                status_info=StatusInfoType(reason_code=why),
            )
        self.station.profiles.install(self._read(evse_id, charging_profile))
        return call_result.SetChargingProfile(status=ChargingProfileStatusEnumType.accepted)

    def _refusal(self, evse_id: int, payload: dict[str, Any]) -> str:
        """Return why a profile is rejected, or an empty text."""
        schedules = payload["charging_schedule"]
        if len(schedules) != 1 or schedules[0]["charging_schedule_period"][0]["start_period"] != 0:
            return "InvalidSchedule"  # K01.FR.31 and 34
        if payload["charging_profile_kind"] != "Relative" and not schedules[0].get(
            "start_schedule"
        ):
            return "InvalidSchedule"  # K01.FR.40
        profile = self._read(evse_id, payload)
        unit = str(schedules[0]["charging_rate_unit"])
        if is_refusing(self.station, profile, unit=unit, at=self.depot_clock.now()):
            return "InvalidProfile"
        if profile.stack_level > self.station.profiles.max_stack_level:
            return "InvalidStackLevel"
        return self._misplaced(evse_id, profile, name=payload.get("transaction_id"))

    def _misplaced(self, evse_id: int, profile: StoredProfile, *, name: str | None) -> str:
        plug = self.station.connectors.get(evse_id)
        if profile.purpose == MAX_PURPOSE:
            return "" if evse_id == 0 else "InvalidProfile"  # K04.FR.03
        if profile.purpose == TX_PURPOSE:
            is_running = plug is not None and plug.transaction is not None
            # K01.FR.03, 09 and 33: a transaction that runs, named
            is_meant = is_running and plug is not None and name == name_on(plug)
            return "" if is_meant else "TxNotFound"
        if profile.purpose != DEFAULT_PURPOSE or (evse_id != 0 and plug is None):
            return "InvalidProfile"
        return "Duplicate" if self._is_second_layer(profile) else ""

    def _is_second_layer(self, profile: StoredProfile) -> bool:
        """Return whether a default's level is used on EVSE 0 and on an EVSE (K01.FR.52, 53)."""
        return any(
            kept.purpose == DEFAULT_PURPOSE
            and kept.stack_level == profile.stack_level
            and (kept.connector == 0) != (profile.connector == 0)
            and kept.profile_id != profile.profile_id
            for kept in self.station.profiles.profiles
        )

    def _read(self, evse_id: int, payload: dict[str, Any]) -> StoredProfile:
        traits = self.station.traits
        purpose = payload["charging_profile_purpose"]
        # A profile of a transaction ends with it; until then its EVSE tells it apart.
        plain: dict[str, object] = {
            **payload,
            "transaction_id": None,
            "charging_profile_id": payload["id"],
            "charging_profile_purpose": MAX_PURPOSE if purpose == STATION_MAXIMUM else purpose,
            "charging_schedule": payload["charging_schedule"][0],
        }
        return read_profile(
            plain, connector=evse_id, voltage_v=traits.voltage_v, phases=traits.phases
        )

    @on(Action.clear_charging_profile)
    async def on_clear_charging_profile(
        self,
        charging_profile_id: int | None = None,
        charging_profile_criteria: dict[str, Any] | None = None,
        **_: object,
    ) -> call_result.ClearChargingProfile:
        """Clear profiles by id or by criteria."""
        wanted = charging_profile_criteria or {}
        purpose = wanted.get("charging_profile_purpose")
        cleared = self.station.profiles.clear(
            profile_id=charging_profile_id,
            connector=wanted.get("evse_id"),
            purpose=MAX_PURPOSE if purpose == STATION_MAXIMUM else purpose,
            stack_level=wanted.get("stack_level"),
        )
        statuses = ClearChargingProfileStatusEnumType
        return call_result.ClearChargingProfile(
            status=statuses.accepted if cleared else statuses.unknown
        )

    @on(Action.get_charging_profiles)
    async def on_get_charging_profiles(
        self, evse_id: int | None = None, **_: object
    ) -> call_result.GetChargingProfiles:
        """Say whether there is anything to report."""
        statuses = GetChargingProfileStatusEnumType
        return call_result.GetChargingProfiles(
            status=statuses.accepted if self._held(evse_id) else statuses.no_profiles
        )

    @after(Action.get_charging_profiles)
    async def after_get_charging_profiles(
        self, request_id: int, evse_id: int | None = None, **_: object
    ) -> None:
        """Report what it holds, as it understood it, EVSE by EVSE."""
        held = self._held(evse_id)
        places = sorted({profile.connector for profile in held})
        for place in places:
            await self.call(
                call.ReportChargingProfiles(
                    request_id=request_id,
                    charging_limit_source=ChargingLimitSourceEnumType.cso,
                    charging_profile=[
                        self._told(profile) for profile in held if profile.connector == place
                    ],
                    evse_id=place,
                    tbc=place != places[-1],
                ),
                suppress=False,
            )

    def _held(self, evse_id: int | None) -> list[StoredProfile]:
        return [
            profile
            for profile in self.station.profiles.profiles
            if evse_id is None or profile.connector == evse_id
        ]

    def _told(self, profile: StoredProfile) -> ChargingProfileType:
        plug = self.station.connectors.get(profile.connector)
        is_of_transaction = profile.purpose == TX_PURPOSE and plug is not None
        purpose = STATION_MAXIMUM if profile.purpose == MAX_PURPOSE else profile.purpose
        return ChargingProfileType(
            id=profile.profile_id,
            stack_level=profile.stack_level,
            charging_profile_purpose=ChargingProfilePurposeEnumType(purpose),
            charging_profile_kind=ChargingProfileKindEnumType.absolute,
            charging_schedule=[
                ChargingScheduleType(
                    id=profile.profile_id,
                    start_schedule=ocpp_time(profile.start) if profile.start else None,
                    charging_rate_unit=ChargingRateUnitEnumType.watts,
                    charging_schedule_period=[
                        ChargingSchedulePeriodType(
                            start_period=int(period.start_s),
                            limit=round(kw_to_w(period.limit_kw), 1),
                        )
                        for period in profile.periods
                    ],
                )
            ],
            valid_to=ocpp_time(profile.valid_to) if profile.valid_to else None,
            transaction_id=name_on(plug) if plug and is_of_transaction else None,
        )

    @on(Action.get_composite_schedule)
    async def on_get_composite_schedule(
        self, duration: int, evse_id: int, **_: object
    ) -> call_result.GetCompositeSchedule:
        """Say which limits hold from now on, minute by minute where they change [W]."""
        await self._delay()
        now = self.depot_clock.now()
        if self.station.misbehaves("opaque", now):
            return call_result.GetCompositeSchedule(status=GenericStatusEnumType.rejected)
        periods: list[ChargingSchedulePeriodType] = []
        for offset_s in range(0, duration, 60):
            at = now + timedelta(seconds=offset_s)
            limit_w = round(kw_to_w(composite_kw(self.station, evse_id, at=at)), 1)
            if not periods or periods[-1].limit != limit_w:
                periods.append(ChargingSchedulePeriodType(start_period=offset_s, limit=limit_w))
        return call_result.GetCompositeSchedule(
            status=GenericStatusEnumType.accepted,
            schedule=CompositeScheduleType(
                evse_id=evse_id,
                duration=duration,
                schedule_start=ocpp_time(self.station.own_time(now)),
                charging_rate_unit=ChargingRateUnitEnumType.watts,
                charging_schedule_period=periods,
            ),
        )

    # --- the device, and what people ask of it ------------------------------------------------

    @on(Action.get_variables)
    async def on_get_variables(
        self, get_variable_data: list[dict[str, Any]], **_: object
    ) -> call_result.GetVariables:
        """Tell the variables it has."""
        units = told_units(self.station, at=self.depot_clock.now())
        return call_result.GetVariables(
            get_variable_result=[_variable_result(one, units) for one in get_variable_data]  # pyright: ignore[reportArgumentType] - the package takes its own wire names
        )

    @on(Action.set_variables)
    async def on_set_variables(
        self, set_variable_data: list[dict[str, Any]], **_: object
    ) -> call_result.SetVariables:
        """Take a meter interval; accept other variables it has; refuse the rest."""
        results: list[Any] = []
        for one in set_variable_data:
            value = str(one["attribute_value"])
            if _key(one)[1] == "TxUpdatedInterval" and value.isdigit() and int(value) > 0:
                self.station.meter_interval_s = int(value)
            status = "Accepted" if _key(one) in VARIABLES else "UnknownVariable"
            named = {key: one[key] for key in ("component", "variable")}
            results.append({"attribute_status": status, **named})
        return call_result.SetVariables(set_variable_result=results)

    @on(Action.trigger_message)
    async def on_trigger_message(
        self, requested_message: str, evse: dict[str, Any] | None = None, **_: object
    ) -> call_result.TriggerMessage:
        """Queue what was asked for; a status only of a connector (F06.FR.12)."""
        now, place = self.depot_clock.now(), (evse or {}).get("id")
        is_asked = {"StatusNotification": place is not None, "TransactionEvent": True}
        if not is_asked.get(requested_message):
            return call_result.TriggerMessage(status=TriggerMessageStatusEnumType.rejected)
        said = (
            self.station.statuses(now)
            if requested_message == "StatusNotification"
            else self.station.samples(now)
        )
        self.station.outbox.extend(one for one in said if place in {None, one.connector})
        return call_result.TriggerMessage(status=TriggerMessageStatusEnumType.accepted)

    @on(Action.reset)
    async def on_reset(self, **_: object) -> call_result.Reset:
        """Come up again, as soon as this is answered."""
        self.station.is_restart_due = True
        return call_result.Reset(status=ResetStatusEnumType.accepted)

    # --- what the station says ----------------------------------------------------------------

    async def boot(self) -> None:
        """Announce the station."""
        await self.call(
            call.BootNotification(
                charging_station={
                    "model": "Virtual " + self.station.traits.current_type,
                    "vendor_name": "depotlib",
                },  # pyright: ignore[reportArgumentType] - the package takes its own wire names
                reason=BootReasonEnumType.power_up,
            ),
            suppress=False,
        )

    async def ask_the_time(self) -> None:
        """Send a heartbeat."""
        await self.call(call.Heartbeat(), suppress=False)

    async def say(self, message: Message) -> None:
        """Send one message of the station and take in the answer."""
        if message.kind == "status":
            await self.call(status_notification(message), suppress=False)
            return
        transaction = message.transaction
        assert transaction is not None
        answer = await self.call(
            transaction_event(
                self.station.connectors[message.connector], message, since=self._since
            ),
            suppress=False,
        )
        transaction.said_count += 1
        told = getattr(answer, "id_token_info", None)
        if message.kind == "start" and told is not None:
            transaction.is_refused = told["status"] != "Accepted"


SPEECH_201: Final = Speech(SUBPROTOCOL, StationClient201)


def _variable_result(asked: dict[str, Any], units: str) -> dict[str, object]:
    value = VARIABLES.get(_key(asked))
    if _key(asked) == RATE_UNIT:
        value = units.replace("Current", "A").replace("Power", "W")
    named = {key: asked[key] for key in ("component", "variable")}
    if value is None:
        return {"attribute_status": "UnknownVariable", **named}
    return {"attribute_status": "Accepted", "attribute_value": value, **named}


def _key(asked: dict[str, Any]) -> tuple[str, str]:
    return asked["component"]["name"], asked["variable"]["name"]

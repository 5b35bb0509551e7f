"""A virtual station's OCPP 1.6J side: the `ocpp` package as client over a real WebSocket."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import (
    Action,
    ChargePointErrorCode,
    ChargePointStatus,
    ChargingProfileStatus,
    ClearChargingProfileStatus,
    ConfigurationStatus,
    GetCompositeScheduleStatus,
    Reason,
    RemoteStartStopStatus,
    ResetStatus,
    TriggerMessageStatus,
)
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from depotlib.clock import Clock
from depotlib.units import kw_to_w
from depotlib.virtual.charging_profiles import (
    DEFAULT_PURPOSE,
    MAX_PURPOSE,
    TX_PURPOSE,
    read_profile,
)
from depotlib.virtual.line import Speech
from depotlib.virtual.misconduct import is_heard, is_refusing, nameless, told_units
from depotlib.virtual.station import Message, Transaction, VirtualStation

ANSWER_TIMEOUT_S: Final = 60.0
LEAST_REAL_S: Final = 5.0
"""No timeout is shorter in real time: the machine gets no faster with the depot's clock."""
SUBPROTOCOL: Final = Subprotocol("ocpp1.6")
KEY_UNITS: Final = "ChargingScheduleAllowedChargingRateUnit"

CONFIGURATION: Final = {
    "ChargeProfileMaxStackLevel": "8",
    KEY_UNITS: "Current,Power",
    "ChargingScheduleMaxPeriods": "48",
    "MaxChargingProfilesInstalled": "20",
    "MeterValueSampleInterval": "60",
    "HeartbeatInterval": "300",
    "NumberOfConnectors": "1",
}


def answer_timeout_s(clock: Clock) -> float:
    """Return how long a station waits for an answer before it says the same again, real [s]."""
    return max(clock.real_s(ANSWER_TIMEOUT_S), LEAST_REAL_S)


def ocpp_time(instant: datetime) -> str:
    """Return an instant as stations write it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def composite_kw(station: VirtualStation, connector: int, *, at: datetime) -> float:
    """Return what a connector, or the station as a whole (0), would offer at an instant [kW]."""
    plugs = [one for one in station.connectors.values() if connector in {0, one.number}]
    at = station.own_time(at)
    cap_kw = station.profiles.station_limit_kw(at)
    total_kw = sum(
        min(
            one.traits.max_kw,
            station.profiles.connector_limit_kw(
                one.number,
                at=at,
                transaction_start=one.transaction.started_at if one.transaction else at,
            ),
        )
        for one in plugs
    )
    return min(total_kw, cap_kw)


class StationClient(ChargePoint):
    """Answers the central system's calls for one station, over one connection."""

    place = "connectorId"

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

    async def route_message(self, raw_msg: str) -> None:
        """Take a frame in, unless the station is deaf to it."""
        if is_heard(self.station, raw_msg, at=self.depot_clock.now()):
            await super().route_message(raw_msg)

    async def _delay(self) -> None:
        slow = self.station.misbehaves("slow", self.depot_clock.now())
        if slow is not None:
            await asyncio.sleep(self.depot_clock.real_s(slow.delay_s))

    @on(Action.set_charging_profile)
    async def on_set_charging_profile(
        self, connector_id: int, cs_charging_profiles: dict[str, Any], **_: object
    ) -> call_result.SetChargingProfile:
        """Keep a profile, or reject what the specification says is rejected."""
        await self._delay()
        return call_result.SetChargingProfile(
            status=self._install(connector_id, cs_charging_profiles)
        )

    def _install(self, connector: int, payload: dict[str, Any]) -> ChargingProfileStatus:
        traits = self.station.traits
        profile = read_profile(
            payload, connector=connector, voltage_v=traits.voltage_v, phases=traits.phases
        )
        plug = self.station.connectors.get(connector)
        transaction = plug.transaction if plug is not None else None
        wrong_place = {
            MAX_PURPOSE: connector != 0,
            DEFAULT_PURPOSE: connector != 0 and plug is None,
            # A TxProfile lives only with a running transaction (section 5.16.4).
            TX_PURPOSE: transaction is None
            or profile.transaction_id not in {None, transaction.transaction_id},
        }.get(profile.purpose, True)
        unit = str(payload["charging_schedule"]["charging_rate_unit"])
        if (
            wrong_place
            or is_refusing(self.station, profile, unit=unit, at=self.depot_clock.now())
            or profile.stack_level > self.station.profiles.max_stack_level
        ):
            return ChargingProfileStatus.rejected
        self.station.profiles.install(profile)
        return ChargingProfileStatus.accepted

    @on(Action.clear_charging_profile)
    async def on_clear_charging_profile(
        self,
        id: int | None = None,  # noqa: A002 - the package passes the payload's own names
        connector_id: int | None = None,
        *,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
    ) -> call_result.ClearChargingProfile:
        """Clear profiles by id or by criteria."""
        cleared = self.station.profiles.clear(
            profile_id=id,
            connector=connector_id,
            purpose=charging_profile_purpose,
            stack_level=stack_level,
        )
        return call_result.ClearChargingProfile(
            status=ClearChargingProfileStatus.accepted
            if cleared
            else ClearChargingProfileStatus.unknown
        )

    @on(Action.get_composite_schedule)
    async def on_get_composite_schedule(
        self, connector_id: int, duration: int, **_: object
    ) -> call_result.GetCompositeSchedule:
        """Say which limits hold from now on, minute by minute where they change [W]."""
        await self._delay()
        now = self.depot_clock.now()
        if self.station.misbehaves("opaque", now):
            return call_result.GetCompositeSchedule(status=GetCompositeScheduleStatus.rejected)
        periods: list[dict[str, float]] = []
        for offset_s in range(0, duration, 60):
            limit_w = round(
                kw_to_w(
                    composite_kw(self.station, connector_id, at=now + timedelta(seconds=offset_s))
                ),
                1,
            )
            if not periods or periods[-1]["limit"] != limit_w:
                periods.append({"startPeriod": offset_s, "limit": limit_w})
        return call_result.GetCompositeSchedule(
            status=GetCompositeScheduleStatus.accepted,
            connector_id=connector_id,
            schedule_start=ocpp_time(self.station.own_time(now)),
            charging_schedule={
                "duration": duration,
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": periods,
            },
        )

    @on(Action.get_configuration)
    async def on_get_configuration(
        self, key: list[str] | None = None, **_: object
    ) -> call_result.GetConfiguration:
        """Tell the configuration keys it has."""
        wanted = key or list(CONFIGURATION)
        units = {KEY_UNITS: told_units(self.station, at=self.depot_clock.now())}
        known = [
            {"key": name, "readonly": False, "value": units.get(name, CONFIGURATION[name])}
            for name in wanted
            if name in CONFIGURATION
        ]
        unknown = [name for name in wanted if name not in CONFIGURATION]
        return call_result.GetConfiguration(configuration_key=known, unknown_key=unknown)

    @on(Action.change_configuration)
    async def on_change_configuration(
        self, key: str, value: str, **_: object
    ) -> call_result.ChangeConfiguration:
        """Take a meter interval; accept other keys it has; refuse the rest."""
        if key == "MeterValueSampleInterval" and value.isdigit() and int(value) > 0:
            self.station.meter_interval_s = int(value)
        elif key not in CONFIGURATION:
            return call_result.ChangeConfiguration(status=ConfigurationStatus.not_supported)
        return call_result.ChangeConfiguration(status=ConfigurationStatus.accepted)

    @on(Action.trigger_message)
    async def on_trigger_message(
        self, requested_message: str, **_: object
    ) -> call_result.TriggerMessage:
        """Queue what was asked for."""
        now = self.depot_clock.now()
        if requested_message == "StatusNotification":
            self.station.outbox.extend(self.station.statuses(now))
        elif requested_message == "MeterValues":
            self.station.outbox.extend(self.station.samples(now))
        elif requested_message != "Heartbeat":
            return call_result.TriggerMessage(status=TriggerMessageStatus.not_implemented)
        return call_result.TriggerMessage(status=TriggerMessageStatus.accepted)

    @on(Action.remote_stop_transaction)
    async def on_remote_stop_transaction(
        self, transaction_id: int, **_: object
    ) -> call_result.RemoteStopTransaction:
        """Stop offering to a transaction; the cable stays in."""
        for plug in self.station.connectors.values():
            if plug.transaction and plug.transaction.transaction_id == transaction_id:
                self.station.stop_offering(plug.transaction, self.depot_clock.now())
                return call_result.RemoteStopTransaction(status=RemoteStartStopStatus.accepted)
        return call_result.RemoteStopTransaction(status=RemoteStartStopStatus.rejected)

    @on(Action.reset)
    async def on_reset(self, **_: object) -> call_result.Reset:
        """Come up again, as soon as this is answered."""
        self.station.is_restart_due = True
        return call_result.Reset(status=ResetStatus.accepted)

    async def boot(self) -> None:
        """Announce the station."""
        await self.call(
            call.BootNotification(
                charge_point_model="Virtual " + self.station.traits.current_type,
                charge_point_vendor="depotlib",
            ),
            suppress=False,
        )

    async def ask_the_time(self) -> None:
        """Send a heartbeat."""
        await self.call(call.Heartbeat(), suppress=False)

    async def say(self, message: Message) -> None:
        """Send one message of the station and take in the answer."""
        if self.station.misbehaves("nameless", self.depot_clock.now()):
            message = nameless(message)
        if message.kind == "status":
            await self.call(_status_call(message), suppress=False)
        elif message.kind == "start":
            await self._say_start(message)
        elif message.kind == "meter":
            await self.call(_meter_call(message), suppress=False)
        else:
            await self.call(_stop_call(message), suppress=False)

    async def _say_start(self, message: Message) -> None:
        transaction = message.transaction
        assert transaction is not None
        answer = await self.call(
            call.StartTransaction(
                connector_id=message.connector,
                id_tag=transaction.id_tag,
                meter_start=transaction.meter_start_wh,
                timestamp=ocpp_time(message.at),
            ),
            suppress=False,
        )
        assert answer is not None, "only a suppressed error answers with nothing"
        transaction.transaction_id = answer.transaction_id
        transaction.is_refused = answer.id_tag_info["status"] != "Accepted"


SPEECH_16: Final = Speech(SUBPROTOCOL, StationClient)


def _status_call(message: Message) -> call.StatusNotification:
    return call.StatusNotification(
        connector_id=message.connector,
        error_code=ChargePointErrorCode.no_error,
        status=ChargePointStatus(message.status),
        timestamp=ocpp_time(message.at),
    )


def _transaction_id(transaction: Transaction | None) -> int:
    # -1 stands for "never answered": errata 3.18 lets a station say so.
    if transaction is None or transaction.transaction_id is None:
        return -1
    return transaction.transaction_id


def _meter_call(message: Message) -> call.MeterValues:
    samples = [
        {
            "value": str(message.register_wh),
            "measurand": "Energy.Active.Import.Register",
            "unit": "Wh",
        },
        {"value": f"{message.power_w:.1f}", "measurand": "Power.Active.Import", "unit": "W"},
    ]
    if message.soc is not None:
        samples.append(
            {"value": f"{message.soc:.0%}".rstrip("%"), "measurand": "SoC", "unit": "Percent"}
        )
    return call.MeterValues(
        connector_id=message.connector,
        transaction_id=_transaction_id(message.transaction),
        meter_value=[{"timestamp": ocpp_time(message.at), "sampledValue": samples}],
    )


def _stop_call(message: Message) -> call.StopTransaction:
    return call.StopTransaction(
        meter_stop=message.register_wh,
        timestamp=ocpp_time(message.at),
        transaction_id=_transaction_id(message.transaction),
        reason=Reason.ev_disconnected,
        id_tag=message.transaction.id_tag if message.transaction else None,
    )

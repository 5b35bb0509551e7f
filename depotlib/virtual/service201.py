"""A virtual station's OCPP 2.x answers to what operators ask: tokens, places, firmware, reports."""

from typing import Any, Final

from ocpp.routing import after, on
from ocpp.v201 import ChargePoint, call, call_result
from ocpp.v201.enums import (
    Action,
    CancelReservationStatusEnumType,
    ChangeAvailabilityStatusEnumType,
    ClearCacheStatusEnumType,
    GenericDeviceModelStatusEnumType,
    LogStatusEnumType,
    OperationalStatusEnumType,
    RequestStartStopStatusEnumType,
    ReserveNowStatusEnumType,
    SendLocalListStatusEnumType,
    UnlockStatusEnumType,
    UpdateEnumType,
    UpdateFirmwareStatusEnumType,
)
from websockets.asyncio.client import ClientConnection

from depotlib.clock import Clock
from depotlib.virtual.counter import Counter
from depotlib.virtual.said201 import name_on
from depotlib.virtual.station import VirtualConnector, VirtualStation

RATE_UNIT: Final = ("SmartChargingCtrlr", "RateUnit")
VARIABLES: Final = {
    ("SmartChargingCtrlr", "ProfileStackLevel"): "8",
    RATE_UNIT: "A,W",
    ("SmartChargingCtrlr", "PeriodsPerSchedule"): "48",
    ("SmartChargingCtrlr", "Entries"): "0",
    ("SampledDataCtrlr", "TxUpdatedInterval"): "60",
    ("SampledDataCtrlr", "TxUpdatedMeasurands"): "Energy.Active.Import.Register",
    ("OCPPCommCtrlr", "RetryBackOffWaitMinimum"): "5",
    ("OCPPCommCtrlr", "RetryBackOffRandomRange"): "10",
    ("OCPPCommCtrlr", "RetryBackOffRepeatTimes"): "3",
}


class ServiceAnswers201(ChargePoint):
    """Answers what operators ask of one station, over one connection."""

    station: VirtualStation
    socket: ClientConnection
    depot_clock: Clock

    @property
    def counter(self) -> Counter:
        """Return what the station keeps."""
        return self.station.counter

    # --- sessions -------------------------------------------------------------------------------

    @on(Action.request_start_transaction)
    async def on_request_start_transaction(
        self, evse_id: int | None = None, **_: object
    ) -> call_result.RequestStartTransaction:
        """Offer to a vehicle that waits on an EVSE; there is no charging for nobody."""
        statuses = RequestStartStopStatusEnumType
        plug = self.station.connectors.get(evse_id or 0)
        waiting = plug.transaction if plug is not None else None
        if plug is None or waiting is None or not waiting.is_refused:
            return call_result.RequestStartTransaction(status=statuses.rejected)
        waiting.is_refused = False
        return call_result.RequestStartTransaction(
            status=statuses.accepted, transaction_id=name_on(plug)
        )

    @on(Action.request_stop_transaction)
    async def on_request_stop_transaction(
        self, transaction_id: str, **_: object
    ) -> call_result.RequestStopTransaction:
        """Stop offering to a transaction; the cable stays in."""
        statuses = RequestStartStopStatusEnumType
        plug = self._plug_of(transaction_id)
        if plug is None or plug.transaction is None:
            return call_result.RequestStopTransaction(status=statuses.rejected)
        self.station.stop_offering(plug.transaction, self.depot_clock.now())
        return call_result.RequestStopTransaction(status=statuses.accepted)

    @on(Action.get_transaction_status)
    async def on_get_transaction_status(
        self, transaction_id: str | None = None, **_: object
    ) -> call_result.GetTransactionStatus:
        """Say whether a transaction runs, and whether anything of it is still to be told."""
        waiting = [one for one in self.station.outbox if one.transaction is not None]
        runs = None if transaction_id is None else self._plug_of(transaction_id) is not None
        return call_result.GetTransactionStatus(
            messages_in_queue=bool(waiting), ongoing_indicator=runs
        )

    @on(Action.unlock_connector)
    async def on_unlock_connector(self, evse_id: int, **_: object) -> call_result.UnlockConnector:
        """Unlock a cable, unless it charges by somebody's token (F05.FR.02)."""
        statuses = UnlockStatusEnumType
        plug = self.station.connectors.get(evse_id)
        if plug is None:
            return call_result.UnlockConnector(status=statuses.unknown_connector)
        is_charging = plug.transaction is not None and not plug.transaction.is_refused
        return call_result.UnlockConnector(
            status=statuses.ongoing_authorized_transaction if is_charging else statuses.unlocked
        )

    # --- places ---------------------------------------------------------------------------------

    @on(Action.change_availability)
    async def on_change_availability(
        self, operational_status: str, evse: dict[str, Any] | None = None, **_: object
    ) -> call_result.ChangeAvailability:
        """Take a place out of service, after the session that runs there (G03.FR.03)."""
        place = 0 if evse is None else int(evse["id"])
        statuses = ChangeAvailabilityStatusEnumType
        if place and place not in self.station.connectors:
            return call_result.ChangeAvailability(status=statuses.rejected)
        is_operative = operational_status == OperationalStatusEnumType.operative
        self.counter.set_availability(place, is_operative=is_operative)
        is_busy = any(
            one.transaction is not None
            for one in self.station.connectors.values()
            if place in {0, one.number}
        )
        is_later = is_busy and not is_operative
        return call_result.ChangeAvailability(
            status=statuses.scheduled if is_later else statuses.accepted
        )

    @on(Action.reserve_now)
    async def on_reserve_now(
        self, evse_id: int | None = None, **said: object
    ) -> call_result.ReserveNow:
        """Keep a place that is free."""
        statuses = ReserveNowStatusEnumType
        plugs = [one for one in self.station.connectors.values() if evse_id in {None, one.number}]
        if not plugs:
            return call_result.ReserveNow(status=statuses.rejected)
        usable = [one for one in plugs if not self.counter.is_idle(one.number)]
        if not usable:
            return call_result.ReserveNow(status=statuses.unavailable)
        if all(one.vehicle is not None for one in usable):
            return call_result.ReserveNow(status=statuses.occupied)
        self.counter.reserve(int(str(said["id"])), connector=evse_id or 0)
        return call_result.ReserveNow(status=statuses.accepted)

    @on(Action.cancel_reservation)
    async def on_cancel_reservation(
        self, reservation_id: int, **_: object
    ) -> call_result.CancelReservation:
        """Keep it no longer."""
        statuses = CancelReservationStatusEnumType
        was_kept = self.counter.release(reservation_id)
        return call_result.CancelReservation(
            status=statuses.accepted if was_kept else statuses.rejected
        )

    # --- tokens ---------------------------------------------------------------------------------

    @on(Action.send_local_list)
    async def on_send_local_list(
        self,
        *,
        version_number: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
        **_: object,
    ) -> call_result.SendLocalList:
        """Take a list of tokens, or a part of one."""
        entries = [
            (str(one["id_token"]["id_token"]), one.get("id_token_info"))
            for one in local_authorization_list or []
        ]
        is_taken = self.counter.take_list(
            version_number,
            kept=[token for token, info in entries if info is not None],
            gone=[token for token, info in entries if info is None],
            is_whole=update_type == UpdateEnumType.full,
        )
        statuses = SendLocalListStatusEnumType
        return call_result.SendLocalList(
            status=statuses.accepted if is_taken else statuses.version_mismatch
        )

    @on(Action.get_local_list_version)
    async def on_get_local_list_version(self, **_: object) -> call_result.GetLocalListVersion:
        """Say which list it has; 0 for none (D02.FR.03)."""
        return call_result.GetLocalListVersion(version_number=self.counter.list_version)

    @on(Action.clear_cache)
    async def on_clear_cache(self, **_: object) -> call_result.ClearCache:
        """Forget learned tokens: it learns none."""
        return call_result.ClearCache(status=ClearCacheStatusEnumType.accepted)

    # --- the device -----------------------------------------------------------------------------

    @on(Action.get_base_report)
    async def on_get_base_report(self, **_: object) -> call_result.GetBaseReport:
        """Say that a report follows."""
        return call_result.GetBaseReport(status=GenericDeviceModelStatusEnumType.accepted)

    @after(Action.get_base_report)
    async def after_get_base_report(self, request_id: int, **_: object) -> None:
        """Report every variable, in one message."""
        now = self.station.own_time(self.depot_clock.now())
        reported: list[Any] = [
            {
                "component": {"name": component},
                "variable": {"name": variable},
                "variable_attribute": [{"value": value}],
            }
            for (component, variable), value in VARIABLES.items()
        ]
        await self.call(
            call.NotifyReport(
                request_id=request_id,
                generated_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
                seq_no=0,
                report_data=reported,
                tbc=False,
            ),
            suppress=False,
        )

    @on(Action.update_firmware)
    async def on_update_firmware(self, **_: object) -> call_result.UpdateFirmware:
        """Decline: a virtual station has no other firmware."""
        return call_result.UpdateFirmware(status=UpdateFirmwareStatusEnumType.rejected)

    @on(Action.get_log)
    async def on_get_log(self, **_: object) -> call_result.GetLog:
        """Decline: a virtual station has no log."""
        return call_result.GetLog(status=LogStatusEnumType.rejected)

    def _plug_of(self, name: str) -> VirtualConnector | None:
        """Return where the transaction of a name runs, or None."""
        running = [one for one in self.station.connectors.values() if one.transaction is not None]
        return next((one for one in running if name_on(one) == name), None)

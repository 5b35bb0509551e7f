"""OCPP 2.1: 2.0.1 with more actions, and leases that also end by the station's own stopwatch."""

from typing import Final, cast

from depotlib.gateway.guard import Payload
from depotlib.gateway.messages import Call, InstallProfile
from depotlib.gateway.versions.ocpp201 import (
    ERROR_CODES,
    NOTICES,
    OURS,
    answer_writer,
    call_writer,
    read_reply,
    station_reader,
)
from depotlib.gateway.versions.version import Version
from depotlib.gateway.versions.write201 import call_parts

NOTICES_21: Final[dict[str, Payload]] = {
    **NOTICES,
    "NotifyDERAlarm": {},
    "NotifyDERStartStop": {},
    "NotifyPriorityCharging": {},
    "NotifySettlement": {},
    "NotifyWebPaymentStarted": {},
    # Nothing we install is dynamic, so there is nothing to pull.
    "PullDynamicScheduleUpdate": {"status": "Rejected"},
    "ReportDERControl": {},
}
OURS_21: Final = OURS | {
    "AFRRSignal", "AdjustPeriodicEventStream", "ChangeTransactionTariff", "ClearDERControl",
    "ClearTariffs", "GetDERControl", "GetPeriodicEventStream", "GetTariffs",
    "NotifyAllowedEnergyTransfer", "RequestBatterySwap", "SetDERControl", "SetDefaultTariff",
    "UpdateDynamicSchedule", "UsePriorityCharging",
}  # fmt: skip


def call_parts_21(command: Call) -> tuple[str, Payload]:
    """Return action and payload of one of our calls.

    A lease is bounded twice: by the clock (``validTo``) and, where the station is offline, by a
    span that even a station with a wrong clock can measure.
    """
    action, payload = call_parts(command)
    if isinstance(command, InstallProfile) and command.profile.valid_to is not None:
        body = cast("Payload", payload["chargingProfile"])
        span = command.profile.valid_to - command.profile.start
        body["maxOfflineDuration"] = int(span.total_seconds())
    return action, payload


OCPP21: Final = Version(
    name="2.1",
    subprotocol="ocpp2.1",
    read_call=station_reader("2.1", NOTICES_21, ours=OURS_21),
    write_call=call_writer("2.1", call_parts_21),
    write_answer=answer_writer("2.1", NOTICES_21),
    read_reply=read_reply,
    error_codes=ERROR_CODES,
    has_one_way=True,
)

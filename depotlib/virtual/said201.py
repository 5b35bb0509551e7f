"""What a virtual station says in OCPP 2.0.1: its messages as TransactionEvents and statuses."""

from datetime import datetime
from typing import Final

from ocpp.v201 import call
from ocpp.v201.datatypes import (
    EVSEType,
    IdTokenType,
    MeterValueType,
    SampledValueType,
    TransactionType,
)
from ocpp.v201.enums import (
    ChargingStateEnumType,
    ConnectorStatusEnumType,
    IdTokenEnumType,
    MeasurandEnumType,
    ReasonEnumType,
    TransactionEventEnumType,
    TriggerReasonEnumType,
)

from depotlib.virtual.client import ocpp_time
from depotlib.virtual.station import Message, Transaction, VirtualConnector

STATES: Final = {
    "Charging": ChargingStateEnumType.charging,
    "SuspendedEV": ChargingStateEnumType.suspended_ev,
    "SuspendedEVSE": ChargingStateEnumType.suspended_evse,
}


def transaction_event(
    plug: VirtualConnector, message: Message, *, since: datetime
) -> call.TransactionEvent:
    """Return a TransactionEvent; what was said before the connection began is history.

    Parameters
    ----------
    plug : VirtualConnector
    message : Message
    since : datetime
        When the connection began.
    """
    transaction = message.transaction
    assert transaction is not None
    kind, reason = {
        "start": (TransactionEventEnumType.started, TriggerReasonEnumType.cable_plugged_in),
        "stop": (TransactionEventEnumType.ended, TriggerReasonEnumType.ev_departed),
    }.get(
        message.kind,
        (TransactionEventEnumType.updated, TriggerReasonEnumType.meter_value_periodic),
    )
    token = IdTokenType(id_token=transaction.id_tag, type=IdTokenEnumType.iso14443)
    return call.TransactionEvent(
        event_type=kind,
        timestamp=ocpp_time(message.at),
        trigger_reason=reason,
        seq_no=transaction.said_count,
        transaction_info=TransactionType(
            transaction_id=_name(message.connector, transaction),
            charging_state=STATES.get(plug.status, ChargingStateEnumType.ev_connected),
            stopped_reason=(ReasonEnumType.ev_disconnected if message.kind == "stop" else None),
        ),
        meter_value=[_meter_value(message)],
        offline=True if message.at < since else None,
        evse=EVSEType(id=message.connector, connector_id=1),
        id_token=token if message.kind == "start" else None,
    )


def name_on(plug: VirtualConnector) -> str:
    """Return the station's own name of the transaction on a plug."""
    assert plug.transaction is not None
    return _name(plug.number, plug.transaction)


def _name(number: int, transaction: Transaction) -> str:
    """Return the station's own name of a transaction."""
    return f"{number}-{transaction.started_at:%Y%m%dT%H%M%S}"


def status_notification(message: Message) -> call.StatusNotification:
    """Return a StatusNotification: 2.0.1 knows only that a plug is occupied, not by what."""
    statuses = ConnectorStatusEnumType
    is_free = message.status == "Available"
    return call.StatusNotification(
        timestamp=ocpp_time(message.at),
        connector_status=statuses.available if is_free else statuses.occupied,
        evse_id=message.connector,
        connector_id=1,
    )


def _meter_value(message: Message) -> MeterValueType:
    samples = [
        SampledValueType(
            value=float(message.register_wh),
            measurand=MeasurandEnumType.energy_active_import_register,
        ),
        SampledValueType(
            value=round(message.power_w, 1), measurand=MeasurandEnumType.power_active_import
        ),
    ]
    if message.soc is not None:
        samples.append(
            SampledValueType(
                value=float(f"{message.soc:.0%}".rstrip("%")), measurand=MeasurandEnumType.soc
            )
        )
    return MeterValueType(timestamp=ocpp_time(message.at), sampled_value=samples)

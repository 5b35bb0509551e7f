"""Payloads of OCPP 2.0.1 as stations send them."""

from typing import Any

BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
TAG = {"idToken": "TAG-1", "type": "ISO14443"}
STATION_201 = {"subprotocols": ["ocpp2.0.1"]}


def status(connector_status: str, *, evse: int = 1) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-20T20:00:00Z",
        "connectorStatus": connector_status,
        "evseId": evse,
        "connectorId": 1,
    }


def told(
    event_type: str, name: str, seq: int, *, trigger: str = "Trigger", **more: Any
) -> dict[str, Any]:
    """A TransactionEvent; `charging_state`, `register_wh` and `power_w` are put where they go."""
    at = more.pop("at", "2026-11-20T20:03:00Z")
    info: dict[str, Any] = {"transactionId": name}
    state, register_wh = more.pop("charging_state", None), more.pop("register_wh", None)
    power_w = more.pop("power_w", None)
    if state:
        info["chargingState"] = state
    sampled: list[dict[str, Any]] = []
    if register_wh is not None:
        sampled.append({"value": register_wh})
    if power_w is not None:
        sampled.append({"value": power_w, "measurand": "Power.Active.Import"})
    if sampled:
        more["meterValue"] = [{"timestamp": at, "sampledValue": sampled}]
    return {
        "eventType": event_type,
        "timestamp": at,
        "triggerReason": trigger,
        "seqNo": seq,
        "transactionInfo": info,
        **more,
    }

"""Smartcar's replies, webhooks and batches taken apart: a record a signal, charge or endpoint.

A reply of version 3 names its vehicle beside the list of signals; a webhook inside its data; one of
version 2 holds a list of endpoints a vehicle, whose values have the age of their headers.
"""

from collections.abc import Iterator
from typing import Final

from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in

CHARGE_RECORDS: Final = "charge-chargerecords"


def smartcar_records(document: JsonValue) -> Iterator[JsonObject]:
    """Yield the records of one reply, webhook or batch, or of a list of them."""
    if isinstance(document, list):
        for each in document:
            yield from smartcar_records(each)
    elif not isinstance(document, dict):
        yield {"value": document}
    elif "payload" in document:
        yield from _payload(_object(document.get("payload")))
    elif "responses" in document:
        yield from _endpoints(document.get("responses"), vehicle=document.get("vehicleId"))
    elif "values" in document:
        yield from _charges(document.get("values"), vehicle=document.get("vehicleId"))
    else:
        yield from _signals(document)


def _payload(payload: JsonObject) -> Iterator[JsonObject]:
    vehicles = payload.get("vehicles")
    for vehicle in objects_in(vehicles if vehicles is not None else payload):
        yield from _endpoints(vehicle.get("data"), vehicle=vehicle.get("vehicleId"))


def _endpoints(value: JsonValue, *, vehicle: JsonValue) -> Iterator[JsonObject]:
    """Yield what each endpoint of version 2 said."""
    for answer in objects_in(value):
        headers = _object(answer.get("headers"))
        body = _object(answer.get("body"))
        yield {
            **body,
            "vehicleId": vehicle,
            "path": answer.get("path"),
            "at": headers.get("sc-data-age"),
            "unitSystem": headers.get("sc-unit-system"),
        }


def _signals(document: JsonObject) -> Iterator[JsonObject]:
    """Yield the signals of a reply or a webhook of version 3."""
    data = document.get("data")
    inner = _object(data)
    vehicle = _object(inner.get("vehicle")) or _object(
        _object(document.get("included")).get("vehicle")
    )
    for signal in objects_in(inner.get("signals", data)):
        attributes = _object(signal.get("attributes")) or signal
        yield from _signal(attributes, _object(signal.get("meta")), vehicle=vehicle.get("id"))


def _signal(
    attributes: JsonObject, meta: JsonObject, *, vehicle: JsonValue
) -> Iterator[JsonObject]:
    body = _object(attributes.get("body"))
    if attributes.get("code") == CHARGE_RECORDS:
        yield from _charges(body.get("values"), vehicle=vehicle)
        return
    yield {
        "vehicleId": vehicle,
        "code": attributes.get("code"),
        "value": body.get("activeLimit", body.get("value")),
        "unit": body.get("unit"),
        "at": meta.get("oemUpdatedAt") or meta.get("retrievedAt"),
    }


def _charges(value: JsonValue, *, vehicle: JsonValue) -> Iterator[JsonObject]:
    for charge in objects_in(value):
        yield {**charge, "vehicleId": charge.get("vehicleId", vehicle)}


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}

"""Payloads of OCPP 1.6 as stations send them, a site that lets only known tags charge, its journal."""

from itertools import count
from pathlib import Path
from typing import Any

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.gateway_process import SITE

STRICT_SITE = (
    SITE
    + """
[[identity]]
token = "OLD"
vehicle_id = "van-2"
valid_to = 2026-01-01T00:00:00Z

[[identity]]
token = "LOST"
vehicle_id = "van-3"
is_blocked = true

[[identity]]
token = "CHILD"
vehicle_id = "van-4"
parent = "FLEET"

[gateway]
unknown_policy = "require_known"
"""
)
MINUTES = count(1)


def at(minute: int) -> str:
    return f"2026-11-20T{minute // 60:02d}:{minute % 60:02d}:00Z"


def start(tag: str = "TAG-1", **more: Any) -> dict[str, Any]:
    """A start at a minute of its own: no two are the same."""
    told = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": at(next(MINUTES))}
    return told | more


def stop(number: object, *, wh: int = 900, **more: Any) -> dict[str, Any]:
    return {"transactionId": number, "meterStop": wh, "timestamp": at(next(MINUTES))} | more


def status(
    word: str, *, connector: object = 1, error: str = "NoError", **more: Any
) -> dict[str, Any]:
    return {"connectorId": connector, "errorCode": error, "status": word, **more}


def meter(*sampled: dict[str, Any], **more: Any) -> dict[str, Any]:
    values = {"timestamp": at(next(MINUTES)), "sampledValue": list(sampled)}
    return {"connectorId": 1, "meterValue": [values], **more}


def journalled(home: Path, kind: Any, **facts: object) -> list[dict[str, Any]]:
    """Journal entries of a kind in which facts are as told."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        told = [dict(one.entry.payload) for one in mailbox.journal(kinds=(kind,), limit=10_000)]
    return [one for one in told if facts.items() <= one.items()]

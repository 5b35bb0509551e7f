"""A published depot that takes part in one OpenADR programme, and its client, look by look."""

from dataclasses import replace
from datetime import datetime, timedelta

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.feeds.follow import Follower
from depotlib.feeds.openadr.desk import Desk
from depotlib.feeds.openadr.feed import OpenAdrFeed
from depotlib.model.grid_limit import GridLimit
from depotlib.model.openadr import OpenAdrLevel, OpenAdrProgram, OpenAdrSource
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING
from tests.unit.feeds.vtn import CLIENT, SECRET, Vtn

PROGRAM = OpenAdrProgram(
    name="limits",
    levels=(OpenAdrLevel(level=1, service_share=0.8), OpenAdrLevel(level=3, limit_kw=12.0)),
)
NOW = EVENING + timedelta(minutes=30)


def source(vtn: Vtn, **changes) -> OpenAdrSource:
    return OpenAdrSource(
        **{"address": vtn.address, "programs": (PROGRAM,), "ven_name": "north", **changes}
    )


def publish(mailbox: Mailbox, openadr: OpenAdrSource | None) -> None:
    brief = samples.brief()
    depot = replace(brief.depot, openadr=openadr)
    mailbox.publish_brief(replace(brief, depot=depot), at=EVENING)


def opened(folder, openadr: OpenAdrSource) -> Mailbox:
    mailbox = open_mailbox(folder / "exchange.sqlite")
    publish(mailbox, openadr)
    return mailbox


def client(folder, secret: str = SECRET) -> OpenAdrFeed:
    return OpenAdrFeed(Desk(folder / "exchange.sqlite"), client_id=CLIENT, client_secret=secret)


def following(mailbox: Mailbox, feed: OpenAdrFeed) -> tuple[Follower, list[str]]:
    told: list[str] = []
    return Follower(mailbox, feed, tell=told.append), told


PATIENCE_S = 60.0


def looked(follower: Follower, feed: OpenAdrFeed, *instants: datetime) -> list[float]:
    """Return the waits [s] after looks, each followed by the reports that it began."""
    waits_s: list[float] = []
    for now in instants:
        waits_s.append(follower.step(now))
        feed.settle(PATIENCE_S)
    return waits_s


def standing(mailbox: Mailbox, now: datetime = NOW) -> list[GridLimit]:
    return list(mailbox.grid_limits.standing(now))


def payload(kind: str, *values) -> dict:
    return {"type": kind, "values": list(values)}


def event(event_id: str, *payloads: dict, start: datetime | str = EVENING, duration: str | None = "PT2H",
          **fields) -> dict:  # fmt: skip
    """Return an event of one interval."""
    at = start if isinstance(start, str) else start.isoformat()
    return {
        "id": event_id,
        "objectType": "EVENT",
        "createdDateTime": EVENING.isoformat(),
        "programID": "program-1",
        "payloadDescriptors": [
            {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": "IMPORT_CAPACITY_LIMIT",
             "units": "KW"}
        ],
        "intervalPeriod": {"start": at} | ({"duration": duration} if duration else {}),
        "intervals": [{"id": 0, "payloads": list(payloads)}],
        **fields,
    }  # fmt: skip


def limited(event_id: str, limit_kw: float, **fields) -> dict:
    return event(event_id, payload("IMPORT_CAPACITY_LIMIT", limit_kw), **fields)

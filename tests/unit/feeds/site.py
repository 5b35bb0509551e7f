"""A published site whose two vans have names at both vendors, and a feed on it, step by step."""

from dataclasses import replace

from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.feeds.follow import Follower
from depotlib.model.fleet import Fleet
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

NAMES = {"van-1": ("geotab:b1", "samsara:281"), "van-2": ("geotab:b2", "samsara:282")}


def published(folder) -> Mailbox:
    fleet = samples.fleet()
    vehicles = tuple(replace(one, telematics_ids=NAMES[one.vehicle_id]) for one in fleet.vehicles)
    mailbox = open_mailbox(folder / "exchange.sqlite")
    brief = replace(samples.brief(), fleet=Fleet(classes=fleet.classes, vehicles=vehicles))
    mailbox.publish_brief(brief, at=EVENING)
    return mailbox


def follower(mailbox: Mailbox, feed) -> tuple[Follower, list[str]]:
    told: list[str] = []
    return Follower(mailbox, feed, tell=told.append), told


def readings(mailbox: Mailbox):
    return {one.vehicle_id: one for one in mailbox.readings()}

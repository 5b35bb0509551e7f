"""Every record comes out of the mailbox as it went in, and a changed one is refused."""

import math
from dataclasses import replace

import pytest

from depotlib.errors import MailboxDamagedError
from depotlib.exchange import codec
from depotlib.model.dwell import Dwell
from tests.unit.exchange import samples, webhook_samples
from tests.unit.exchange.charge_sample import charge

RECORDS = [
    (codec.BRIEF, samples.brief()),
    (codec.CHARGE, charge()),
    (codec.DIVERSION, samples.diversion()),
    (codec.RELEASE, samples.release()),
    (codec.REQUEST, samples.request()),
    (codec.ORDER, samples.order()),
    (codec.PUSH_RESULT, samples.push_result()),
    (codec.STATION_STATE, samples.station_state()),
    (codec.LEASE, samples.lease()),
    (codec.DISTRUST, samples.distrust()),
    (codec.READING, samples.reading()),
    (codec.DEPARTURE, samples.change(priority=3)),
    (codec.HEARTBEAT, samples.beat()),
    (codec.NODE_RESERVE, samples.node()),
    (codec.JOB, samples.job()),
    (codec.DIALECT, samples.dialect()),
    (codec.FEED, samples.feed()),
    (codec.GRID_LIMIT, samples.grid_limit()),
    (codec.GRID_LIMIT_IMPACT, samples.grid_limit_impact()),
    (codec.ALERT, samples.alert()),
    (codec.SITE_METER, samples.site_meter()),
    (codec.WEBHOOK, webhook_samples.webhook()),
    (codec.WEBHOOK_PROGRESS, webhook_samples.webhook_progress()),
    (codec.DEAD_LETTER, webhook_samples.dead_letter()),
    (codec.ESTIMATE_TOLD, webhook_samples.estimate_told()),
]


@pytest.mark.parametrize(("kind", "record"), RECORDS, ids=lambda one: type(one).__name__)
def test_a_record_is_read_as_it_was_written(kind, record):
    assert kind.record(kind.text(record)) == record


def test_the_samples_cover_every_codec():
    codecs = {id(value) for value in vars(codec).values() if isinstance(value, codec.Codec)}

    assert {id(kind) for kind, _ in RECORDS} == codecs


def test_an_infinite_power_stays_infinite():
    brief = samples.brief()
    assert brief.dwells[0].max_kw == math.inf

    read = codec.BRIEF.record(codec.BRIEF.text(brief))

    assert isinstance(read.dwells[0], Dwell)
    assert read.dwells[0].max_kw == math.inf


def test_a_number_keeps_every_digit():
    # 0.1 + 0.2 is the classic double that short decimal text would round.
    entry = replace(samples.lease(), steps=(replace(samples.lease().steps[0], limit_kw=0.1 + 0.2),))

    assert codec.LEASE.record(codec.LEASE.text(entry)).steps[0].limit_kw == 0.1 + 0.2


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-3],
        lambda text: text.replace("limit_kw", "limit"),
        # -7.4 kW cannot be asked of a station: LimitStep refuses it.
        lambda text: text.replace("7.4", "-7.4"),
    ],
)
def test_a_damaged_record_is_refused_by_name(change):
    text = codec.LEASE.text(samples.lease())

    with pytest.raises(MailboxDamagedError) as caught:
        codec.LEASE.record(change(text))

    assert caught.value.where == "Lease"

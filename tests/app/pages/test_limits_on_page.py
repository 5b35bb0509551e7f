"""Live tells what the site is limited to from outside, by whom, until when, and how it is kept."""

from datetime import timedelta

from depotlib.exchange.limit_desk import give_limit
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.grid_limit import GridLimit, GridLimitImpact, VehicleImpact
from depotlib.model.live import JournalEntry
from tests.app.pages.opened import opened, shown, words


def limit(now, *, starts_h: float, limit_kw: float, source="utility", node="site") -> GridLimit:
    start = now + timedelta(hours=starts_h)
    return GridLimit(
        limit_id="",
        node_id=node,
        start=start,
        end=start + timedelta(hours=2),
        limit_kw=limit_kw,
        source=source,
        reference="event 7",
        given_by="fleet key",
        given_at=start,
    )


def minute(held: GridLimit, number: int, *, mean_kw: float) -> JournalEntry:
    start = held.start + timedelta(minutes=number)
    facts = {
        "limit_id": held.limit_id, "node_id": held.node_id, "start": start.isoformat(),
        "limit_kw": held.limit_kw, "mean_kw": mean_kw, "most_kw": mean_kw,
        "measured_by": "stations", "watched_s": 60.0,
    }  # fmt: skip
    return JournalEntry(at=start, kind="grid_limit_minute", payload=facts)


def test_without_a_limit_from_outside_the_view_says_so(running):
    app = opened("Live", {"view": "Limits from outside"})

    assert "Nobody outside limits this site, now or later." in words(app)
    assert "Limited from outside" not in words(app)


def test_a_limit_is_told_with_its_source_its_end_its_record_and_its_cost(running):
    now = running.depot_clock().now()
    with open_mailbox(running.mailbox_path) as mailbox:
        brief = mailbox.brief()[1]
        held = give_limit(mailbox, limit(now, starts_h=-1, limit_kw=180.0), brief=brief, now=now)
        give_limit(
            mailbox,
            limit(now, starts_h=3, limit_kw=77.91, source="enwg_14a", node="charging"),
            brief=brief,
            now=now,
        )
        mailbox.append([minute(held, 0, mean_kw=170.0), minute(held, 1, mean_kw=181.5)])
        mailbox.grid_limits.put_impact(
            GridLimitImpact(
                limit_ids=(held.limit_id,),
                at=now,
                release_id="r",
                vehicles=(VehicleImpact("van-15", 6.0, 2.0, is_short=True),),
            )
        )

    app = opened("Live", {"view": "Limits from outside"})

    # 16:45 in New York: from an hour ago for two hours; the next in three hours.
    assert (
        "Limited from outside: 180.0 kW for the whole site until Mon 17:45 (utility); "
        "then 77.9 kW for everything that charges from Mon 19:45 (grid operator, §14a EnWG)."
    ) in words(app)
    table = shown(app, "Limits")
    assert table["State"].tolist() == ["in force", "to come"]
    assert table["To (kW)"].tolist() == [180.0, 77.91]
    assert table["Kept"].tolist() == ["50.0% of 2 minutes", "not watched yet"]
    # 180 - 181.5 kW in the worse of two minutes; the van lacks 6 kWh, 2 of them anyway
    assert table["Least left (kW)"].tolist()[0] == -1.5
    assert table["Costs"].tolist() == ["1 van, 4.0 kWh, 1 left short", "not planned with yet"]
    assert table["Source"].tolist() == ["utility", "grid operator, §14a EnWG"]

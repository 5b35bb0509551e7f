"""Shadow mode: drills judged by what the journal tells; nothing is written, nothing can be sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.drills.campaign import judge_drills
from depotlib.drills.registry import DRILLS
from depotlib.drills.report import report_json, report_page
from depotlib.drills.shadow_judges import SHADOWS
from depotlib.errors import InputError, MailboxMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, Lease
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.settings import Settings
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

NOW = EVENING + timedelta(hours=2)
DAY = timedelta(hours=24)
NEVER = {"priority", "blackout", "base-load-jump"}
STATE = samples.station_state()
STATION, PLUG = STATE.station_id, STATE.connectors[0].connector_id
GRID = samples.brief().depot.grid


def at(seconds: float):
    return EVENING + timedelta(seconds=seconds)


def entry(kind, seconds: float, *, connector=PLUG, **facts) -> JournalEntry:
    return JournalEntry(at(seconds), kind, STATION, connector, facts)


def started(seconds: float, *, session="s1", vehicle="van-1", **more) -> JournalEntry:
    return entry(
        "session_started", seconds, session_id=session, vehicle_id=vehicle, **more
    )  # fmt: skip


def sent(seconds: float, seq: int) -> JournalEntry:
    return entry("limit_sent", seconds, seq=seq, max_limit_kw=7.0)


def answered(seconds: float, seq: int, *, answer="accepted", latency_s=0.4) -> JournalEntry:
    return entry("limit_answered", seconds, seq=seq, answer=answer, latency_s=latency_s)


def metered(seconds: float, power_kw: float, *, connector=PLUG) -> JournalEntry:
    return entry("meter", seconds, connector=connector, power_kw=power_kw)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(home=tmp_path, clock=NOW.isoformat())
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.put_station_state(STATE)
    return settings


def judged(settings, *entries: JournalEntry):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append(entries)
    return {one.name: one for one in judge_drills(DRILLS, settings, span=DAY)}


def figures(verdict):
    return {one.name: float(one.number) for one in verdict.figures}


QUIET_NIGHT = (
    started(0.0), sent(0.5, 1), answered(1.5, 1), metered(60.0, 7.0), metered(3600.0, 6.0),
    sent(3700.0, 2), answered(3700.4, 2, latency_s=0.2),
)  # fmt: skip


def test_each_drill_can_be_judged_or_is_named_with_the_reason_why_not(settings):
    assert set(SHADOWS) == {one.name for one in DRILLS}
    assert {name for name, one in SHADOWS.items() if one.judge is None} == NEVER

    verdicts = judged(settings)

    assert {one.outcome for one in verdicts.values()} == {"not judged"}
    assert all(verdicts[name].not_judged == SHADOWS[name].why_not for name in SHADOWS)
    page = report_page(tuple(verdicts.values()), made_at=NOW, mode="shadow")
    assert "Nothing was sent to any of them." in page
    assert f"0 of {len(DRILLS)} passed, {len(DRILLS)} could not be judged" in page


def test_judging_writes_nothing_that_a_gateway_could_follow(settings):
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append(QUIET_NIGHT)
        # Changes whenever another connection has written anything at all (SQLite's data_version).
        before = mailbox.data_version(), mailbox.journal_head(), mailbox.requests()

        judge_drills(DRILLS, settings, span=DAY)

        assert (mailbox.data_version(), mailbox.journal_head(), mailbox.requests()) == before


def test_a_quiet_night_passes_what_it_can_be_judged_by(settings):
    verdicts = judged(settings, *QUIET_NIGHT)

    assert {name for name, one in verdicts.items() if one.outcome == "passed"} == {
        "simultaneous", "slow-firmware", "disobedience",
    }  # fmt: skip
    assert figures(verdicts["simultaneous"])["plug-in to limit sent, p95"] == 0.5
    assert figures(verdicts["simultaneous"])["plug-in to limit acknowledged, p95"] == 1.5
    # 0.4 and 0.2 s
    assert figures(verdicts["slow-firmware"])["slowest answer to a limit"] == 0.4
    highest = "highest power of all stations, by their own meters"
    assert figures(verdicts["disobedience"])[highest] == 7


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        # told a limit 4 s after the plug-in
        ("simultaneous", (started(0.0), sent(4.0, 1), answered(4.4, 1))),
        # a stranger that nobody listed
        ("identities", (started(0.0, vehicle=None),)),
        # listed after 6 s
        ("identities", (started(0.0), entry("identity_exception", 6.0, session_id="s1"))),
        # told as gone 90 s after its last word
        ("offline", (started(0.0), entry("station_disconnected", 90.0, connector=None))),
        # the second limit was answered by nothing but the end of our patience
        ("slow-firmware", (*QUIET_NIGHT, sent(3800.0, 3), answered(3830.0, 3, answer="unknown: 30 s"))),
        # more than the service less its margin
        ("disobedience", (started(0.0), metered(1.0, GRID.service_kw - GRID.margin_kw + 0.1))),
        # nothing was heard of it after the restart
        ("killed", (started(0.0), metered(60.0, 7.0), entry("gateway_started", 600.0))),
        ("killed", (started(0.0), entry("gateway_started", 5.0), started(0.0), metered(9.0, 1.0))),
        # 1.5 kW above its limit in the second of three minutes; the first of them is not judged
        ("grid-limit", tuple(
            entry("grid_limit_minute", 60.0 * n, limit_id="l", limit_kw=30.0, mean_kw=mean_kw)
            for n, mean_kw in enumerate((40.0, 31.5, 29.0)))),
        ("sleepers", (entry("vehicle_asleep", 60.0), metered(30.0, 7.0))),
    ],
)  # fmt: skip
def test_a_night_that_went_wrong_fails_its_drill(settings, name, entries):
    verdict = judged(settings, *entries)[name]

    assert verdict.outcome == "failed"
    assert verdict.failed()


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("identities", (started(0.0, vehicle=None), entry("identity_exception", 2.0, session_id="s1"))),
        ("offline", (started(0.0), metered(70.0, 7.0), entry("station_disconnected", 90.0, connector=None))),
        ("killed", (started(0.0), entry("gateway_started", 600.0), metered(660.0, 7.0))),
        ("grid-limit", tuple(
            entry("grid_limit_minute", 60.0 * n, limit_id="l", limit_kw=30.0, mean_kw=mean_kw)
            for n, mean_kw in enumerate((40.0, 29.0)))),
        ("sleepers", (entry("vehicle_asleep", 60.0), metered(180.0, 7.0))),
    ],
)  # fmt: skip
def test_a_night_that_held_passes_its_drill(settings, name, entries):
    assert judged(settings, *entries)[name].outcome == "passed"


def test_on_a_fast_clock_seconds_are_told_and_not_judged_and_all_else_is(settings):
    fast = settings.model_copy(update={"clock": f"{NOW.isoformat()},12"})

    late = judged(fast, started(0.0), sent(4.0, 1), answered(4.4, 1))["simultaneous"]
    bare = replace(STATE, is_fallback_armed=False)
    with open_mailbox(fast.mailbox_path) as mailbox:
        mailbox.put_station_state(bare)
    unarmed = judged(fast)["simultaneous"]

    # 4 s are a third of a second of a machine that has twelve times as much to do.
    assert late.outcome == "passed"
    name = "plug-in to limit sent, p95 (not judged: the clock runs 12 times as fast)"
    assert figures(late)[name] == 4.0
    assert unarmed.failed() == ("stations connected without their safe limit",)


@pytest.mark.parametrize(("lease_h", "outcome"), [(4, "passed"), (1, "failed")])
def test_leases_that_end_long_before_the_plan_fail_the_loss_of_connections(
    settings, lease_h, outcome
):
    steps = (LimitStep(EVENING, 7.0),)
    end = NOW + timedelta(hours=4)
    planned = ConnectorSchedule(PLUG, "van-1", steps, valid_to=end, departure=end,
                                energy_target_kwh=28.0)  # fmt: skip
    lease = Lease(STATION, PLUG, 1, 1, steps, valid_to=NOW + timedelta(hours=lease_h),
                  state="accepted", release_id="r1")  # fmt: skip
    (plug, *others) = STATE.connectors
    running = replace(STATE, connectors=(replace(plug, session_id="s1"), *others))
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.put_station_state(running)
        mailbox.add_release(replace(samples.release(), schedules=(planned,)))
        mailbox.set_current_release("r1", at=EVENING)
        mailbox.put_lease(lease)

    verdict = judged(settings)["connection-lost"]

    # 7 kW for 4 h are planned; a lease of so many hours permits that part of it
    permitted, wanted, _ = (float(one.number) for one in verdict.figures)
    assert (permitted, wanted) == (pytest.approx(lease_h / 4), pytest.approx(28.0))
    assert verdict.outcome == outcome


def test_the_report_says_that_it_was_judged_in_shadow(settings):
    verdicts = tuple(judged(settings, *QUIET_NIGHT).values())

    told = report_json(verdicts, made_at=NOW, mode="shadow")

    assert '"mode": "shadow"' in told
    assert '"outcome": "not judged"' in told


def test_without_a_depot_that_ran_there_is_nothing_to_judge(tmp_path):
    with pytest.raises(MailboxMissingError):
        judge_drills(DRILLS, Settings(home=tmp_path / "none"), span=DAY)
    bare = Settings(home=tmp_path)
    open_mailbox(bare.mailbox_path).close()
    with pytest.raises(InputError, match="no site yet"):
        judge_drills(DRILLS, bare, span=DAY)

"""What the site's meter does to the limits of a site whose stations answer and follow."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.messages import MeterReported, MeterSample, StopRemotely
from depotlib.gateway.window import RunningWindow
from depotlib.model.brief import Brief
from depotlib.model.release import LimitStep
from depotlib.model.site_meter import MeterPoint, MeterReading, SiteMeterSource
from tests.gateway_cases import SAFE_KW, Site, at, night, site, small_site

SOURCE = SiteMeterSource("file", "meter", points=(MeterPoint("power", "kw", "kW"),))
PROVEN = replace(SOURCE, base_rise_kw_per_s=0.01)
BASE_MAX_KW = 30.0
BASE_KW = 10.0
STEP_S = 5
"""Vans follow, and the meter is read, every so many seconds."""


def metered(source: SiteMeterSource = SOURCE, **more) -> Brief:
    brief = small_site(base_load_max_kw=BASE_MAX_KW, **more)
    return replace(brief, depot=replace(brief.depot, site_meter=source))


class Yard:
    """A site seen second by second: vans draw what they are permitted, and meters say so."""

    def __init__(
        self, brief: Brief, limits_kw: dict[str, list[float]], *, behind_s: int = 0
    ) -> None:
        self.site = Watched(site(brief).come_up())
        self.behind = timedelta(seconds=behind_s)
        """Of the meter's clock."""
        early = self.site.now - timedelta(seconds=1)
        first = MeterReading(BASE_KW, early, measured_at=early - self.behind)
        self.site.control.watch.take(first, now=early)
        self.site.pump()
        self.site.control.apply_release(night(limits_kw))
        for number, name in enumerate(limits_kw):
            self.site.plug_in(name.split("/")[0], f"TAG-{number}")
        self.names = list(limits_kw)
        self.base_kw = BASE_KW
        self.has_meter = True
        self.is_deaf = False
        self.is_mute = False
        self.is_tended = True
        """Whether dispatch is alive, to plan anew what a window takes from a van."""
        self.drawn_kw = dict.fromkeys(self.names, 0.0)
        self.totals: list[tuple[float, float]] = []
        """Second and power of the whole site."""

    def total_kw(self) -> float:
        return self.base_kw + sum(self.drawn_kw.values())

    def live(self, seconds: int) -> None:
        for _ in range(0, seconds, STEP_S):
            there = self.site
            there.now += timedelta(seconds=STEP_S)
            second = (there.now - at(0)).total_seconds()
            if not self.is_deaf:
                self.drawn_kw = {name: there.held_kw(name) for name in self.names}
            self.totals.append((second, self.total_kw()))
            if self.is_tended:
                there.control.watch.tended_at = there.now
            if self.has_meter:
                by_meter = there.now - self.behind
                reading = MeterReading(self.total_kw(), there.now, measured_at=by_meter)
                there.control.watch.take(reading, now=there.now)
            for place, name in enumerate(self.names):
                if not self.is_mute and second % 30 == 2 * STEP_S * place:
                    sample = MeterSample(there.now, power_kw=self.drawn_kw[name])
                    said = MeterReported("m", 1, None, (sample,))
                    there.say(name.split("/")[0], said)
            there.pump()

    def kinds(self) -> list[str]:
        return [one.kind for one in self.site.journal]


class Watched(Site):
    """A site that keeps whom relief stopped."""

    def __init__(self, there: Site) -> None:
        super().__init__(there.control, now=there.now)
        self.stops: list[str] = []

    def carry_out(self, effects) -> None:
        self.stops += [
            name
            for name, one in effects.commands
            if isinstance(one, StopRemotely) and one.reference.startswith("relief")
        ]
        super().carry_out(effects)


PLAN = {"S0/1": [20.0] * 12, "S1/1": [20.0] * 12, "S2/1": [20.0] * 12}


def test_a_base_load_that_jumps_by_sixty_kilowatts_in_minute_five_keeps_the_windows_mean():
    brief = metered(service_kw=200.0, operating_kw=80.0)
    brief = replace(
        brief, depot=replace(brief.depot, grid=replace(brief.depot.grid, base_load_max_kw=100.0))
    )
    yard = Yard(brief, PLAN)

    yard.live(300)
    drawn_kw = sum(yard.drawn_kw.values())
    yard.base_kw += 60.0
    yard.live(600)

    window_kw = [power_kw for second, power_kw in yard.totals if second < 900]
    assert drawn_kw == pytest.approx(60.0, abs=3.0)  # there was something to shed
    assert sum(window_kw) / len(window_kw) <= 80.0 + 1.0


def test_a_window_is_held_to_what_its_release_plans_below_the_operating_limit():
    # 60 kW planned beside 10 kW: 70 kW. The base load is 8 kW higher than that for ten minutes.
    yard = Yard(metered(service_kw=200.0, operating_kw=150.0), PLAN)
    free = Yard(metered(service_kw=200.0, operating_kw=150.0), PLAN)
    release = yard.site.control.limits.release
    held = replace(release, window_targets=(LimitStep(release.valid_from, 70.0),))
    yard.site.control.apply_release(held)

    for one in (free, yard):
        one.live(300)
        one.base_kw += 8.0
        one.live(600)

    means_kw = [
        sum(power_kw for second, power_kw in one.totals if second < 900)
        / sum(second < 900 for second, _ in one.totals)
        for one in (free, yard)
    ]
    assert means_kw[0] >= 70.0 + 2.0
    assert means_kw[1] <= 70.0 + 1.0


def test_a_release_that_says_more_or_nothing_leaves_the_target_that_was_declared():
    window = RunningWindow(80.0)

    aims_kw = []
    for target_kw in (60.0, 120.0, None):
        window.aim(target_kw)
        aims_kw.append(window.target_kw)

    assert aims_kw == [60.0, 80.0, 80.0]


def test_a_target_holds_from_its_step_to_the_end_of_its_release():
    release = replace(
        night(PLAN), window_targets=(LimitStep(at(0), 70.0), LimitStep(at(900), 50.0))
    )

    said_kw = [release.window_target_at(at(second)) for second in (-1, 0, 899, 900, 10799, 10800)]

    assert said_kw == [None, 70.0, 70.0, 50.0, 50.0, None]


def test_while_nobody_plans_anew_no_window_takes_from_a_van_what_nobody_gives_it_later():
    # As above, but dispatch has died: the base load that was not foreseen would be taken from the
    # vans window by window, and none of them be ready.
    yard = Yard(metered(service_kw=200.0, operating_kw=150.0), PLAN)
    release = yard.site.control.limits.release
    steps = (LimitStep(release.valid_from, 70.0),)
    yard.site.control.apply_release(replace(release, window_targets=steps))

    yard.live(300)
    yard.is_tended = False
    yard.live(150)
    yard.base_kw += 8.0
    yard.live(300)

    assert sum(yard.drawn_kw.values()) == pytest.approx(60.0, abs=1.0)


def test_a_sign_of_life_of_dispatch_is_found_in_the_mailbox_also_by_the_next_gateway(
    tmp_path: Path,
):
    path = tmp_path / "exchange.sqlite"
    with open_mailbox(path) as mailbox, open_mailbox(path) as dispatch:
        there = site(metered())
        book = Book(mailbox, mailbox.claim_generation(at(0)))
        book.heard(there.control, now=at(0))
        before = there.control.watch.tended_at
        dispatch.beat("dispatch", at(5))
        book.heard(there.control, now=at(6))
        left = heritage_of(mailbox, there.control.brief)

    assert (before, there.control.watch.tended_at) == (None, at(5))
    assert site(metered(), heritage=left, now=at(7)).control.watch.tended_at == at(5)


def test_a_target_that_falls_waits_for_the_window_of_a_meter_whose_clock_is_behind():
    # Two of three are done at 900 s. By the meter the window of 70 kW ends 20 s later: were it held
    # to the 35 kW of the next one by then, nothing would be left, and the third be paused.
    plan = {"S0/1": [20.0] * 12, "S1/1": [20.0] + [0.0] * 11, "S2/1": [20.0] + [0.0] * 11}
    yard = Yard(metered(service_kw=200.0, operating_kw=150.0), plan, behind_s=20)
    steps = (LimitStep(at(0), 70.0), LimitStep(at(900), 35.0))
    release = yard.site.control.limits.release
    yard.site.control.apply_release(replace(release, window_targets=steps))

    yard.live(890)
    drawn_kw = []
    for _ in range(60 // STEP_S):
        yard.live(STEP_S)
        drawn_kw.append(yard.drawn_kw["S0/1"])

    assert min(drawn_kw) >= 20.0 - 0.5


def test_a_window_begun_unseen_counts_as_planned_from_the_first_reading_on():
    # A gateway that starts in the middle of a window held to 70 kW, the declared limit being 150.
    there = site(metered(service_kw=200.0, operating_kw=150.0)).come_up()
    there.control.apply_release(replace(night(PLAN), window_targets=(LimitStep(at(0), 70.0),)))
    there.now = there.control.watch.tended_at = at(450)

    there.control.watch.take(MeterReading(65.0, there.now), now=there.now)
    there.pump()

    assert there.control.watch.state(there.now).allowed_kw == pytest.approx(70.0)


def test_a_silent_meter_leaves_no_more_than_the_largest_base_load_does():
    # 60 kW of service: with 30 kW of base load 30 kW for charging, with 10 kW up to 49 kW.
    yard = Yard(metered(PROVEN, service_kw=60.0), PLAN)
    yard.live(600)
    fresh_kw = sum(yard.drawn_kw.values())

    yard.has_meter = False
    yard.live(30)

    assert fresh_kw > 60.0 - BASE_MAX_KW + 3.0
    assert sum(yard.drawn_kw.values()) <= 60.0 - BASE_MAX_KW
    assert yard.kinds().count("site_meter_lost") == 1
    assert yard.kinds().count("site_meter_found") == 1


def test_a_site_above_its_limit_gives_way_at_once_and_is_not_raised_for_a_while():
    yard = Yard(metered(service_kw=60.0), PLAN)
    yard.live(120)
    before_kw = sum(yard.drawn_kw.values())

    yard.base_kw = 45.0  # far above its declared maximum
    yard.live(10)
    after_kw = sum(yard.drawn_kw.values())
    yard.live(60)

    assert 45.0 + before_kw > 60.0
    assert after_kw <= 3 * SAFE_KW + 1e-6
    assert sum(yard.drawn_kw.values()) <= 3 * SAFE_KW + 1e-6
    assert yard.site.stops == []
    assert [one.payload["is_over"] for one in yard.site.journal if one.kind == "site_over_limit"] == [
        True, False,
    ]  # fmt: skip


def test_where_nobody_gives_way_sessions_are_stopped_one_a_minute():
    yard = Yard(metered(service_kw=60.0), PLAN)
    yard.live(120)
    yard.is_deaf = True

    yard.base_kw = 45.0
    yard.live(70)
    first = list(yard.site.stops)
    yard.live(60)

    assert len(first) == 1
    assert len(yard.site.stops) == 2
    assert "relief_stop" in yard.kinds()


def test_the_main_meter_of_a_station_can_be_the_sites():
    source = SiteMeterSource("ocpp", "S1")
    there = site(metered(source, service_kw=60.0)).come_up()

    def told(station_id: str, connector: int, power_kw: float) -> None:
        sample = MeterSample(there.now, power_kw=power_kw)
        there.say(station_id, MeterReported("m", connector, None, (sample,)))

    told("S0", 0, 11.0)
    told("S1", 1, 12.0)
    assert there.control.watch.state(there.now).power_kw is None
    told("S1", 0, 33.0)
    assert there.control.watch.state(there.now).power_kw == 33.0
    told("S1", 0, 1e6)
    assert there.control.watch.state(there.now).power_kw == 33.0


def test_another_meter_in_a_new_brief_begins_with_nothing():
    brief = metered()
    there = site(brief).come_up()
    there.control.watch.take(MeterReading(20.0, there.now), now=there.now)
    assert there.control.watch.state(there.now).power_kw == 20.0

    there.control.apply_brief(brief)
    assert there.control.watch.state(there.now).power_kw == 20.0
    other = replace(brief, depot=replace(brief.depot, site_meter=replace(SOURCE, address="other")))
    there.control.apply_brief(other)
    assert there.control.watch.state(there.now).power_kw is None
    bare = replace(brief, depot=replace(brief.depot, site_meter=None))
    there.control.apply_brief(bare)
    there.pump()
    assert there.control.watch.state(there.now) is None
    assert there.control.limits.bounds.base is None


def test_a_station_that_claims_more_than_it_may_draw_hides_no_base_load():
    yard = Yard(metered(PROVEN, service_kw=60.0), PLAN)
    yard.live(60)
    sample = MeterSample(yard.site.now, power_kw=500.0)
    yard.site.say("S0", MeterReported("m", 1, None, (sample,)))
    yard.live(2)

    state = yard.site.control.watch.state(yard.site.now)
    assert state.base_kw >= yard.total_kw() - 22.08 - 40.0  # its hardware, and the others


def test_stations_that_are_silent_while_they_charge_do_not_count_as_base_load():
    yard = Yard(metered(service_kw=100.0, operating_kw=90.0), PLAN)
    yard.live(240)
    drawn_kw = sum(yard.drawn_kw.values())
    yard.is_mute = True
    yard.live(300)

    assert yard.base_kw + drawn_kw > BASE_MAX_KW  # what the site's meter says all along
    assert yard.site.control.watch.base_kw(yard.site.now) == BASE_MAX_KW

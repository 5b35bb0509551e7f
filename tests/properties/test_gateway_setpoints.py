"""Random setpoints through every dialect and version: no frame asks a station for more than meant."""

import bisect
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property

import numpy as np
import pytest

from depotlib.errors import SafeLimitError
from depotlib.gateway.messages import InstallProfile
from depotlib.gateway.profiles import fallback_profile, lease_profile, maximum_profile
from depotlib.gateway.quirks import Dialect
from depotlib.gateway.ranks import RANK_RAISE
from depotlib.gateway.safety import require_safe_limits, site_of
from depotlib.gateway.versions import VERSIONS
from depotlib.model.depot import Circuit
from depotlib.model.release import LimitStep
from tests.frame_reading import MICRO, Reading, read_profile
from tests.gateway_cases import T0, at, night, site, small_site

ROUNDING_W = Fraction(1, 1000)
"""What floating point may lose or gain: a milliwatt."""
COUNTS = [340, pytest.param(10_000, marks=pytest.mark.full)]
AWKWARD_KW = (0.0, 1.38, 1.44, 4.14, 7.2, 7.35, 22.08, 0.1 + 0.2, 1e-9, 16.000000001, 350.0)


@dataclass(frozen=True)
class Setpoint:
    """What is meant: a limit from each start on, until it ends."""

    steps: tuple[LimitStep, ...]
    dialect: Dialect
    now: datetime
    valid_to: datetime
    transaction_id: int | None

    @cached_property
    def starts_us(self) -> list[int]:
        return [micro(step.start) for step in self.steps]

    def meant_w(self, at_us: int) -> Fraction:
        begun = bisect.bisect_right(self.starts_us, at_us)
        return Fraction(self.steps[max(0, begun - 1)].limit_kw) * 1000


def micro(instant: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def any_dialect(rng: np.random.Generator) -> Dialect:
    return Dialect(
        unit=str(rng.choice(["A", "W"])),
        phases=int(rng.choice([1, 2, 3])),
        voltage_v=float(rng.choice([120.0, 208.0, 230.0, 231.7, 240.0, 277.0])),
        current_type=str(rng.choice(["AC", "AC", "DC"])),
        lease_level=int(rng.choice([0, 1, 1])),
        max_periods=int(rng.integers(1, 25)),
    )


def any_limit_kw(rng: np.random.Generator) -> float:
    kind = rng.integers(4)
    if kind == 0:
        return float(rng.choice(AWKWARD_KW))
    return float(rng.uniform(0.0, (3.0, 25.0, 350.0)[kind - 1]))


def any_setpoint(rng: np.random.Generator) -> Setpoint:
    gaps_s = rng.choice([0.5, 0.9, 1.0, 7.25, 60.0, 899.5, 900.0, 3601.75], rng.integers(1, 41))
    starts_s = np.cumsum(gaps_s) - float(rng.uniform(0.0, 3000.0))
    now_s = float(rng.uniform(0.0, 1.0))
    dialect = any_dialect(rng)
    valid_to = at(now_s + float(rng.uniform(1.0, 40_000.0)))
    steps = [LimitStep(at(start_s), any_limit_kw(rng)) for start_s in starts_s.tolist()]
    if not dialect.can_expire:
        # As the gateway does it: what never ends ends in the safe limit.
        steps = [step for step in steps if step.start < valid_to]
        steps.append(LimitStep(valid_to, any_limit_kw(rng)))
    is_in_transaction = bool(rng.random() < 0.5)
    return Setpoint(
        steps=tuple(steps),
        dialect=dialect,
        now=at(now_s),
        valid_to=valid_to,
        transaction_id=int(rng.integers(1, 2**31)) if is_in_transaction else None,
    )


def frame_of(profile, version) -> Reading:
    action, payload = version.write_call(InstallProfile("lease 1 S/1", profile, RANK_RAISE))
    return read_profile(json.dumps([2, "id", action, payload]))


def instants_of(setpoint: Setpoint, reading: Reading) -> list[int]:
    """Every instant at which something begins, and the one just before it, from now on."""
    now_us = micro(setpoint.now)
    edges = {*setpoint.starts_us, now_us, micro(setpoint.valid_to)}
    edges |= {(reading.start_s + start_s) * MICRO for start_s in reading.starts_s}
    moments = {edge + shift for edge in edges for shift in (-1, 0)}
    return sorted(moment for moment in moments if moment >= now_us)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("count", COUNTS)
def test_no_frame_asks_a_station_for_more_than_was_meant(version, count):
    rng = np.random.default_rng(20_261)
    for _ in range(count):
        meant = any_setpoint(rng)
        dialect = meant.dialect

        profile = lease_profile(
            meant.steps,
            dialect,
            connector=1,
            transaction_id=meant.transaction_id,
            valid_to=meant.valid_to,
            now=meant.now,
        )
        reading = frame_of(profile, version)

        assert len(reading.starts_s) <= dialect.max_periods
        assert reading.unit == dialect.unit
        is_dc = dialect.current_type == "DC"
        for moment in instants_of(meant, reading):
            asked_w = reading.limit_w(moment, voltage_v=dialect.voltage_v, is_dc=is_dc)
            # Where the frame is silent the safe limit speaks, which asks for nothing.
            if asked_w is not None:
                assert asked_w <= meant.meant_w(moment) + ROUNDING_W, (meant, moment)
        if not is_dc:
            least = Fraction(6)  # IEC 61851-1: the least current a pilot can signal
            if dialect.unit == "W":
                least *= Fraction(dialect.voltage_v) * dialect.phases
            assert all(limit == 0 or limit >= least - Fraction(1, 10) for limit in reading.limits)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_every_frame_of_a_lease_speaks_from_now_until_its_end_and_not_longer(version):
    rng = np.random.default_rng(20_262)
    for _ in range(100):
        meant = any_setpoint(rng)
        dialect = replace(meant.dialect, lease_level=1)

        profile = lease_profile(
            meant.steps,
            dialect,
            connector=1,
            transaction_id=None,
            valid_to=meant.valid_to,
            now=meant.now,
        )
        reading = frame_of(profile, version)

        now_us, end_us = micro(meant.now), micro(meant.valid_to)
        assert reading.amount(now_us) is not None or end_us - now_us < MICRO
        assert reading.amount(max(now_us, end_us - MICRO)) is not None or end_us - now_us < MICRO
        assert reading.amount(end_us) is None


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_fallback_and_station_maximum_never_ask_for_more_and_never_end(version):
    rng = np.random.default_rng(20_263)
    for _ in range(100):
        dialect, limit_kw = any_dialect(rng), any_limit_kw(rng)
        is_dc = dialect.current_type == "DC"

        for profile in (
            fallback_profile(limit_kw, dialect, now=T0),
            maximum_profile(limit_kw, dialect, now=T0),
        ):
            reading = frame_of(profile, version)

            for later_s in (0, 1, 86_400 * 365 * 10):
                moment = micro(T0) + later_s * MICRO
                asked_w = reading.limit_w(moment, voltage_v=dialect.voltage_v, is_dc=is_dc)
                assert asked_w is not None
                assert asked_w <= Fraction(limit_kw) * 1000 + ROUNDING_W
            assert (reading.connector, reading.level) == (0, 0)


@pytest.mark.parametrize("count", [25, pytest.param(1000, marks=pytest.mark.full)])
def test_what_a_whole_site_sends_asks_no_station_for_more_than_its_release(count):
    rng = np.random.default_rng(20_264)
    frames = 0
    for _ in range(count):
        steps_kw = {
            f"S{number}/1": [any_limit_kw(rng) for _ in range(rng.integers(1, 12))]
            for number in range(3)
        }
        step_s = float(rng.choice([60.0, 300.0, 900.0]))
        release = night(steps_kw, step_s=step_s)
        brief = small_site(service_kw=float(rng.uniform(20.0, 80.0)))
        live = site(brief)
        for station in live.control.stations.values():
            chosen = any_dialect(rng)
            station.arming.dialect = replace(
                station.arming.dialect,
                unit=chosen.unit,
                max_periods=chosen.max_periods,
                lease_level=chosen.lease_level,
            )

        live.come_up()
        live.control.apply_release(release)
        live.pump()
        for _ in range(4):
            live.wait(float(rng.uniform(1.0, 400.0)))

        for sent_at, station_id, command in live.sent:
            if command.profile.connector == 0:
                continue
            frames += 1
            reading = frame_of(command.profile, VERSIONS[-1])
            schedule = next(one for one in release.schedules if one.connector_id[:2] == station_id)
            meant = Setpoint(
                schedule.steps,
                live.control.stations[station_id].arming.dialect,
                now=sent_at,
                valid_to=schedule.valid_to,
                transaction_id=None,
            )
            for moment in instants_of(meant, reading):
                asked_w = reading.limit_w(moment, voltage_v=230.0, is_dc=False)
                is_over = moment >= micro(schedule.valid_to)
                meant_w = Fraction(0) if is_over else meant.meant_w(moment)
                # 4.14 kW is every station's safe limit: what it may draw without being asked.
                assert asked_w is None or asked_w <= max(meant_w, Fraction(4140)) + ROUNDING_W
    assert frames >= count


@pytest.mark.parametrize("count", [1000])
def test_safe_limits_that_do_not_fit_are_refused_every_time_and_those_that_do_never(count):
    rng = np.random.default_rng(20_265)
    refused = taken = 0
    while refused < count:
        number = int(rng.integers(1, 9))
        safe_kw = float(rng.uniform(0.0, 22.0))
        base_kw = float(rng.uniform(0.0, 60.0))
        service_kw = float(rng.uniform(20.0, 200.0))
        panel_kw = float(rng.uniform(5.0, 150.0))
        brief = small_site(
            stations=number,
            service_kw=service_kw,
            safe_kw=safe_kw,
            circuits=(Circuit("panel", None, panel_kw),),
            circuit_id="panel",
            base_load_max_kw=base_kw,
        )
        total_kw = number * safe_kw * 1.1  # in amperes, which carry so much more at 253 V
        is_feasible = total_kw <= panel_kw and total_kw + base_kw <= service_kw

        if is_feasible:
            require_safe_limits(site_of(brief))
            taken += 1
        else:
            with pytest.raises(SafeLimitError, match=r"safe limits below (site|panel)"):
                require_safe_limits(site_of(brief))
            refused += 1
    assert taken > count / 10  # the draw knows both kinds


@pytest.mark.parametrize("wrong_kw", [float("nan"), float("inf"), -1.0])
def test_a_number_that_is_none_becomes_zero_on_the_wire(wrong_kw):
    step = LimitStep(T0, 1.0)
    object.__setattr__(step, "limit_kw", wrong_kw)

    profile = lease_profile(
        [step],
        Dialect(unit="A", phases=3, voltage_v=230.0, current_type="AC"),
        connector=1,
        transaction_id=None,
        valid_to=at(60.0),
        now=T0,
    )

    assert frame_of(profile, VERSIONS[-1]).limits == (0,)
    assert T0.tzinfo is UTC

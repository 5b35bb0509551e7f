"""Whatever a setpoint goes through on its way to a station, nobody is asked for more than intended."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from depotlib.gateway.profiles import kw_of_tenths, lease_profile, shaped_line
from depotlib.gateway.quirks import Dialect
from depotlib.gateway.steps import limit_steps, line_of
from tests.gateway_cases import T0, at

DIALECTS = st.builds(
    Dialect,
    unit=st.sampled_from(["A", "W"]),
    phases=st.sampled_from([1, 3]),
    voltage_v=st.sampled_from([120.0, 230.0, 240.0, 277.0]),
    current_type=st.sampled_from(["AC", "DC"]),
    lease_level=st.sampled_from([0, 1]),
    max_periods=st.integers(1, 24),
)
LIMITS_KW = st.one_of(
    st.floats(0.0, 350.0),
    st.sampled_from([0.0, 1.38, 1.44, 1.5, 4.14, 7.2, 7.35, 22.08, 0.1 + 0.2]),
)
STEPS = st.lists(st.tuples(st.floats(0.5, 4000.0), LIMITS_KW), min_size=1, max_size=40)


@given(STEPS, DIALECTS, st.floats(0.0, 9000.0))
def test_no_rounding_and_no_merging_asks_for_more_than_intended(steps, dialect, now_offset_s):
    starts = [sum(gap for gap, _ in steps[: n + 1]) for n in range(len(steps))]
    line = line_of(
        (T0.timestamp() + start, kw) for start, (_, kw) in zip(starts, steps, strict=True)
    )
    now, end = at(now_offset_s), at(now_offset_s + 30_000.0)

    profile = lease_profile(
        limit_steps(line), dialect, connector=1, transaction_id=None, valid_to=end, now=now
    )

    assert len(profile.periods) <= dialect.max_periods
    for period, following in zip(profile.periods, [*profile.periods[1:], None], strict=True):
        asked_kw = kw_of_tenths(period.limit_tenths, dialect)
        begin = max(now, profile.start + timedelta(seconds=period.start_s))
        until = end if following is None else profile.start + timedelta(seconds=following.start_s)
        inside = [t for t in line.starts_s.tolist() if begin.timestamp() <= t < until.timestamp()]
        if until > begin:
            # A step within the second of `begin` is rounded to it; it lies inside as well.
            meant_kw = min(line.at(t) for t in (begin.timestamp(), *inside))
            assert asked_kw <= meant_kw + 1e-6
    if dialect.current_type == "AC":
        floor_kw = 6.0 * dialect.voltage_v * dialect.phases / 1000.0
        asked = [kw_of_tenths(period.limit_tenths, dialect) for period in profile.periods]
        assert all(kw == 0.0 or kw >= floor_kw - 1e-3 for kw in asked)


@given(STEPS, DIALECTS)
def test_shaping_twice_changes_nothing(steps, dialect):
    starts = [sum(gap for gap, _ in steps[: n + 1]) for n in range(len(steps))]
    line = line_of(
        (T0.timestamp() + start, kw) for start, (_, kw) in zip(starts, steps, strict=True)
    )
    span = {"now_s": T0.timestamp(), "end_s": T0.timestamp() + 40_000.0}

    once = shaped_line(line, dialect, **span)
    twice = shaped_line(once, dialect, **span)

    assert once.starts_s.tolist() == twice.starts_s.tolist()
    assert once.values_kw.tolist() == twice.values_kw.tolist()

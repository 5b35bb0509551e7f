"""What a load frame must be for its bill: the short check and the schema's say the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from dataframely.exc import ValidationError

from depotlib.model.frames import LoadFrame
from depotlib.tariffs.metered import LOAD_TYPES, metered_load

START = datetime(2018, 1, 1, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def load_of(*power_kw: float | None) -> pl.DataFrame:
    starts = [START + timedelta(minutes=15) * at for at in range(len(power_kw))]
    return pl.DataFrame({"interval_start": starts, "power_kw": list(power_kw)}, schema=LOAD_TYPES)


def test_any_finite_powers_are_a_valid_load_and_so_are_nulls():
    # The short check asks for no more than this: a rule added to the schema must fail here.
    load = load_of(-5.0, None, 0.0, 1e9)

    assert LoadFrame.is_valid(load)
    assert LoadFrame.is_valid(pl.concat([load, load]).reverse())
    assert metered_load(load, interval_s=900, time_zone=UTC_ZONE).power_kw.size == 4


@pytest.mark.parametrize("power_kw", [float("nan"), float("inf"), float("-inf")])
def test_a_power_that_is_no_number_is_refused(power_kw):
    load = load_of(5.0, power_kw, 5.0)

    with pytest.raises(ValidationError):
        metered_load(load, interval_s=900, time_zone=UTC_ZONE)


def test_an_empty_instant_is_refused():
    load = load_of(5.0, 5.0).with_columns(
        interval_start=pl.Series([START, None], dtype=LOAD_TYPES["interval_start"])
    )

    with pytest.raises(ValidationError):
        metered_load(load, interval_s=900, time_zone=UTC_ZONE)

import pytest

from depotlib.ingest.normalise.durations import read_duration_s
from depotlib.ingest.normalise.quantities import (
    judge_decimal_mark,
    judge_soc_scale,
    read_number,
    soc_share,
)


@pytest.mark.parametrize(
    ("text", "duration_s"),
    [
        ("00:00:02", 2),
        ("01:40:48", 6048),
        ("47:42:45", 47 * 3600 + 42 * 60 + 45),
        ("1.02:00:05.0000000", 86_400 + 2 * 3600 + 5),
        ("03:28:33.258", 3 * 3600 + 28 * 60 + 33.258),
        ("7:30", 7 * 3600 + 30 * 60),
        ("-00:10:00", -600),
    ],
)
def test_a_duration_is_read_whole(text: str, duration_s: float):
    assert read_duration_s(text) == pytest.approx(duration_s)


@pytest.mark.parametrize("text", ["", "soon", "1:75:00", "90", "1:2:3:4"])
def test_what_is_no_duration_is_none(text: str):
    assert read_duration_s(text) is None


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("11.964", ".", 11.964),
        (" -3 ", ".", -3.0),
        ("1,234.5", ".", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("2,5", ",", 2.5),
        ("12.5", ",", 12.5),
        ("1e3", ".", 1000.0),
        ("n/a", ".", None),
        ("1,2,3", ".", None),
        ("nan", ".", None),
        ("1e999", ".", None),
        ("", ".", None),
    ],
)
def test_a_number_is_read_with_its_decimal_mark(text: str, mark, value: float | None):
    assert read_number(text, decimal_mark=mark) == value


@pytest.mark.parametrize(
    ("texts", "delimiter", "mark"),
    [
        (["1.5", "2"], ",", "."),
        (["1,5", "2,25"], ";", ","),
        (["1,234", "2,000"], ",", "."),
        (["1,234", "2,000"], ";", ","),
        (["1,234.5", "2"], ";", "."),
        (["1.234,5", "2"], ";", ","),
        ([], ";", "."),
    ],
)
def test_the_decimal_mark_is_judged_over_the_column(texts, delimiter: str, mark: str):
    assert judge_decimal_mark(texts, delimiter=delimiter) == mark


@pytest.mark.parametrize(
    ("values", "documented", "scale"),
    [
        ([81.0, 40.0, 99.0], "percent", "percent"),
        ([0.81, 0.4, 0.99], "percent", "fraction"),
        ([85_250.0, 40_000.0, 12_500.0], "percent", "milli_percent"),
        ([85_250.0, 40_000.0], "milli_percent", "milli_percent"),
        ([85.25, 40.0], "milli_percent", "percent"),
        ([1.0], "percent", "percent"),  # one percent, not a full battery
        ([83.0, 83.0, 90.0, 250.0], "percent", "percent"),  # one wild value flips nothing
        ([0.0, 0.0], "percent", "percent"),
    ],
)
def test_the_scale_of_charge_is_judged_over_the_column(values, documented, scale: str):
    assert judge_soc_scale(values, documented=documented) == scale


@pytest.mark.parametrize(
    ("value", "scale", "soc"),
    [
        (85_250.0, "milli_percent", 0.8525),
        (85.25, "percent", 0.8525),
        (0.8525, "fraction", 0.8525),
        (101.0, "percent", None),
        (-1.0, "percent", None),
    ],
)
def test_a_charge_is_a_fraction_or_nothing(value: float, scale, soc: float | None):
    assert soc_share(value, scale=scale) == (None if soc is None else pytest.approx(soc))

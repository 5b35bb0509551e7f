"""What every source promises: it knows its own files only, and loses no record of them."""

import importlib
import json
import tomllib
from collections import Counter

import polars as pl
import pytest

from depotlib.errors import InputError, TruncatedFileError
from depotlib.ingest.archive import member_names
from depotlib.ingest.content import FileContent, content_of, read_content, sample_of
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ArchiveSource, ReadOptions, Source
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpack import wrapping_of
from depotlib.model.frames import (
    AssignmentFrame,
    DutyFrame,
    MeterFrame,
    PriceFrame,
    SessionFrame,
    TelematicsFrame,
    TripFrame,
    VehicleFrame,
)
from tests.places import DATA, TEST_DATA

SAMPLES = TEST_DATA / "ingest"
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text())
FILES = sorted(EXPECTED)
SCHEMAS = {
    "sessions": SessionFrame,
    "telematics": TelematicsFrame,
    "meter": MeterFrame,
    "trips": TripFrame,
    "duties": DutyFrame,
    "vehicles": VehicleFrame,
    "assignments": AssignmentFrame,
    "prices": PriceFrame,
}
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
each_sample = pytest.mark.parametrize("name", FILES)


def read(name: str):
    content = read_content(SAMPLES / name)
    given = {
        option: EXPECTED[name][option]
        for option in ("time_zone", "series_start", "interval_s")
        if option in EXPECTED[name]
    }
    options = ReadOptions(**given)
    return recognise(content, sources=SOURCES).source.read(content, options)


def confidence_share(source: Source, content: FileContent) -> float:
    share = source.recognise(sample_of(content.head)).confidence_share
    if isinstance(source, ArchiveSource) and wrapping_of(content) == "zip":
        share = max(share, source.recognise_archive(member_names(content)).confidence_share)
    return share


@each_source
def test_a_source_is_named_after_its_module_and_says_what_it_reads(source):
    module = importlib.import_module(f"depotlib.ingest.sources.{source.name}")

    assert type(source).__module__ == module.__name__
    assert "row is" in (module.__doc__ or ""), "the docstring defines what is counted"
    assert source.title


@each_source
def test_a_source_has_a_sample_that_was_counted_by_hand(source):
    assert any(name.startswith(f"{source.name}/") for name in FILES)


def test_every_sample_was_counted():
    samples = {str(path.relative_to(SAMPLES)) for path in SAMPLES.glob("*/*")}

    assert {name for name in samples if not name.startswith("bad/")} == set(FILES)


@each_sample
def test_a_sample_is_recognised_by_its_source_and_by_no_other(name: str):
    content = read_content(SAMPLES / name)

    sure = {each.name for each in SOURCES if confidence_share(each, content) >= 0.5}

    assert sure == {name.split("/", maxsplit=1)[0]}


@pytest.mark.parametrize(
    "path",
    [
        *(DATA / "demo").glob("*.csv"), *(DATA / "demo").glob("*.toml"),
        *(DATA / "reference_night").glob("*.csv"), DATA / "README.md",
    ],
    ids=lambda path: path.name,
)  # fmt: skip
def test_no_source_takes_a_file_that_is_no_export(path):
    sample = sample_of(path.read_bytes())

    assert {each.recognise(sample).confidence_share for each in SOURCES} == {0.0}


@each_sample
def test_the_account_of_a_sample_is_the_one_counted_by_hand(name: str):
    expected = EXPECTED[name]

    rows = read(name)

    assert (rows.rows_in, rows.kept, rows.duplicates) == (
        expected["rows_in"],
        expected["stored"],
        expected["duplicates"],
    )
    assert Counter(rejection.reason for rejection in rows.rejections) == expected["rejected"]
    if "findings" in expected:
        assert {each.kind: each.count for each in rows.findings} == expected["findings"]


@each_sample
def test_what_a_source_gives_fits_the_schemas_and_says_where_it_comes_from(name: str):
    rows = read(name)

    for kind, frame in rows.frames.items():
        if frame is not None:
            SCHEMAS[kind].validate(frame)
            if "src_file" in frame.columns:
                assert set(frame["src_file"]) <= {str(SAMPLES / name)}
            if not EXPECTED[name].get("several_rows_a_record"):
                assert frame["src_row"].n_unique() == frame.height
    assert list(rows.rejections) == sorted(rows.rejections, key=lambda each: each.row)
    assert all(each.detail and each.reason for each in rows.rejections)


@each_sample
def test_a_file_read_twice_gives_the_same(name: str):
    first, second = read(name), read(name)

    assert first.rejections == second.rejections
    for one, other in zip(first.frames.values(), second.frames.values(), strict=True):
        assert (one is None and other is None) or (
            isinstance(one, pl.DataFrame) and isinstance(other, pl.DataFrame) and one.equals(other)
        )


@each_sample
@pytest.mark.parametrize("share", [0.35, 0.6, 0.85, 0.97])
def test_a_file_cut_anywhere_ends_in_a_report_or_in_a_sentence(name: str, share: float):
    data = (SAMPLES / name).read_bytes()
    content = content_of("cut", data[: int(len(data) * share)])

    assert ends_well(lambda: recognise(content, sources=SOURCES).source, content)


def ends_well(source_of, content) -> bool:
    """Return whether reading ends in a closed account or in a complete sentence."""
    try:
        rows = source_of().read(content, ReadOptions(time_zone="Europe/London"))
    except InputError as error:
        return bool(error.what and error.where and error.hint)
    return rows.rows_in == rows.kept + rows.duplicates + len(rows.rejections)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".json", ".jsonl"))])
def test_json_that_stops_within_a_record_is_refused_as_a_whole(name: str):
    text = (SAMPLES / name).read_text().rstrip()
    content = content_of("cut.json", text[: len(text) - 20].encode())
    source = next(each for each in SOURCES if each.name == name.split("/", maxsplit=1)[0])

    with pytest.raises(TruncatedFileError) as refused:
        source.read(content, ReadOptions())

    assert "cut.json" in refused.value.where


@each_source
def test_a_file_with_records_of_nonsense_is_counted_or_refused(source):
    name = next(name for name in FILES if name.startswith(f"{source.name}/"))
    data = (SAMPLES / name).read_bytes()
    noise = json.dumps(["x", 5, None, {"device": {"id": 3}}]) if name.endswith(".json") else "a,b\n"
    content = content_of(
        "noise", noise.encode() if name.endswith(".json") else data + noise.encode()
    )

    assert ends_well(lambda: source, content)

"""Files of strangers are read in a process of their own: whatever they do, this one goes on."""

import gzip
import json
import os
import signal
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from io import BytesIO

import polars as pl
import pytest
import xlsxwriter

from depotlib.errors import (
    DepotError,
    FileTooLargeError,
    InputError,
    MalformedFileError,
    ReadingFailedError,
    ReadingLimitError,
    TariffRefusedError,
    TimeZoneNeededError,
    UnknownSourceError,
    UnpackLimitError,
)
from depotlib.ingest.content import FileContent, content_of, file_at
from depotlib.ingest.handover import hand_over, take_over
from depotlib.ingest.read_parts import ReadPart, read_parts
from depotlib.ingest.reading_limits import ReadingLimits
from depotlib.ingest.reading_worker import IdleWorkers, ReadingWorker
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpacked import Allowance
from tests.chaos.depot_processes import wait_until
from tests.places import ROOT, TEST_DATA

SAMPLES = TEST_DATA / "ingest"
LOG = SAMPLES / "leeds_depot" / "log.csv"
CHARGES = SAMPLES / "geotab" / "charge_events.json"
OPTIONS = ReadOptions(time_zone="Europe/London")
OWNER = """
import sys
from pathlib import Path
from depotlib.ingest.content import file_at
from depotlib.ingest.reading_worker import ReadingWorker
from depotlib.ingest.source import ReadOptions

worker = ReadingWorker()
worker.read(file_at(Path(sys.argv[1])), ReadOptions(time_zone="Europe/London"))
print("read", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def worker():
    with closing(ReadingWorker()) as worker:
        yield worker


@pytest.fixture
def read(worker):
    """Return what reading some bytes gives, and show that the worker goes on to the next file."""

    def of(name: str, data: bytes) -> ReadPart:
        try:
            (part,) = worker.read(content_of(name, data), OPTIONS)
        except DepotError as error:
            part = ReadPart(name, error=error)
        (good,) = worker.read(file_at(LOG), OPTIONS)
        assert good.read.rows.kept == 4  # counted by hand in tests/data/ingest/expected.toml
        return part

    return of


def here(given: FileContent) -> list[ReadPart]:
    allowance = Allowance(given.file, given.size_bytes)
    return read_parts(given, sources=SOURCES, options=OPTIONS, allowance=allowance)


def test_a_worker_gives_what_reading_here_gives_of_every_sample(worker):
    for path in sorted(SAMPLES.glob("*/*")):
        (found,), (wanted,) = worker.read(file_at(path), OPTIONS), here(file_at(path))

        if wanted.read is None:
            assert found.error.args == wanted.error.args, path
            assert type(found.error) is type(wanted.error)
            continue
        assert (found.read.source, found.read.digest) == (wanted.read.source, wanted.read.digest)
        for name, frame in wanted.read.rows.frames.items():
            given = found.read.rows.frames[name]
            assert (given is None) == (frame is None), (path, name)
            assert frame is None or (given.equals(frame) and given.schema == frame.schema), path
        told = [replace(each.read.rows, **dict.fromkeys(each.read.rows.frames), merged_rows=None,
                        rows_in=0, duplicates=0, rejections=(), documents=())
                for each in (found, wanted)]  # fmt: skip
        assert told[0] == told[1]
        for name in ("rows_in", "duplicates", "rejections", "documents"):
            assert getattr(found.read.rows, name) == getattr(wanted.read.rows, name), (path, name)


def test_each_file_of_an_archive_comes_back_with_its_own_account(worker):
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(LOG, "log.csv")
        archive.writestr("note.txt", "Dear all,")
        archive.write(CHARGES, "charges.json")

    log, note, charges = worker.read(content_of("all.zip", target.getvalue()), OPTIONS)

    assert (log.file, log.read.source, log.read.rows.rows_in) == (
        "all.zip/log.csv",
        "leeds_depot",
        10,
    )
    assert isinstance(note.error, UnknownSourceError)
    assert (charges.read.source, charges.read.rows.rows_in) == ("geotab", 5)


def geotab_with(more: bytes) -> bytes:
    return CHARGES.read_bytes().rstrip()[:-1] + b"," + more + b"]"


def far_cell() -> bytes:
    """Return a workbook of one sheet whose two cells span all that a sheet may hold."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, 1)
    return target.getvalue()


HOSTILE = {
    # Deflate shrinks to a thousandth at most; equal members of one gzip file are cheap to make.
    "gzip bomb": (lambda: zeros(100), UnpackLimitError, "come out"),
    "nested bomb": (lambda: gzip.compress(zeros(100)), UnpackLimitError, "come out"),
    "deep JSON": (
        lambda: geotab_with(b"[" * 100_000 + b"]" * 100_000), MalformedFileError, "too deep",
    ),
    "deep objects": (
        lambda: geotab_with(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        MalformedFileError, "too deep",
    ),
    "endless line": (lambda: with_line(b"a," * 600_000), MalformedFileError, "line of 1,200,000"),
    "endless field": (lambda: with_line(b"a" * 300_000), MalformedFileError, "field larger"),
    "far cell": (far_cell, ReadingLimitError, "memory"),
    "escapes": (lambda: b'[{"device":"' + b'\\"' * 500_000, UnknownSourceError, "no source"),
}  # fmt: skip


def zeros(members: int) -> bytes:
    """Return a gzip file out of which so many times a million zeros come."""
    return gzip.compress(bytes(1_000_000)) * members


def with_line(line: bytes) -> bytes:
    return LOG.read_bytes() + line


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_clear_error_and_the_next_file_is_read(read, name: str):
    made, kind, words = HOSTILE[name]

    part = read(name, made())

    assert type(part.error) is kind
    assert words in part.error.what
    assert part.error.where.startswith(name)
    assert part.error.hint


@pytest.mark.full
@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda: zeros(10_000), UnpackLimitError),
        (lambda: gzip.compress(zeros(100_000)), UnpackLimitError),
        (lambda: with_line(b"a," * 100_000_000), MalformedFileError),
        (lambda: with_line(b"a" * 200_000_000), MalformedFileError),
        (lambda: geotab_with(b'"' + b"a" * 200_000_000 + b'"'), FileTooLargeError),
        (lambda: geotab_with(b",".join([b"[]"] * 60_000_000)), FileTooLargeError),
    ],
    ids=["10 MB to 10 GB", "100 GB nested", "200 MB row", "200 MB field", "200 MB text in JSON",
         "180 MB of lists"],
)  # fmt: skip
def test_a_hostile_file_of_full_size_ends_in_a_clear_error_in_time(read, made, kind):
    part = read("hostile", made())

    assert isinstance(part.error, kind)


METER = b"interval_start,kwh\n" + b"".join(
    b"2026-01-%02dT%02d:%02d:00Z,1\n" % (day, hour, minute)
    for day in range(1, 29) for hour in range(24) for minute in range(60)
)  # fmt: skip


LITTLE = {
    "computing time": (ReadingLimits(cpu_s=0, cpu_per_byte_s=0, waiting_factor=1e6), "longer"),
    "memory": (ReadingLimits(memory_bytes=1_700_000_000), "memory"),
    "disk": (ReadingLimits(file_bytes=5_000), "disk"),
    "time": (ReadingLimits(cpu_s=1, cpu_per_byte_s=0, waiting_factor=0.01), "longer"),
}


@pytest.mark.parametrize("name", [*list(LITTLE)[:-1], pytest.param("time", marks=pytest.mark.full)])
def test_a_file_that_takes_more_than_it_may_is_refused(worker, name: str):
    limits, words = LITTLE[name]
    # In memory a text of 100 million characters is 0.6 GB, beside 1.3 GB of libraries.
    data = with_line(b"a" * 100_000_000) if name == "memory" else METER
    try:
        (part,) = worker.read(content_of("greedy", data), OPTIONS, limits=limits)
    except ReadingLimitError as error:
        part = ReadPart("greedy", error=error)

    assert isinstance(part.error, ReadingLimitError)
    assert words in part.error.what


class _KillingContent(FileContent):
    """Ends the worker in the moment that it is about to be asked for this file."""

    def on_disk(self, folder):
        (pid,) = (int(pid) for pid in self.file.split())
        os.kill(pid, signal.SIGSEGV)
        return super().on_disk(folder)


def test_a_worker_that_dies_on_a_file_says_so_and_the_next_file_gets_another(worker):
    worker.read(file_at(LOG), OPTIONS)
    pid = worker._process.pid

    with pytest.raises(ReadingFailedError, match="code -11") as failed:
        worker.read(_KillingContent(f"{pid}", LOG.read_bytes()), OPTIONS)

    assert failed.value.where == f"{pid}"
    (part,) = worker.read(file_at(LOG), OPTIONS)
    assert part.read.rows.rows_in == 10
    assert worker._process.pid != pid


def test_a_worker_whose_owner_was_killed_leaves_nothing_behind(tmp_path):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(LOG)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with owner:
        assert owner.stdout.readline() == b"read\n"
        left = list(tmp_path.iterdir())
        owner.kill()

    assert len(left) == 1
    wait_until(lambda: not any(tmp_path.iterdir()), "the worker's folder gone")


def test_an_idle_worker_is_lent_again_and_two_imports_at_once_get_two():
    with closing(IdleWorkers()) as idle:
        with idle.worker() as first, idle.worker() as second:
            pass
        with idle.worker() as third:
            pass

    assert first is not second
    assert third in {first, second}


def test_what_a_worker_leaves_is_believed_only_if_it_is_whole_and_fits(tmp_path):
    hand_over(tmp_path, here(file_at(CHARGES)))
    paper, frame = tmp_path / "parts.json", tmp_path / "0.sessions.parquet"
    kept = {path: path.read_bytes() for path in (paper, frame)}
    wrong = pl.read_parquet(frame).with_columns(start_soc=pl.lit(80.0))
    counted = json.loads(paper.read_bytes())
    counted[0]["facts"]["rows_in"] = 6  # one more than there are

    def damaged(path, data: bytes) -> ReadingFailedError:
        path.write_bytes(data)
        with pytest.raises(ReadingFailedError) as failed:
            take_over(tmp_path, file="export.json")
        path.write_bytes(kept[path])
        return failed.value

    target = BytesIO()
    wrong.write_parquet(target)
    for path, data in [(paper, b"[{}]"), (paper, b"\xff"), (paper, json.dumps(counted).encode()),
                       (frame, b"PAR1"), (frame, target.getvalue())]:  # fmt: skip
        assert damaged(path, data).where == "export.json"
    assert take_over(tmp_path, file="export.json")[0].read.rows.rows_in == 5


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeZoneNeededError("what", where="where", hint="hint"), TimeZoneNeededError),
        (TariffRefusedError((("sell", "no words"),), where="t.json"), InputError),
    ],
)
def test_an_error_comes_back_with_its_three_parts(tmp_path, error: DepotError, kind):
    hand_over(tmp_path, [ReadPart("a", error=error)])

    (part,) = take_over(tmp_path, file="a")

    assert type(part.error) is kind
    assert (part.error.what, part.error.where, part.error.hint) == (
        error.what,
        error.where,
        error.hint,
    )

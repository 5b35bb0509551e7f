"""Whatever is done to a file of any format, importing it ends in a closed account or a sentence.

Every sample of every source and every file of the three vans is damaged in ways that files are
damaged in life, from a seed: `make test` takes some hundred of the damages, `make test-full`
thousands.
"""

import gzip
import importlib
import io
import pkgutil
import random
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
import xlsxwriter

from depotlib.errors import EmptyFileError
from depotlib.ingest.content import content_of
from depotlib.ingest.handover import hand_over, take_over
from depotlib.ingest.read_parts import ReadPart, read_parts
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpacked import Allowance, UnpackLimits
from tests.known_answers.ingest.three_vans import scenario as told
from tests.known_answers.ingest.three_vans import writers
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest"
WRITERS = sorted(module.name for module in pkgutil.iter_modules(writers.__path__))
PATHS = sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.glob("*/*") if path.is_file())
NAMES = [*PATHS, *(f"three_vans/{name}" for name in WRITERS)]
LIMITS = UnpackLimits(most_bytes=50_000_000, free_bytes=5_000_000)
ODD = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a", b"\xe9", b'"', b"'", b"\\", b"{", b"[", b"]]",
    b",", b";", b"\t", b"\r", b"\n\n\n", b"NaN", b"Infinity", b"-0", b"1e999", b"9" * 400,
    b"-1", b"1e-300", b"0x10", b"null", b"true", b"1970-01-01T00:00:00Z", b"9999-12-31T23:59:59Z",
    b"0000-00-00", b"29/02/2025", b"31/12/2025 24:00", b"2026-03-29T02:30:00", b"=1/0",
    "½٣𝟗".encode(), b"<!ENTITY a 'b'>", b"&a;", b"99999999999999999999",
)  # fmt: skip


@cache
def original(name: str) -> bytes:
    folder, _, rest = name.partition("/")
    if folder == "three_vans":
        return importlib.import_module(f"{writers.__name__}.{rest}").write(told.scenario())
    return (SAMPLES / name).read_bytes()


def flipped(data: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(rng.choice([1, 1, 3, 20])):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def cut(data: bytes, rng: random.Random) -> bytes:
    start = rng.choice([0, 0, rng.randrange(len(data))])
    return data[start : rng.randrange(start, len(data)) + 1]


def odd_inserted(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice([1, 1, 5])):
        at, gone = rng.randrange(len(data)), rng.choice([0, 0, 1, 8])
        data = data[:at] + rng.choice(ODD) + data[at + gone :]
    return data


def lines_shuffled(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(rng.choice([1, 3, 10])):
        at = rng.randrange(len(lines))
        change = rng.choice(["double", "drop", "swap", "blank", "first"])
        if change == "double":
            lines.insert(rng.randrange(len(lines)), lines[at])
        elif change == "drop" and len(lines) > 1:
            del lines[at]
        elif change == "swap":
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif change == "blank":
            lines.insert(at, b"\n")
        else:
            lines.insert(0, lines[at])
    return b"".join(lines)


def fields_swapped(data: bytes, rng: random.Random) -> bytes:
    """Swap what stands between delimiters: a time where an energy is expected."""
    mark = rng.choice([b",", b";", b":", b'"', b"\t", b">"])
    fields = data.split(mark)
    for _ in range(rng.choice([1, 2, 6])):
        one, other = rng.randrange(len(fields)), rng.randrange(len(fields))
        fields[one], fields[other] = fields[other], fields[one]
    return mark.join(fields)


def values_replaced(data: bytes, rng: random.Random) -> bytes:
    """Put odd values where digits stand."""
    places = [at for at, byte in enumerate(data) if 48 <= byte < 58]
    for _ in range(rng.choice([1, 4])):
        if places:
            at = rng.choice(places)
            data = data[:at] + rng.choice(ODD) + data[at + 1 :]
    return data


def encoded_otherwise(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", errors="replace")
    odd = rng.choice(["utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7", "mixed"])
    if odd == "mixed":
        half = len(text) // 2
        return text[:half].encode() + text[half:].encode("utf-16-le")
    return text.encode(odd, errors="replace")


def nested_deep(data: bytes, rng: random.Random) -> bytes:
    at, depth = rng.randrange(len(data)), rng.choice([50, 2_000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>")])
    return data[:at] + opening * depth + b"1" + closing * depth + data[at:]


def wrapped(data: bytes, rng: random.Random) -> bytes:
    """Wrap it as something it is not, whole or damaged."""
    kind = rng.choice(["gzip", "zip", "workbook", "magic"])
    if kind == "gzip":
        return rng.choice([bytes, flipped_one])(gzip.compress(data, mtime=0))
    if kind == "magic":
        return rng.choice([b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08", b"%PDF"]) + data
    target = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("a/b.csv"), data)
            archive.writestr(zipfile.ZipInfo("b.csv"), data[: len(data) // 2])
    else:
        with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            for row, line in enumerate(data.decode(errors="replace").splitlines()[:50]):
                for column, field in enumerate(line.split(",")[:50]):
                    sheet.write_string(row, column, field[:200])
    return rng.choice([bytes, flipped_one])(target.getvalue())


def flipped_one(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flipped, cut, odd_inserted, lines_shuffled, fields_swapped, values_replaced,
    encoded_otherwise, nested_deep, wrapped,
)  # fmt: skip


def damaged(name: str, seed: int) -> bytes:
    rng = random.Random(f"{name} {seed}")
    data = original(name)
    for _ in range(rng.choice([1, 1, 1, 2])):
        data = rng.choice(DAMAGES)(data, rng) or b"\n"
    return data


def imported(data: bytes, *, name: str) -> list[ReadPart]:
    try:
        content = content_of(name, data)
    except EmptyFileError as error:
        return [ReadPart(name, error=error)]
    options = ReadOptions(time_zone="Europe/London")
    allowance = Allowance(name, len(data), limits=LIMITS)
    return read_parts(content, sources=SOURCES, options=options, allowance=allowance)


def judge(parts: list[ReadPart], *, name: str) -> None:
    """Assert that each part ended in a closed account, or in a complete sentence."""
    assert parts
    for part in parts:
        if part.read is None:
            error = part.error
            assert error is not None
            assert error.what
            assert error.where
            assert error.hint
        else:
            rows = part.read.rows  # whose account `SourceRows` itself holds closed
            assert all(each.reason and each.detail for each in rows.rejections)
            assert all(each.count > 0 and each.sentence for each in rows.findings)


def fuzz(name: str, seeds: range, folder) -> None:
    for seed in seeds:
        try:
            parts = imported(damaged(name, seed), name=name)
            judge(parts, name=name)
            hand_over(folder, parts)
            take_over(folder, file=name)  # what was read fits the schemas
        except Exception as error:
            error.add_note(f"{name}, seed {seed}")
            raise


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_ends_in_a_closed_account_or_in_a_sentence(name: str, tmp_path):
    fuzz(name, range(3), tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_a_file_damaged_in_many_ways_ends_in_a_closed_account_or_in_a_sentence(name, tmp_path):
    fuzz(name, range(3, 60), tmp_path)

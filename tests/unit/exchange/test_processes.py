"""Several processes share one mailbox, and the death of one loses nothing acknowledged."""

import subprocess
import sys
from pathlib import Path

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.places import ROOT


def started(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.unit.exchange.writer", str(path), name, str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_make_one_whole_chain(tmp_path: Path):
    path = tmp_path / "exchange.sqlite"
    count = 150

    writers = [started(path, name, count) for name in ("gateway", "dispatch")]
    outputs = [writer.communicate(timeout=60)[0] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0]
    with open_mailbox(path, create=False) as mailbox:
        verdict = mailbox.verify_journal()
        records = mailbox.journal(limit=10 * count)
    assert (verdict.ok, verdict.count) == (True, 2 * count)
    for name, output in zip(("gateway", "dispatch"), outputs, strict=True):
        told = [tuple(map(int, line.split())) for line in output.splitlines()[1:]]
        kept = [
            (record.seq, record.entry.payload["number"])
            for record in records
            if record.entry.payload["writer"] == name
        ]
        assert told == kept
        assert [number for _, number in kept] == list(range(count))


@pytest.mark.chaos
@pytest.mark.parametrize("lines", [1, 7, 40])
def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path: Path, lines: int):
    path = tmp_path / "exchange.sqlite"
    writer = started(path, "gateway", 0)
    assert writer.stdout is not None
    told = [writer.stdout.readline() for _ in range(lines + 1)][1:]

    writer.kill()
    told += writer.stdout.readlines()
    writer.stdout.close()
    writer.wait()

    whole = [tuple(map(int, line.split())) for line in told if line.endswith("\n")]
    with open_mailbox(path, create=False) as mailbox:
        verdict = mailbox.verify_journal()
        kept = [
            (record.seq, record.entry.payload["number"])
            for record in mailbox.journal(limit=1_000_000)
        ]
        (beat,) = mailbox.beats()
        mailbox.append([record.entry for record in mailbox.journal(limit=1)])
        assert mailbox.verify_journal().ok
    assert verdict.ok
    assert kept[: len(whole)] == whole
    assert len(kept) <= len(whole) + 1  # at most the one that was not yet said
    assert int(beat.note) == len(kept) - 1

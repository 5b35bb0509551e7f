"""One of several processes that use one warehouse until a moment: ``import`` or ``read``.

Says ``ready``, waits for the word to start, and prints what it did at the end, or the error that a
user would have met.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from depotlib.errors import DepotError
from depotlib.ingest.content import content_of
from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.meter_csv import MeterCsv
from depotlib.settings import Settings
from depotlib.store.imports import import_history
from depotlib.store.load import ChargingAssumption, load_profile
from depotlib.store.meter import meter_load
from depotlib.store.sessions import sessions
from depotlib.workflows.stored_file import ReadFile, store_file

START = datetime(2026, 1, 1, tzinfo=UTC)


def import_files(settings: Settings, name: str, *, until_s: float) -> int:
    """Return how many files were imported: each overlaps the one before by half."""
    files = 0
    while time.monotonic() < until_s:
        stamps = [START + timedelta(minutes=15 * (files + place)) for place in range(2)]
        lines = [f"{stamp:%Y-%m-%dT%H:%MZ},{files + place}.5" for place, stamp in enumerate(stamps)]
        text = "\n".join(["interval_start,kw", *lines, ""])
        content = content_of(f"{name}-{files}.csv", text.encode())
        options = ReadOptions(meter_id=name)
        read = ReadRows(f"{name} {content.digest}", "meter_csv", MeterCsv().read(content, options))
        store_file(
            ReadFile(content, file=content.file, read=read, options=options),
            settings=settings,
            now=START,
        )
        files += 1
    return files


def read_all(settings: Settings, *, until_s: float) -> int:
    """Return how often everything was read; what was seen never becomes less."""
    path, reads, seen = settings.warehouse_path, 0, 0
    while time.monotonic() < until_s:
        span = {"start": START, "end": START + timedelta(days=1)}
        history = import_history(path)
        assert len(history) >= seen, f"{len(history)} imports after {seen}"
        seen = len(history)
        sessions(path)
        load_profile(path, assumption=ChargingAssumption(max_kw=7.0), **span)
        meter_load(path, "one", **span)
        reads += 1
    return reads


if __name__ == "__main__":
    role, name, home, span_s = sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    until_s = time.monotonic() + span_s
    try:
        if role == "import":
            done = import_files(Settings(home=home), name, until_s=until_s)
        else:
            done = read_all(Settings(home=home), until_s=until_s)
    except DepotError as error:
        sys.stdout.write(f"error {error}\n")
    else:
        sys.stdout.write(f"{done}\n")

"""Two that import and three that read one warehouse at once: no error reaches anybody, nothing is lost."""

import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.settings import Settings
from depotlib.store.imports import import_history
from depotlib.store.meter import meter_load
from tests.chaos.store_users import START
from tests.places import ROOT
from tests.unit.store.samples import import_meter, meter_row

pytestmark = pytest.mark.chaos
USERS = (("import", "one"), ("import", "two"), ("read", "a"), ("read", "b"), ("read", "c"))


def user(role: str, name: str, home: Path, *, span_s: float) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.chaos.store_users", role, name, str(home), str(span_s)]
    return subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("span_s", [4.0, pytest.param(60.0, marks=pytest.mark.full)])
def test_two_importers_and_three_readers_meet_no_error_and_lose_nothing(
    tmp_path: Path, span_s: float
):
    path = Settings(home=tmp_path).warehouse_path
    import_meter(path, meter_row(minute=0, power_kw=1.0, row=1))

    with ExitStack() as stack:
        processes = [
            stack.enter_context(user(role, name, tmp_path, span_s=span_s)) for role, name in USERS
        ]
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * len(USERS)
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.stdout.read().strip() for process in processes]

    assert [words for words in told if not words.isdigit()] == []
    done = [int(words) for words in told]
    assert min(done) > 0
    # One file was there before. Each brings one new interval, the first one two.
    assert import_history(path).height == 1 + done[0] + done[1]
    for name, files in zip(("one", "two"), done, strict=False):
        load = meter_load(path, name, start=START, end=START + timedelta(minutes=15 * (files + 1)))
        assert load["power_kw"].to_list() == [place + 0.5 for place in range(files + 1)]


def test_an_open_notebook_that_used_our_functions_never_blocks_an_import(tmp_path: Path):
    notebook = (
        "import sys\n"
        "from pathlib import Path\n"
        "from depotlib.store.sessions import sessions\n"
        "from depotlib.store.meter import meter_ids\n"
        f"path = Path({str(Settings(home=tmp_path).warehouse_path)!r})\n"
        "kept = sessions(path), meter_ids(path)\n"
        "print('shown', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(len(kept), flush=True)\n"
    )
    settings = Settings(home=tmp_path)
    import_meter(settings.warehouse_path, meter_row(minute=0, power_kw=1.0, row=1))

    with subprocess.Popen(
        [sys.executable, "-c", notebook],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as opened:  # fmt: skip
        assert opened.stdout.readline() == "shown\n"
        report = import_meter(
            settings.warehouse_path, meter_row(minute=1, power_kw=2.0, row=1), digest="while open"
        )
        still_open = opened.poll() is None
        opened.stdin.write("\n")
        opened.stdin.flush()

    assert still_open
    assert report.stored == 1

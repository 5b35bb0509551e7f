"""The warehouse is made again from the raw files: the same tables, row for row, decisions too."""

import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from depotlib.errors import RawFileError, StoreMissingError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalKind, Scalar
from depotlib.settings import Settings
from depotlib.store.catalogue import choose_depot, save_depot, save_tariff_record
from depotlib.store.connection import reading
from depotlib.store.imports import import_history
from depotlib.store.plans import save_plan
from depotlib.store.raw import raw_file
from depotlib.store.rebuild import TAKEN_OVER
from depotlib.store.sessions import sessions
from depotlib.workflows.collect_journal import collect_journal
from depotlib.workflows.import_files import GivenFile, ImportChoices, import_files
from depotlib.workflows.rebuild_store import rebuild_store
from tests.places import DATA, ROOT, TEST_DATA
from tests.unit.store.samples import a_depot, a_plan, everything

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
SAMPLES = TEST_DATA / "ingest"
TARIFF = DATA / "tariffs" / "pge_b19_secondary_2020.json"
MADE_BY_IMPORTS = {
    "ingest_file", "rejection", "session", "telematics", "meter", "trip", "duty", "vehicle",
    "assignment", "price",
}  # fmt: skip
LOCAL = b"interval_start,kw\n2026-06-01 00:00,1.5\n2026-06-01 00:15,2.5\n"
LONGER = LOCAL.replace(b"2.5", b"3.5") + b"2026-06-01 00:30,4.5\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with files that overlap, an archive, a zone that was said, and decisions."""
    settings = Settings(home=tmp_path_factory.mktemp("filled"))
    path = settings.warehouse_path
    files = [SAMPLES / "leeds_depot" / "log.csv", GivenFile("both.zip", archive()), TARIFF]
    import_files(files, settings=settings, now=NOW)
    save_depot(path, a_depot(), saved_at=NOW)
    choose_depot(path, "leeds")
    save_tariff_record(path, "by hand", tariff_id="5e17b27c5457a3556573e3af", saved_at=NOW)
    save_plan(path, a_plan())
    for day, data in enumerate((LOCAL, LONGER), 1):
        import_files(
            [GivenFile("meter.csv", data)],
            settings=settings,
            now=NOW + timedelta(days=day),
            choices=ImportChoices(time_zone="Asia/Seoul", meter_id="main"),
        )
    return settings.home


def archive() -> bytes:
    held = BytesIO()
    with ZipFile(held, "w") as both:
        both.write(SAMPLES / "geotab" / "charge_events.json", "a.json")
        both.write(SAMPLES / "samsara" / "stats_history.json", "b.json")
    return held.getvalue()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def full(filled: Path, settings: Settings) -> Settings:
    shutil.copytree(filled, settings.home)
    return settings


def test_every_table_is_either_made_by_imports_or_taken_over(full):
    with reading(full.warehouse_path) as connection:
        tables = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}

    assert tables == MADE_BY_IMPORTS | set(TAKEN_OVER) | {"schema_version"}


def test_the_rebuilt_tables_are_the_same_row_for_row(full):
    before = everything(full.warehouse_path)

    rebuilt = rebuild_store(full)

    assert everything(full.warehouse_path) == before
    assert (len(rebuilt.reports), rebuilt.changed, rebuilt.has_decisions) == (6, (), True)
    assert not list(full.home.glob("*.rebuilding*"))


def test_a_lost_warehouse_comes_back_without_what_people_decided(full):
    before = everything(full.warehouse_path)
    full.warehouse_path.unlink()

    rebuilt = rebuild_store(full)

    after = everything(full.warehouse_path)
    assert not rebuilt.has_decisions
    assert {table: after[table] for table in MADE_BY_IMPORTS} == {
        table: before[table] for table in MADE_BY_IMPORTS
    }
    # of the documents, the tariff that came as a file
    assert [row[:3] for row in after["document"]] == [("tariff", "5e17b27c5457a3556573e3af", 1)]


def test_a_damaged_warehouse_is_kept_aside(full):
    damaged = b"this is no database" * 1000
    full.warehouse_path.write_bytes(damaged)

    rebuild_store(full)

    aside = list(full.home.glob("warehouse.duckdb.damaged-*"))
    assert [one.read_bytes() for one in aside] == [damaged]
    assert len(import_history(full.warehouse_path)) == 6


def test_without_one_of_its_raw_files_nothing_is_rebuilt(full):
    before = everything(full.warehouse_path)
    digest = import_history(full.warehouse_path)["digest"][0]
    kept = raw_file(full.raw_path, digest)
    kept.unlink()

    with pytest.raises(RawFileError, match=r"1 raw files are missing: meter.csv"):
        rebuild_store(full)

    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(LONGER + b"\n")
    with pytest.raises(RawFileError, match="not what was imported"):
        rebuild_store(full)
    assert everything(full.warehouse_path) == before


def test_without_anything_there_is_an_empty_warehouse(settings):
    with pytest.raises(StoreMissingError):
        sessions(settings.warehouse_path)

    rebuilt = rebuild_store(settings)

    assert rebuilt.reports == ()
    assert sessions(settings.warehouse_path).is_empty()


@pytest.mark.parametrize("is_lost", [False, True])
def test_sessions_of_the_live_journal_come_back_too(settings, is_lost: bool):
    def entry(kind: JournalKind, *, minute: float, **facts: Scalar) -> JournalEntry:
        at = NOW + timedelta(minutes=minute)
        return JournalEntry(at, kind, "AC-01", "AC-01/1", {"session_id": "s", **facts})

    def collected(*entries: JournalEntry, minute: float) -> None:
        with open_mailbox(settings.mailbox_path) as mailbox:
            mailbox.append(entries)
        collect_journal(settings, now=NOW + timedelta(minutes=minute))

    collected(entry("session_started", minute=0, meter_start_kwh=100.0), minute=10)
    collected(entry("session_ended", minute=90, energy_kwh=7.3, reason="Local"), minute=100)
    before = everything(settings.warehouse_path)
    if is_lost:
        settings.warehouse_path.unlink()

    rebuild_store(settings)

    if is_lost:  # the mailbox still has the journal
        assert sessions(settings.warehouse_path).is_empty()
        collect_journal(settings, now=NOW + timedelta(days=30))
        assert sessions(settings.warehouse_path)["energy_wall_kwh"].to_list() == [7.3]
    else:
        assert everything(settings.warehouse_path) == before


KILLED = """
import os, signal, sys
from pathlib import Path
import depotlib.store.rebuild, depotlib.workflows.rebuild_store as workflow
from depotlib.settings import Settings

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

room, step = sys.argv[1].split(".")
setattr({"workflow": workflow, "store": depotlib.store.rebuild}[room], step, die)
workflow.rebuild_store(Settings(home=Path(sys.argv[2])))
"""


@pytest.mark.chaos
@pytest.mark.parametrize(
    "step", ["store._take_over", "workflow.write_import_again", "store._put_in_place"]
)
def test_a_rebuild_killed_at_a_step_leaves_the_old_one_and_can_be_repeated(settings, step: str):
    import_files([SAMPLES / "leeds_depot" / "log.csv"], settings=settings, now=NOW)
    before = everything(settings.warehouse_path)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(settings.home)],
        cwd=ROOT, check=False, capture_output=True, timeout=60,
    )  # fmt: skip

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert everything(settings.warehouse_path) == before
    rebuild_store(settings)
    assert everything(settings.warehouse_path) == before
    assert not list(settings.home.glob("*.rebuilding*"))

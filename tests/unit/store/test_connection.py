import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from depotlib.errors import StoreBusyError, StoreDamagedError, StoreError, StoreMissingError
from depotlib.store.connection import reading, writing
from depotlib.store.lock import reader_turn, writer_turn
from depotlib.store.setting import save_setting, setting
from tests.places import ROOT

HOLD = """
import sys
from pathlib import Path
import duckdb
from depotlib.store.connection import reading, writing
how, path = sys.argv[1], Path(sys.argv[2])
opened = {"reading": reading, "writing": writing, "foreign": duckdb.connect}[how](path)
with opened:
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "warehouse.duckdb"
    save_setting(path, "colour", value="red")
    return path


@contextmanager
def held_by_another_process(path: Path, how: str):
    """Hold the warehouse in a real second process until the block ends; yield its number."""
    command = [sys.executable, "-c", HOLD, how, str(path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate()


@pytest.mark.parametrize("how", ["writing", "foreign"])
def test_a_reader_is_told_who_writes(path: Path, how: str):
    with (
        held_by_another_process(path, how) as pid,
        pytest.raises(StoreBusyError) as caught,
        reading(path, wait_s=0.05),
    ):
        pass

    assert f"process {pid} (" in caught.value.what
    assert "python" in caught.value.what
    assert "try again" in caught.value.hint
    assert caught.value.where == str(path)


@pytest.mark.parametrize("how", ["writing", "reading", "foreign"])
def test_a_writer_is_told_who_holds_the_file(path: Path, how: str):
    with (
        held_by_another_process(path, how) as pid,
        pytest.raises(StoreBusyError) as caught,
        writing(path, wait_s=0.05),
    ):
        pass

    assert f"process {pid} (" in caught.value.what


def test_readers_of_two_processes_read_together(path: Path):
    with held_by_another_process(path, "reading"):
        found = setting(path, "colour")

    assert found == "red"


def test_whoever_dies_holds_nothing_any_more(path: Path):
    with held_by_another_process(path, "writing") as pid:
        os.kill(pid, 9)
        # The other end of the pipe tells that the process is gone.
        save_setting(path, "colour", value="blue")

    assert setting(path, "colour") == "blue"


@pytest.mark.parametrize("outer", [reading, writing])
def test_an_own_block_left_open_is_named_as_this_process(path: Path, outer):
    with outer(path), pytest.raises(StoreBusyError) as caught, writing(path, wait_s=0.0):
        pass

    assert f"process {os.getpid()} (" in caught.value.what


def test_a_connection_kept_open_past_us_in_this_process_is_named(path: Path):
    kept_open = duckdb.connect(path)

    with pytest.raises(StoreBusyError) as caught, reading(path, wait_s=0.0):
        pass

    assert f"process {os.getpid()} (" in caught.value.what
    kept_open.close()
    assert setting(path, "colour") == "red"


def test_a_waiting_writer_is_not_overtaken_by_new_readers(path: Path):
    now_s = time.monotonic()

    with (
        reader_turn(path, deadline_s=now_s),
        writer_turn(path, deadline_s=now_s) as readers_have_left,
        pytest.raises(StoreBusyError) as caught,
        reader_turn(path, deadline_s=now_s),
    ):
        pass

    assert not readers_have_left
    assert f"process {os.getpid()} (" in caught.value.what


def test_threads_read_and_write_side_by_side(path: Path):
    def write(number: int) -> None:
        save_setting(path, f"n{number}", value=str(number))

    def read(_: int) -> str | None:
        return setting(path, "colour")

    with ThreadPoolExecutor(8) as pool:
        reads = pool.map(read, range(24))
        writes = pool.map(write, range(12))

        assert set(reads) == {"red"}
        assert len(list(writes)) == 12
    assert [setting(path, f"n{number}") for number in range(12)] == [str(n) for n in range(12)]


def test_without_a_warehouse_reading_says_what_to_do(tmp_path: Path):
    with pytest.raises(StoreMissingError) as caught, reading(tmp_path / "none.duckdb"):
        pass

    assert "import a file" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database " * 1000])
def test_a_file_that_is_no_warehouse_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(content)

    for opening in (reading, writing):
        with pytest.raises(StoreDamagedError) as caught, opening(path):
            pass

    assert "depot rebuild" in caught.value.hint
    assert path.read_bytes() == content


def test_a_truncated_warehouse_is_refused(path: Path):
    path.write_bytes(path.read_bytes()[:9000])

    with pytest.raises(StoreDamagedError), reading(path):
        pass


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "warehouse.duckdb.gate").mkdir()

    for path in (tmp_path / "file" / "warehouse.duckdb", tmp_path / "warehouse.duckdb"):
        with pytest.raises(StoreDamagedError) as caught, writing(path):
            pass
        assert "DEPOT_HOME" in caught.value.hint


def test_an_error_within_the_block_writes_nothing(path: Path):
    def forget_all_and_fail() -> None:
        with writing(path) as connection:
            connection.execute("DELETE FROM setting")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        forget_all_and_fail()

    assert setting(path, "colour") == "red"


def test_instants_are_utc_on_connections_and_cursors(path: Path):
    with reading(path) as connection:
        zones = [
            one.execute("SELECT current_setting('TimeZone')").fetchall()
            for one in (connection, connection.cursor())
        ]

    assert zones == [[("UTC",)], [("UTC",)]]


def test_a_missing_extension_fails_without_a_download(path: Path):
    with reading(path) as connection:
        settings = connection.execute(
            "SELECT current_setting('autoinstall_known_extensions'), "
            "current_setting('autoload_known_extensions')"
        ).fetchall()

    assert settings == [(False, False)]


FILL = """
import resource, sys
from pathlib import Path
from depotlib.errors import StoreError
from depotlib.store.connection import writing
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))  # as if the disk were full
try:
    with writing(path) as connection:
        connection.execute("INSERT INTO setting SELECT range, uuid() FROM range(500000)")
except StoreError as error:
    print(type(error).__name__, error)
"""


def test_a_full_disk_ends_in_a_sentence_and_nothing_written(path: Path):
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.startswith(f"{StoreError.__name__} nothing was written"), done.stderr
    assert "make room" in done.stdout
    with reading(path) as connection:
        assert connection.sql("FROM setting").pl().rows() == [("colour", "red")]

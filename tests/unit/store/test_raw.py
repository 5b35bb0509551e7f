import hashlib
from pathlib import Path

import pytest

from depotlib.errors import RawFileError
from depotlib.store.raw import keep_raw, raw_file

CONTENT = b"a;b\n1;2\n" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("from_file", [True, False])
def test_a_raw_file_is_kept_under_its_digest_and_name(tmp_path: Path, from_file: bool):
    given = tmp_path / "given.csv"
    given.write_bytes(CONTENT)

    kept = keep_raw(
        tmp_path / "raw", given if from_file else CONTENT, digest=DIGEST, name="June/Log (1).csv"
    )

    assert kept == tmp_path / "raw" / DIGEST[:2] / DIGEST / "Log_1_.csv"
    assert kept.read_bytes() == CONTENT
    assert raw_file(tmp_path / "raw", DIGEST) == kept


def test_the_same_bytes_under_another_name_are_kept_once(tmp_path: Path):
    first = keep_raw(tmp_path, CONTENT, digest=DIGEST, name="a.csv")

    second = keep_raw(tmp_path, CONTENT, digest=DIGEST, name="b.csv")

    assert second == first
    assert files_in(tmp_path) == [first]


def test_a_file_that_changed_while_it_was_read_is_refused_and_leaves_nothing(tmp_path: Path):
    with pytest.raises(RawFileError, match="was announced as"):
        keep_raw(tmp_path, CONTENT + b"more", digest=DIGEST, name="a.csv")

    assert files_in(tmp_path) == []
    assert raw_file(tmp_path, DIGEST) is None


def test_what_a_killed_process_left_unfinished_does_not_count(tmp_path: Path):
    folder = tmp_path / DIGEST[:2] / DIGEST
    folder.mkdir(parents=True)
    (folder / ".tmp_half").write_bytes(CONTENT[:10])

    before = raw_file(tmp_path, DIGEST)
    kept = keep_raw(tmp_path, CONTENT, digest=DIGEST, name="a.csv")

    assert before is None
    assert kept.read_bytes() == CONTENT
    assert raw_file(tmp_path, DIGEST) == kept


@pytest.mark.parametrize("name", ["", "..", ".hidden", "/", "a" * 400 + ".csv"])
def test_an_odd_name_still_names_a_file_in_its_folder(tmp_path: Path, name: str):
    kept = keep_raw(tmp_path, CONTENT, digest=DIGEST, name=name)

    assert kept.parent == tmp_path / DIGEST[:2] / DIGEST
    assert raw_file(tmp_path, DIGEST) == kept


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path):
    (tmp_path / "raw").write_text("in the way")

    with pytest.raises(RawFileError, match="cannot be kept"):
        keep_raw(tmp_path / "raw", CONTENT, digest=DIGEST, name="a.csv")

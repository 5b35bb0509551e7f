import pytest

from depotlib.errors import (
    EmptyFileError,
    FileTooLargeError,
    MissingFileError,
    UnknownSourceError,
    UnreadableFileError,
)
from depotlib.ingest.content import SAMPLE_BYTES, content_of, decoded, read_content, sample_of
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.sources.leeds_depot import LeedsDepot
from tests.places import TEST_DATA

LOG = TEST_DATA / "ingest" / "leeds_depot" / "log.csv"


def test_a_missing_file_is_called_missing(tmp_path):
    with pytest.raises(MissingFileError, match="no such file") as refused:
        read_content(tmp_path / "nowhere.csv")

    assert refused.value.where.endswith("nowhere.csv")


def test_a_folder_is_called_a_folder(tmp_path):
    with pytest.raises(UnreadableFileError, match="folder"):
        read_content(tmp_path)


def test_what_the_system_refuses_is_called_unreadable(tmp_path):
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_content(tmp_path / ("x" * 5000))


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf\n"])
def test_a_file_of_nothing_is_called_empty(tmp_path, data: bytes):
    path = tmp_path / "empty.csv"
    path.write_bytes(data)

    with pytest.raises(EmptyFileError):
        read_content(path)
    with pytest.raises(EmptyFileError):
        content_of("empty.csv", data)


def test_a_file_above_the_limit_is_not_even_read():
    size = LOG.stat().st_size

    with pytest.raises(FileTooLargeError, match=f"{size:,} bytes"):
        read_content(LOG, max_bytes=size - 1)
    assert read_content(LOG, max_bytes=size).data == LOG.read_bytes()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bytes(range(256)) * 50, "it is not text"),
        (b'{"hello": "world"}', "JSON with the fields hello"),
        (b"[1, 2]", "JSON with the fields (none)"),
        (b"name,price\nx,1\n", "its first line is 'name,price'"),
        (b"Dear all,\nplease find attached\n", "its first line is 'Dear all,'"),
    ],
)
def test_a_file_that_nobody_knows_is_described(data: bytes, words: str):
    with pytest.raises(UnknownSourceError) as refused:
        recognise(content_of("mail", data), sources=SOURCES)

    assert words in refused.value.what
    assert refused.value.where == "mail"
    assert all(source.title in refused.value.hint for source in SOURCES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_with_a_mark_or_without_is_the_same_file(encoding: str):
    text = LOG.read_text().replace("Yard A", "Yärd Ä")

    rows = LeedsDepot().read(content_of("log", text.encode(encoding)), ReadOptions())

    assert rows.kept == 4
    assert rows.sessions["site"][0] == "Yärd Ä"
    assert "guessed_encoding" not in {finding.kind for finding in rows.findings}
    assert sample_of(text.encode(encoding)).header[0] == "TransactionID"


def test_a_spreadsheets_encoding_is_guessed_and_said():
    text = LOG.read_text().replace("Yard A", "Yärd Ä")

    rows = LeedsDepot().read(content_of("log", text.encode("cp1252")), ReadOptions())

    assert rows.sessions["site"][0] == "Yärd Ä"
    assert "guessed_encoding" in {finding.kind for finding in rows.findings}


def test_a_sample_cut_within_a_letter_is_still_utf8():
    data = ("a,b\n" + "x" * (SAMPLE_BYTES - 5) + "ä,1\n").encode()

    assert decoded(data[:SAMPLE_BYTES]).endswith("x")

"""A page is printed as PDF by the browser that is there; without one it is told what to install."""

from pathlib import Path

import pytest

from depotlib.errors import ProcessError
from depotlib.workflows.print_pdf import BEGINS, pdf_browser, pdf_of, write_pdf
from tests.app.browser import chromium

PAGE = "<!doctype html><html><head><title>Shift</title></head><body><p>van-1</p></body></html>"


def a_browser(folder: Path, script: str) -> None:
    program = folder / "chromium"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.mark.browser
@pytest.mark.skipif(chromium() is None, reason="no browser is installed")
def test_a_page_is_printed_by_the_browser_that_is_there(tmp_path):
    write_pdf(tmp_path / "papers" / "shift.pdf", PAGE)

    printed = (tmp_path / "papers" / "shift.pdf").read_bytes()
    # ISO 32000: a PDF begins with its version and ends with the end-of-file marker.
    assert printed.startswith(BEGINS)
    assert printed.rstrip().endswith(b"%%EOF")
    assert [path.name for path in (tmp_path / "papers").iterdir()] == ["shift.pdf"]


def test_without_a_browser_it_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert pdf_browser() is None
    with pytest.raises(ProcessError, match="no browser is installed") as caught:
        pdf_of(PAGE)
    assert "install Chromium" in caught.value.hint


def test_a_browser_that_prints_nothing_is_told_with_what_it_said(tmp_path, monkeypatch):
    a_browser(tmp_path, "echo first >&2; echo 'cannot open display' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ProcessError, match="printed no PDF: cannot open display"):
        write_pdf(tmp_path / "shift.pdf", PAGE)
    assert not (tmp_path / "shift.pdf").exists()


def test_the_printing_browser_is_given_the_page_as_a_file_and_no_address(tmp_path, monkeypatch):
    a_browser(tmp_path, f'for word in "$@"; do echo "$word" >> {tmp_path}/words; done')
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ProcessError):
        pdf_of(PAGE)

    words = (tmp_path / "words").read_text().splitlines()
    assert "--headless" in words
    assert words[-1].startswith("file:///")
    assert not [word for word in words if word.startswith("http")]

"""A page as PDF: printed by the browser that is installed, with no library of our own for it."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from depotlib.errors import ProcessError

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
"""All print headless by the same words; the first that is there does it."""
WORDS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
)
PATIENCE_S: Final = 120.0
"""A cold browser on a machine that runs a whole depot beside it."""
BEGINS: Final = b"%PDF-"
INSTALL: Final = (
    "install Chromium, Google Chrome or Microsoft Edge (Debian and Ubuntu: apt-get install "
    "chromium), or print the HTML page from any browser"
)


def pdf_browser() -> str | None:
    """Return the browser that prints, or None where none is installed."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def pdf_of(page: str) -> bytes:
    """Return a whole HTML document as PDF.

    Raises
    ------
    ProcessError
        If no browser is installed, or it does not print.
    """
    browser = pdf_browser()
    if browser is None:
        raise ProcessError(
            "no browser is installed that could print a PDF", where="pdf", hint=INSTALL
        )
    with TemporaryDirectory(prefix="depot-pdf-") as name:
        folder = Path(name)
        source, printed = folder / "page.html", folder / "page.pdf"
        source.write_text(page, encoding="utf-8")
        # As root, in a container, a browser has no sandbox to go into; the page is our own and
        # runs nothing.
        unboxed = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        own = (f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={printed}")
        told = _run([browser, *WORDS, *unboxed, *own, source.as_uri()])
        pdf = printed.read_bytes() if printed.exists() else b""
    if not pdf.startswith(BEGINS):
        raise ProcessError(
            f"{Path(browser).name} printed no PDF: {told}", where=browser, hint=INSTALL
        )
    return pdf


def write_pdf(path: Path, page: str) -> None:
    """Write a whole HTML document as PDF, whole or not at all.

    Raises
    ------
    ProcessError
        As `pdf_of`.
    """
    pdf = pdf_of(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(pdf)
    unfinished.replace(path)


def _run(command: list[str]) -> str:
    """Return the last line that a browser said."""
    try:
        ended = subprocess.run(  # noqa: S603 - a browser of the list above, and words of our own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    return next(reversed(ended.stderr.strip().splitlines()), f"it ended with {ended.returncode}")

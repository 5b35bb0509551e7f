"""A real browser: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.places import ROOT

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A page waits for its data on a machine that runs a whole depot and the other tests beside it.
PATIENCE_MS = 90_000
# An exception box that stood there for a moment only is found, too.
TELL_OF_BOXES: Final = """new MutationObserver(() => {
  for (const box of document.querySelectorAll('[data-testid=stException]:not([data-told])')) {
    box.dataset.told = 'yes';
    console.error(`an exception box: ${box.innerText}`);
  }
}).observe(document, {childList: true, subtree: true})"""


def chromium() -> str | None:
    """Return the browser's path, or None where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


def metric(page: Page, label: str) -> str:
    """Return the value that the first metric box of a label shows, once it is there."""
    box = page.get_by_test_id("stMetric").filter(
        has=page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
    )
    return box.first.get_by_test_id("stMetricValue").inner_text()


def shown_rows(page: Page, alt: str) -> list[dict[str, str]]:
    """Return the rows of a table that are in view, as its accessible form reads them out."""
    table = page.get_by_test_id("stDataFrame").filter(has=page.get_by_label(f"Search: {alt}"))
    table.locator("[role=gridcell]").first.wait_for(state="attached")
    heading, *rows = table.locator("[role=row]").all()
    names = heading.locator("[role=columnheader]").all_text_contents()
    return [
        dict(zip(names, row.locator("[role=gridcell]").all_text_contents(), strict=True))
        for row in rows
    ]


@contextmanager
def browser_page(address: str, *, profile: Path) -> Iterator[Page]:
    """Open a page in an empty profile; a console error or an exception box fails the test."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=chromium(),
            args=list(FLAGS),
            viewport={"width": 1400, "height": 1000},
            base_url=address,
        )
        errors = _watched(context, address)
        try:
            yield context.pages[0]
        finally:
            context.close()
        assert not errors, "console errors:\n" + "\n".join(errors)


@contextmanager
def launched() -> Iterator[Browser]:
    """Start a browser for the tests of a module, which open contexts of their own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        expect.set_options(timeout=PATIENCE_MS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def desk(
    browser: Browser,
    address: str,
    *,
    width_px: int = 1400,
    theme: Literal["light", "dark"] = "light",
) -> Iterator[BrowserContext]:
    """Open what a person who was never here has: a console error or an exception box fails."""
    context = browser.new_context(
        base_url=address,
        color_scheme=theme,
        viewport={"width": width_px, "height": 1000},
        accept_downloads=True,
    )
    errors = _watched(context, address)
    try:
        yield context
    finally:
        context.close()
    assert not errors, "console errors:\n" + "\n".join(errors)


def _watched(context: BrowserContext, address: str) -> list[str]:
    """Return the list that holds, from now on, what the pages of a context say went wrong.

    Those of another server are its own affair: the login provider's ask for a style sheet that is
    not to be had offline.
    """
    errors: list[str] = []
    context.on("console", lambda message: _note(message, address, errors=errors))
    context.on("weberror", lambda told: errors.append(f"{told.error} (nobody caught it)"))
    context.add_init_script(TELL_OF_BOXES)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return errors


def _note(message: ConsoleMessage, address: str, *, errors: list[str]) -> None:
    """Keep an error with the page it is of, and what said it there."""
    where = message.page.url if message.page is not None else "a closed page"
    is_elsewhere = where.startswith("http") and not where.startswith(address)
    if message.type == "error" and not is_elsewhere:
        errors.append(f"{message.text} (on {where}, said by {message.location['url']})")


def picture(page: Page, name: str) -> None:
    """Keep what a person would have seen, for whoever looks into a failure."""
    folder = ROOT / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)

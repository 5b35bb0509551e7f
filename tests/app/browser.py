"""A real browser: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

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
# The one outside host a page asks for is the icon font's: it fails harmlessly offline.
HARMLESS = ("fonts.gstatic.com", "ERR_", "Failed to load resource")


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
        errors: list[str] = []
        page = context.pages[0]
        page.on("console", lambda message: _note(message, errors=errors))
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            yield page
        finally:
            context.close()
        assert not errors, "console errors:\n" + "\n".join(errors)


def _note(message: ConsoleMessage, *, errors: list[str]) -> None:
    """Keep an error with the page it is of, and what said it there."""
    if message.type == "error" and not any(word in message.text for word in HARMLESS):
        where = message.page.url if message.page is not None else "a closed page"
        errors.append(f"{message.text} (on {where}, said by {message.location['url']})")

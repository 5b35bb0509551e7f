"""How often a person pressed something on their way to an answer."""

from typing import Final

from playwright.sync_api import BrowserContext, Page

# Real presses only, and over all addresses: a press on a label counts once, though the field that
# it names is told of it as well.
COUNT: Final = """addEventListener('pointerdown', press => {
  if (press.isTrusted)
    sessionStorage.setItem('presses', 1 + Number(sessionStorage.getItem('presses') ?? 0));
}, true)"""
PRESSES: Final = "Number(sessionStorage.getItem('presses') ?? 0)"


def counting(context: BrowserContext) -> Page:
    """Return a new page on which every press is counted."""
    context.add_init_script(COUNT)
    return context.new_page()


def presses(page: Page) -> int:
    """Return how often something was pressed on a page since it was opened."""
    return page.evaluate(PRESSES)

"""What a browser gets that opens a page by its own address: Streamlit's page, told where it is.

Streamlit's page looks for its server below the address first, so that it may live in any
folder of a host, and the browser's console takes the two answers that are not there for errors.
This server knows which part of the address is the page's: the last.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from depotlib.ui.entry import PAGES

STREAMLIT_PAGE: Final = Path(st.__file__).parent / "static" / "index.html"
# The browser cuts off the page's own name, so whatever a proxy or a mount has before it stays.
TELLS_WHERE: Final = (
    "<script>window.__streamlit = {BACKEND_BASE_URL:"
    ' location.origin + location.pathname.replace(/\\/[^/]*$/, "")}</script>'
)


def page_routes() -> Sequence[Route]:
    """Return a route for each page that has an address of its own.

    Returns
    -------
    sequence of Route
        The first page is not among them: its address is the server's.
    """
    return [Route(f"/{entry.address}", _opened) for entry in PAGES if entry.address]


def _opened(_request: Request) -> HTMLResponse:
    """Return Streamlit's page with where its server is."""
    page = STREAMLIT_PAGE.read_text(encoding="utf-8")
    told = page.replace("<head>", f"<head>{TELLS_WHERE}", 1)
    return HTMLResponse(told, headers={"Cache-Control": "no-cache"})

"""What a browser gets that opens a page by its own address: Streamlit's page, told where it is.

Streamlit's page looks for its server below the address first, so that it may live in any
folder of a host, and the browser's console takes the two answers that are not there for errors.
This server knows which part of the address is the page's, so it says it.
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


def page_routes() -> Sequence[Route]:
    """Return a route for each page that has an address of its own.

    Returns
    -------
    sequence of Route
        The first page is not among them: its address is the server's.
    """
    return [Route(f"/{entry.address}", _opened) for entry in PAGES if entry.address]


def _opened(request: Request) -> HTMLResponse:
    """Return Streamlit's page with the server's address in it.

    Only the length of the path goes into the page, so nothing a stranger writes does. Whatever
    a proxy has before the path stays, as the browser counts from its end.
    """
    beyond_server = len(request.scope["raw_path"])
    told = (
        "<head><script>window.__streamlit = {BACKEND_BASE_URL:"
        f" location.origin + location.pathname.slice(0, -{beyond_server})}}</script>"
    )
    page = STREAMLIT_PAGE.read_text(encoding="utf-8").replace("<head>", told, 1)
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

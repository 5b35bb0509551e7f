"""A page opened by its own address: Streamlit's own page, told where its server is."""

import re

from starlette.applications import Starlette
from starlette.testclient import TestClient

from depotlib.ui.addresses import STREAMLIT_PAGE, page_routes
from depotlib.ui.entry import PAGES

TOLD = re.compile(
    r"<script>window\.__streamlit = \{BACKEND_BASE_URL: "
    r"location\.origin \+ location\.pathname\.slice\(0, -(\d+)\)\}</script>"
)


def test_a_page_looks_for_its_server_where_its_own_address_begins():
    opened = TestClient(Starlette(routes=page_routes()))

    answers = {entry: opened.get(f"/{entry.address}?x=1").text for entry in PAGES[1:]}

    cut = {entry.address: int(TOLD.findall(text)[0]) for entry, text in answers.items()}
    assert cut == {entry.address: len(f"/{entry.address}") for entry in PAGES[1:]}


def test_everything_else_of_the_page_is_streamlits_own():
    opened = TestClient(Starlette(routes=page_routes()))

    answer = opened.get("/Live")

    assert TOLD.sub("", answer.text) == STREAMLIT_PAGE.read_text(encoding="utf-8")
    assert answer.headers["cache-control"] == "no-cache"


def test_nothing_a_stranger_writes_into_an_address_stands_in_the_page():
    opened = TestClient(Starlette(routes=page_routes()))

    answer = opened.get("/Live?</script><script>stranger()")

    assert "stranger" not in answer.text
    assert TOLD.findall(answer.text) == [str(len("/Live"))]


def test_the_first_page_is_left_to_streamlit():
    assert "/" not in {route.path for route in page_routes()}

"""A page opened by its own address: Streamlit's own page, told where its server is."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from depotlib.ui.addresses import STREAMLIT_PAGE, TELLS_WHERE, page_routes
from depotlib.ui.entry import PAGES

STREAMLITS_OWN = STREAMLIT_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", PAGES[1:], ids=lambda entry: entry.title)
def test_a_page_is_streamlits_own_and_told_first_of_all_where_its_server_is(entry):
    answer = TestClient(Starlette(routes=page_routes())).get(f"/{entry.address}?night=2")

    assert f"<head>{TELLS_WHERE}" in answer.text
    assert answer.text.replace(TELLS_WHERE, "") == STREAMLITS_OWN
    assert answer.headers["cache-control"] == "no-cache"


def test_nothing_of_an_address_stands_in_the_page_and_a_mounted_one_is_the_same():
    mounted = TestClient(Starlette(routes=[Mount("/bench", routes=page_routes())]))

    answer = mounted.get("/bench/Live?</script><script>stranger()")

    assert answer.text.replace(TELLS_WHERE, "") == STREAMLITS_OWN


def test_the_first_page_is_left_to_streamlit():
    assert "/" not in {route.path for route in page_routes()}

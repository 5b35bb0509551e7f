"""Login and logout in a real browser, against a provider that speaks OpenID Connect."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.browser import browser_page, chromium
from tests.app.pages.conftest import CLOCK
from tests.app.whole_night import free_port
from tests.app.workbench import listening, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "of this test alone, and long enough"
client_id = "depot"
client_secret = "depot"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""
PEOPLE = (
    {"sub": "vera", "name": "Vera", "email": "vera@example.com", "groups": ["guests"]},
    {"sub": "dana", "name": "Dana", "email": "dana@example.com", "groups": ["night"]},
)
ROLES = 'claim = "groups"\n[roles]\nnight = "operator"\n'


@contextmanager
def provider() -> Iterator[str]:
    """Serve a provider that knows two people, at an address, which is given."""
    port = free_port()
    known = [word for one in PEOPLE for word in ("--user-claims", json.dumps(one))]
    with listening(["oidc_provider_mock", "--port", str(port), *known], port=port) as address:
        yield address


def log_in(page: Page, who: str) -> None:
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=who, exact=True).first.click()


def test_a_stranger_is_refused_and_an_operator_let_in_until_they_log_out(demo, tmp_path: Path):
    (demo.home / "roles.toml").write_text(ROLES)

    with provider() as address:
        (demo.home / "secrets.toml").write_text(SECRETS.format(provider=address))
        with (
            served(demo.home, clock=CLOCK) as workbench,
            browser_page(workbench, profile=tmp_path / "profile") as page,
        ):
            page.goto("/Push")  # a cold deep link is guarded, too
            expect(page.get_by_text("Log in to see this depot.")).to_be_visible()
            expect(page.get_by_text("No plan has been chosen")).to_have_count(0)

            log_in(page, "vera")
            expect(page.get_by_text("nobody has given you a role")).to_be_visible()
            expect(page.get_by_text("vera@example.com")).to_be_visible()
            log_out(page)

            log_in(page, "dana")
            expect(page.get_by_text("Dana, operator")).to_be_visible()
            page.goto("/Push")
            expect(page.get_by_text("No plan has been chosen")).to_be_visible()
            log_out(page)


def log_out(page: Page) -> None:
    """Leave the workbench and the provider, which leads back to the workbench."""
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_text("Log in to see this depot.")).to_be_visible()
    expect(page.get_by_text("Connectors")).to_have_count(0)

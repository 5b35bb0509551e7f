"""A push by a person in a real browser, over real sockets: seen, confirmed, proven, taken back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import issue_token
from tests.app.browser import browser_page, chromium, metric, picture, shown_rows
from tests.app.small_depot import EVENING, NUMBERS, SmallDepot
from tests.app.tour import stand_still
from tests.app.whole_night import wait_for

CHANGES = "What the push would change on each connector"
PROGRESS = "Where each connector of the push stands"
CONNECTORS = {f"CP-{number}/1" for number in NUMBERS}
PROOFS = ("Accepted", "Read back", "Seen in the meter")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]


@pytest.fixture
def small_depot(tmp_path: Path) -> Iterator[SmallDepot]:
    depot = SmallDepot(tmp_path)
    try:
        depot.start()
        yield depot
    finally:
        depot.stop()


def see_what_would_change(page: Page, *, before: str) -> str:
    """Return the release that the preview shows, against what the stations hold."""
    night = {"at": EVENING.isoformat(), "limit": "", "nights": "22", "peak": "0"}
    page.goto(f"/Push?{urlencode({**night, 'occupancy': 'assigned'})}")
    page.get_by_role("button", name="Preview the push").click()
    expect(page.get_by_role("heading", name="3. Confirm")).to_be_visible()
    rows = shown_rows(page, CHANGES)
    picture(page, "push-1-preview")

    assert {row["Connector"] for row in rows} == CONNECTORS
    assert {(row["Change"], row["Holds now"], row["Station"]) for row in rows} == {
        ("changed", before, "connected")
    }
    assert all(row["From"] and row["Limit before (kW)"] != row["Limit then (kW)"] for row in rows)
    return metric(page, "Release")


def commit(page: Page, *, token: str, release_id: str) -> None:
    page.get_by_label("Type the last 4 characters", exact=False).fill(release_id[-4:])
    page.get_by_label("Your name").first.fill("Dana")
    page.locator("input[type=password]").first.fill(token)
    page.get_by_role("button", name="Push to 6 stations").click()


def see_three_proofs(page: Page, *, release_id: str) -> None:
    """Wait until every connector has each of the proofs, and read when."""
    expect(page.get_by_text(f"Push of {release_id}, asked by Dana", exact=False)).to_be_visible()
    expect(page.get_by_role("heading", name="3. Confirm")).to_have_count(0)
    for name in ("A: accepted", "B: read back", "M: seen in the meter"):
        box = page.get_by_test_id("stMetric").filter(has_text=name)
        expect(box.get_by_test_id("stMetricValue")).to_have_text("6 of 6")
    # The table is drawn a moment after the boxes above it.
    wait_for(lambda: is_proven(page), within_s=60, what="the instants of all proofs")
    picture(page, "push-2-proven")


def is_proven(page: Page) -> bool:
    """Return whether the table tells, for every connector, when each proof was there."""
    rows = shown_rows(page, PROGRESS)
    return {row["Connector"] for row in rows} == CONNECTORS and all(
        row[proof] for row in rows for proof in PROOFS
    )


def take_the_receipt(page: Page, *, folder: Path) -> dict[str, Any]:
    # It is written anew every few seconds: not in the same moment as the table above it.
    expect(page.get_by_text("The meters of 6 of 6 connectors", exact=False)).to_be_visible()
    stand_still(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Receipt (JSON)").click()
    download.value.save_as(folder / "receipt.json")
    return json.loads((folder / "receipt.json").read_text())


def go_back(page: Page, *, token: str, to: str) -> None:
    page.get_by_text("Go back to the push before").click()
    expect(page.get_by_text(f"Back to {to}")).to_be_visible()
    page.get_by_label("Your name").last.fill("Dana")
    page.locator("input[type=password]").last.fill(token)
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text(f"Rollback of {to}", exact=False)).to_be_visible()


def held(small_depot: SmallDepot) -> tuple[str, set[str]]:
    """Return the release in force, and those whose limits the stations have accepted."""
    with open_mailbox(small_depot.settings.mailbox_path, create=False) as mailbox:
        release = mailbox.current_release()
        assert release is not None
        leases = [one for one in mailbox.leases() if one.state == "accepted"]
    newest = {one.connector_id: one for one in sorted(leases, key=lambda one: one.seq)}
    return release.release_id, {one.release_id for one in newest.values()}


@pytest.mark.timeout(600)
def test_a_push_is_previewed_confirmed_proven_receipted_and_taken_back(
    small_depot: SmallDepot, tmp_path: Path
):
    settings, token = small_depot.settings, small_depot.token
    viewer = issue_token(settings.operator_token_path, "vera", role="viewer", now=EVENING)

    with browser_page(small_depot.address, profile=tmp_path / "profile") as page:
        page.goto("/", wait_until="commit")  # both wake up while the vans come home
        small_depot.bring_home()
        first = small_depot.push_first()
        second = see_what_would_change(page, before=first)
        commit(page, token=viewer, release_id=second)
        expect(page.get_by_text("'vera' is a viewer", exact=False)).to_be_visible()
        assert held(small_depot)[0] == first

        commit(page, token=token, release_id=second)
        see_three_proofs(page, release_id=second)
        assert held(small_depot) == (second, {second})
        receipt = take_the_receipt(page, folder=tmp_path)

        go_back(page, token=token, to=first)
        wait_for(lambda: held(small_depot) == (first, {first}), within_s=60, what="the way back")
        picture(page, "push-3-rolled-back")

    assert (receipt["asked_by"], receipt["token_of"], receipt["role"]) == (
        *("Dana", "operator", "operator"),
    )
    assert receipt["release_id"] == second
    assert {line["connector_id"] for line in receipt["lines"]} == CONNECTORS
    assert all(line["limits"] and line["latency_s"] >= 0 for line in receipt["lines"])
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        assert mailbox.verify_journal().ok
        asked = [one.entry for one in mailbox.journal(kinds=("push_started",))]
    assert [one.payload["release_id"] for one in asked] == [first, second, first]

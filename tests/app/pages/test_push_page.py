"""The Push page: a push needs the typed end of its release and a token."""

from dataclasses import replace

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token, issue_token
from depotlib.store.catalogue import load_depot, save_depot
from tests.app.pages.opened import numbers, opened, shown, sound, words


NIGHT = {
    "at": "2026-11-02T16:45:00-05:00",
    "limit": "",
    "nights": "22",
    "peak": "0",
    "occupancy": "assigned",
}
"""The address of the Plan page's answer (conftest's clock)."""


def test_push_without_a_plan_asks_for_one(demo):
    assert "No plan has been chosen" in words(opened("Push"))


@pytest.fixture
def previewed(demo):
    """Return the push page after the preview of the night that its address names."""
    app = opened("Push", NIGHT)
    app.button(key="preview_push").click().run()
    return sound(app)


@pytest.fixture
def token(demo):
    return ensure_operator_token(demo.operator_token_path)


def fill(app, *, ending: str, name: str = "Dana", token: str):
    app.text_input(key="typed_ending").set_value(ending)
    app.text_input(key="commit_name").set_value(name)
    app.text_input(key="commit_token").set_value(token)
    return app.button(key="commit_push").click().run()


def test_the_preview_tells_every_connector_and_puts_nothing_in_force(demo, previewed):
    told = numbers(previewed)

    # 48 connectors (data/reference_night/README.md); no station is connected here.
    assert told["Connectors that change"] == "48 of 48"
    assert told["Not connected"] == "48"
    assert len(shown(previewed, "Holds now")) == 48
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.current_release() is None
        assert mailbox.requests() == []


def test_a_wrong_ending_pushes_nothing(demo, previewed, token):
    fill(previewed, ending="0000", token=token)

    assert "That is not the end of the release" in words(sound(previewed))
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.requests() == []


def test_a_push_without_a_token_is_not_asked_for(demo, previewed):
    fill(previewed, ending=numbers(previewed)["Release"][-4:], token="")

    assert "operator token" in words(sound(previewed))
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.requests() == []


def test_who_may_only_plan_is_told_what_a_push_needs(demo, previewed):
    now = demo.depot_clock().now()
    lower = issue_token(demo.operator_token_path, "vera", role="planner", now=now)

    fill(previewed, ending=numbers(previewed)["Release"][-4:], token=lower)

    assert "'vera' is a planner: only the operator may do this" in words(sound(previewed))
    assert "use a token of the role operator" in words(previewed).lower()
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.requests() == []


def test_the_right_ending_asks_the_gateway_once_and_shows_the_receipt(demo, previewed, token):
    release_id = numbers(previewed)["Release"]

    fill(previewed, ending=release_id[-4:], token=token)

    with open_mailbox(demo.mailbox_path) as mailbox:
        (asked,) = mailbox.requests()
    assert (asked.request.release_id, asked.request.asked_by) == (release_id, "Dana")
    assert f"Receipt: {asked.request.request_id}" in words(sound(previewed))
    assert "waits for the gateway" in words(previewed)
    assert "No gateway gives a sign of life" in words(previewed)


def test_a_rollback_without_an_earlier_push_says_so(demo, previewed, token):
    fill(previewed, ending=numbers(previewed)["Release"][-4:], token=token)

    assert "no earlier push" in words(sound(previewed))
    assert "roll_back" not in [button.key for button in previewed.button]


def test_a_depot_without_live_profiles_gets_files_and_says_what_it_lacks(demo):
    depot = load_depot(demo.warehouse_path, "demo")
    deaf = replace(
        depot,
        stations=tuple(replace(one, takes_live_profiles=False) for one in depot.stations),
    )
    save_depot(demo.warehouse_path, deaf, saved_at=demo.depot_clock().now())
    app = opened("Push", NIGHT)

    app.button(key="preview_push").click().run()

    told = words(sound(app))
    assert "of 48 stations take no live profiles" in told
    assert "export its schedules for the system that controls them" in told
    assert "commit_push" not in [button.key for button in app.button]
    # Downloads are offered where nothing can be pushed.
    assert "Schedules as OCPP 1.6 requests (JSON)" in " ".join(
        one.proto.label for one in app.get("download_button")
    )

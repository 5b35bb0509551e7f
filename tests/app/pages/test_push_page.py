"""The Push page: a push needs the typed end of its release and a token."""

from dataclasses import replace

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token, issue_token
from depotlib.model.live import JournalEntry, RequestStatus
from depotlib.store.catalogue import load_depot, save_depot
from tests.app.pages.opened import numbers, opened, shown, sound, words
from tests.unit.exchange.samples import EVENING

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


def asked_for(settings) -> list[RequestStatus]:
    with open_mailbox(settings.mailbox_path) as mailbox:
        assert mailbox.current_release() is None
        return mailbox.requests()


def test_nothing_is_pushed_without_the_typed_end_a_token_and_the_operators_role(
    demo, previewed, token
):
    told = numbers(previewed)
    ending, now = told["Release"][-4:], demo.depot_clock().now()
    planner = issue_token(demo.operator_token_path, "vera", role="planner", now=now)

    # 48 connectors (data/reference_night/README.md); no station is connected here.
    assert (told["Connectors that change"], told["Not connected"]) == ("48 of 48", "48")
    assert len(shown(previewed, "Holds now")) == 48
    for typed, given, says in (
        ("0000", token, "That is not the end of the release"),
        (ending, "", "Give your name and the operator token"),
        (ending, "nobody's", "Only the operator may do this"),
        (ending, planner, "'vera' is a planner: only the operator may do this"),
    ):
        fill(previewed, ending=typed, token=given)
        assert says in words(sound(previewed))
        assert asked_for(demo) == []
    assert "use a token of the role operator" in words(previewed).lower()


def test_the_right_ending_asks_the_gateway_once_and_shows_the_receipt(demo, previewed, token):
    release_id = numbers(previewed)["Release"]

    fill(previewed, ending=release_id[-4:], token=token)

    (asked,) = asked_for(demo)
    assert (asked.request.release_id, asked.request.asked_by) == (release_id, "Dana")
    assert f"Receipt: {asked.request.request_id}" in words(sound(previewed))
    assert "waits for the gateway" in words(previewed)
    assert "No gateway gives a sign of life" in words(previewed)
    # Before there was another one there is nothing to go back to.
    assert "no earlier push" in words(previewed)
    assert "roll_back" not in [button.key for button in previewed.button]


def receipt_file(app) -> tuple[str, str]:
    """Return where the receipt's file and its button are."""
    (button,) = [one for one in app.get("download_button") if "Receipt" in one.proto.label]
    return button.proto.url, button.proto.id


def test_the_receipts_file_stays_where_it_is_until_more_has_become_of_the_push(
    demo, previewed, token
):
    fill(previewed, ending=numbers(previewed)["Release"][-4:], token=token)
    (asked,) = asked_for(demo)
    first = receipt_file(sound(previewed))
    assert first[0]

    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.append([JournalEntry(EVENING, "gateway_started")])  # what a receipt rests on moves
    assert receipt_file(sound(previewed.run())) == first

    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.set_request(asked.request.request_id, "refused", note="no", at=EVENING)
    later = receipt_file(sound(previewed.run()))
    assert later[0] != first[0]
    assert later[1] == first[1]  # the button is the same to whoever looks at it


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

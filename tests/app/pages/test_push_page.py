"""The Push page: a push needs the typed end of its release and a token."""

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.app.pages.opened import numbers, opened, sound, words

TOKEN = "secret"


def test_push_without_a_plan_asks_for_one(demo):
    assert "No plan has been chosen" in words(opened("Push"))


@pytest.fixture
def previewed(planned):
    """Return the push page after the preview."""
    query = {name: str(value) for name, value in planned.query_params.items()}
    app = opened("Push", query)
    app.button(key="preview_push").click().run()
    return sound(app)


def fill(app, *, ending: str, name: str = "Dana", token: str = TOKEN):
    app.text_input(key="typed_ending").set_value(ending)
    app.text_input(key="commit_name").set_value(name)
    app.text_input(key="commit_token").set_value(token)
    return app.button(key="commit_push").click().run()


def test_the_preview_tells_every_connector_and_puts_nothing_in_force(demo, previewed):
    shown = numbers(previewed)

    # 48 connectors (data/reference_night/README.md); no station is connected here.
    assert shown["Connectors that change"] == "48 of 48"
    assert shown["Not connected"] == "48"
    assert len(previewed.dataframe[0].value) == 48
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.current_release() is None
        assert mailbox.requests() == []


def test_a_wrong_ending_pushes_nothing(demo, previewed):
    fill(previewed, ending="0000")

    assert "That is not the end of the release" in words(sound(previewed))
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.requests() == []


def test_a_push_without_a_token_is_not_asked_for(demo, previewed):
    fill(previewed, ending=numbers(previewed)["Release"][-4:], token="")

    assert "operator token" in words(sound(previewed))
    with open_mailbox(demo.mailbox_path) as mailbox:
        assert mailbox.requests() == []


def test_the_right_ending_asks_the_gateway_once_and_shows_the_receipt(demo, previewed):
    release_id = numbers(previewed)["Release"]

    fill(previewed, ending=release_id[-4:])

    with open_mailbox(demo.mailbox_path) as mailbox:
        (asked,) = mailbox.requests()
    assert (asked.request.release_id, asked.request.asked_by) == (release_id, "Dana")
    assert f"Receipt: {asked.request.request_id}" in words(sound(previewed))
    assert "waits for the gateway" in words(previewed)


def test_a_rollback_without_an_earlier_push_says_so(demo, previewed):
    fill(previewed, ending=numbers(previewed)["Release"][-4:])

    previewed.text_input(key="rollback_name").set_value("Dana")
    previewed.text_input(key="rollback_token").set_value(TOKEN)
    previewed.button(key="roll_back").click().run()

    assert "no earlier push" in words(sound(previewed))

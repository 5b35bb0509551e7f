"""The Audit page: who did what, by whom and what it is about, and whether the chain is whole."""

import sqlite3
from datetime import timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.brief import NeedPolicy
from depotlib.model.live import JournalEntry
from depotlib.workflows.record_action import Deed, record_action, record_version
from depotlib.workflows.set_up_depot import save_need_policy
from tests.app.pages.opened import copied, numbers, opened, shown, sound, words


@pytest.fixture
def busy(demo):
    """Return the demo depot after a push, an action, a limit, a key and a saved fleet."""
    now = demo.depot_clock().now()
    at = now - timedelta(hours=2)
    push = {"release_id": "push-1", "asked_by": "Dana", "token_of": "operator", "role": "operator"}
    entries = [
        JournalEntry(now - timedelta(days=20), "push_started", payload=push | {"note": "push"}),
        JournalEntry(at, "push_started", payload=push | {"note": "push"}),
        JournalEntry(at, "meter", "AC-01", "AC-01/1", {"power_kw": 6.0}),
        JournalEntry(
            at, "operator_action", "AC-01", "AC-01/1",
            {"action": "hold", "state": "refused", "asked_by": "Vera", "by": "vera"},
        ),
        JournalEntry(at, "grid_limit", payload={"action": "given", "node_id": "site", "by": "dso"}),
        JournalEntry(
            at, "identity_resolved", "AC-01", "AC-01/1", {"identity_source": "tag", "by": "dispatch"}
        ),
        JournalEntry(
            at, "operator_action",
            payload={"what": "security key", "subject": "fleet", "asked_by": "root"},
        ),
    ]  # fmt: skip
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.append(entries)
    record_version(demo, "fleet", depot_id="demo", by="Dana", now=now)
    record_action(demo, Deed(what="imported", subject="=1+1.csv", by="Dana"), now=now)
    return demo


def test_who_did_what_is_told_filtered_and_proven(busy):
    app = opened("Audit")

    # Of the last seven days: a push, an action, a limit, a key, a fleet and an import. Not what a
    # meter or the machine said, nor the push of twenty days ago; the demo's site has its version.
    deeds = shown(app, "Token of")
    told = numbers(app)
    chained = deeds.dropna(subset=["No."])
    assert len(chained) == 6
    assert set(chained["Who"]) == {"Dana", "Vera", "dso", "root"}
    assert (told["People and programs"], told["Pushes begun"], told["Refused"]) == ("4", "1", "1")
    assert "The chain is whole: 9 records" in words(app)
    saved = deeds[deeds["What"] == "saved the fleet"]
    assert list(saved["Who"]) == ["Dana"]  # told once, not again as a version without a name

    sound(app.selectbox(key="who").select("Dana").run())
    assert set(shown(app, "Token of")["Topic"]) == {"Pushes", "Set-up"}
    sound(app.multiselect(key="topics").select("push").run())
    assert numbers(app)["Deeds"] == "1"
    assert list(shown(app, "Token of")["Token of"]) == ["operator"]
    assert "journal audit --days 7 --who Dana --topic push" in copied(app, "journal")[0]

    sound(app.selectbox(key="span").select("From the beginning").run())
    assert numbers(app)["Pushes begun"] == "2"
    assert "--days" not in copied(app, "journal")[0]


def test_a_changed_record_is_named(busy):
    with sqlite3.connect(busy.mailbox_path) as database:
        database.execute("UPDATE journal SET payload = '{}' WHERE seq = 4")

    app = opened("Audit")

    assert "The chain is broken at record 4" in words(app)
    assert "The 3 records before it hold" in words(app)


def test_an_empty_depot_says_that_nobody_did_anything(empty):
    app = opened("Audit")

    assert "Nobody has done anything here yet" in words(app)
    assert not empty.mailbox_path.exists()


def test_before_any_process_the_versions_of_the_set_up_stand_alone(demo):
    app = opened("Audit", {"span": "From the beginning"})

    edited = {"site", "fleet", "duties", "policy"}
    assert set(shown(app, "Token of")["What"]) == {f"saved the {one}" for one in edited}
    assert numbers(app)["Deeds"] == "4"


def test_a_version_that_is_saved_meanwhile_is_there_in_the_next_run(demo):
    app = opened("Audit", {"span": "From the beginning"})
    now = demo.depot_clock().now() + timedelta(minutes=1)
    save_need_policy(demo, NeedPolicy(learns=False), depot_id="demo", now=now)
    sound(app.run())

    # The demo's four, and this one, the newest.
    deeds = shown(app, "Token of")
    assert numbers(app)["Deeds"] == "5"
    assert list(deeds.loc[0, ["What", "Outcome"]]) == ["saved the policy", "version 2"]

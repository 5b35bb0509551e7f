"""`depot operate`, as a person at the terminal meets it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.settings import Settings
from tests.gateway_cases import T0, night, small_site
from tests.unit.exchange import samples

UNTIL = (T0 + timedelta(hours=1)).isoformat()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", "secret")
    monkeypatch.setenv("DEPOT_CLOCK", T0.isoformat())
    plug = replace(samples.connector_state("S0/1"), vehicle_id="van-0")
    with open_mailbox(Settings(home=tmp_path).mailbox_path) as mailbox:
        mailbox.publish_brief(small_site(), at=T0)
        mailbox.add_release(night({"S0/1": [5.0] * 8}))
        mailbox.set_current_release("r1", at=T0)
        mailbox.put_station_state(replace(samples.station_state("S0"), connectors=(plug,)))
    return tmp_path


def printed(capsys, *arguments: str) -> tuple[int, dict]:
    code = run_command(["operate", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_action_is_previewed_committed_by_its_digest_and_listed(home, capsys):
    asked = ("charge-now", "van-0", "--reason", "it leaves early", "--until", UNTIL)
    code, said = printed(capsys, *asked)
    preview = said["preview"]
    assert (code, preview["connector_id"], preview["until"]) == (0, "S0/1", UNTIL)
    assert preview["effect"]["peak_after_kw"] > preview["effect"]["peak_before_kw"] == 5.0

    code, committed = printed(capsys, *asked, "--commit", preview["digest"])
    _, listed = printed(capsys, "list")
    _, followed = printed(capsys, "list", "--follow", committed["order"])

    assert code == 0
    assert [one["order"]["kind"] for one in listed["open"]] == ["charge_now"]
    assert followed["order"]["state"] == "queued"
    assert "secret" not in json.dumps([listed, followed])


def test_an_errand_is_previewed_and_committed_with_what_it_needs_to_be_said(home, capsys):
    asked = (
        "errand", "S0/1", "--ask", "send_tokens", "--fact", "list_version=3", "--fact", "tokens=A,B",
        "--fact", "is_whole=true", "--reason", "a new driver", "--until", UNTIL,
    )  # fmt: skip
    _, said = printed(capsys, *asked)
    _, committed = printed(capsys, *asked, "--commit", said["preview"]["digest"])
    _, followed = printed(capsys, "list", "--follow", committed["order"])

    order = followed["order"]["order"]
    assert (order["kind"], order["errand"]) == ("errand", "send_tokens")
    assert order["facts"] == {"list_version": 3, "tokens": "A,B", "is_whole": True}


def test_another_fact_is_another_errand_and_needs_another_preview(home, capsys):
    asked = ("errand", "S0", "--ask", "tell", "--reason", "why", "--until", UNTIL, "--fact")
    _, said = printed(capsys, *asked, "message=Heartbeat")

    digest = said["preview"]["digest"]
    code, refused = printed(capsys, *asked, "message=MeterValues", "--commit", digest)

    assert (code, "digest" in refused["error"]["what"]) == (2, True)


def test_another_digest_is_refused_and_nothing_is_asked(home, capsys):
    code, said = printed(
        capsys, "hold", "S0", "--reason", "why", "--until", UNTIL, "--commit", "no"
    )
    _, listed = printed(capsys, "list")

    assert (code, "--until" in said["error"]["hint"], listed["open"]) == (2, True, [])


def test_what_cannot_be_made_up_falls_short(home, capsys):
    begin, end = T0 + timedelta(minutes=15), T0 + timedelta(hours=3)
    code, said = printed(
        capsys, "out-of-service", "S0", "--reason", "the cable is cut",
        "--from", begin.isoformat(), "--until", end.isoformat(),
    )  # fmt: skip

    # 5 kW for the 105 minutes that the plan goes on
    assert (code, said["preview"]["effect"]["unmet_kwh"]) == (3, pytest.approx(8.75))


@pytest.mark.parametrize(
    "arguments",
    [
        ("hold", "S9", "--reason", "why"),
        ("hold", "S0"),
        ("hold", "S0", "--reason", "why", "--until", "tomorrow"),
        ("hold", "S0", "--reason", "why", "--until", "2026-11-21T00:00:00"),
        ("hold", "S0", "--reason", "why", "--minutes", "5000"),
        ("end", "order-1", "--reason", "why"),
        ("errand", "S0", "--reason", "why", "--ask", "tell", "--fact", "message"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(home, capsys, arguments):
    code, said = printed(capsys, *arguments)

    assert (code, bool(said["error"]["hint"])) == (2, True)

"""`depot limits`, as a person at the terminal meets it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from tests.gateway_cases import T0, small_site

SINCE = (T0 - timedelta(minutes=1)).isoformat()
UNTIL = (T0 + timedelta(hours=2)).isoformat()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", "secret")
    monkeypatch.setenv("DEPOT_CLOCK", T0.isoformat())
    with open_mailbox(Settings(home=tmp_path).mailbox_path) as mailbox:
        mailbox.publish_brief(small_site(), at=T0)
    return tmp_path


def printed(capsys: pytest.CaptureFixture, *arguments: str) -> tuple[int, dict]:
    code = run_command(["limits", *arguments, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out or said.err)


def test_a_limit_is_given_listed_and_withdrawn(home: Path, capsys: pytest.CaptureFixture):
    code, said = printed(
        capsys,
        *("--share", "0.6", "--from", SINCE, "--until", UNTIL),
        *("--source", "utility", "--reference", "DSO-7"),
    )
    limit = said["given"]["limit"]
    _, listed = printed(capsys)
    _, gone = printed(capsys, "--withdraw", limit["limit_id"])

    # 60 % of a service of 40 kW.
    assert (code, limit["limit_kw"], limit["source"]) == (0, 24.0, "utility")
    assert limit["given_by"].startswith("operator")
    assert [(one["limit"]["limit_id"], one["state"]) for one in listed["limits"]] == [
        (limit["limit_id"], "in_force")
    ]
    assert gone["withdrawn"]["state"] == "withdrawn"
    assert "secret" not in json.dumps([said, listed, gone])


def test_a_group_is_limited_to_its_joint_minimum(home: Path, capsys: pytest.CaptureFixture):
    code, said = printed(
        capsys,
        *("--joint-minimum", "--node", "charging", "--source", "enwg_14a"),
        *("--from", SINCE, "--until", UNTIL),
    )

    chargers = [station.max_kw for station in small_site().depot.stations]
    # 4.2 + 2 x 0.75 x 4.2 for three charge points of more than 4.2 kW.
    assert (code, [kw > 4.2 for kw in chargers]) == (0, [True, True, True])
    assert said["given"]["limit"]["limit_kw"] == pytest.approx(10.5)
    assert said["given"]["guaranteed_kw"] == pytest.approx(10.5)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kw", "20", "--joint-minimum", "--until", UNTIL),
        ("--kw", "20"),  # no end
        ("--kw", "20", "--until", "tomorrow"),
        ("--kw", "20", "--share", "0.5", "--until", UNTIL),
        ("--kw", "20", "--until", UNTIL, "--node", "attic"),
        ("--withdraw", "none"),
        ("--compliance", "none"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_limited(
    home: Path, capsys: pytest.CaptureFixture, arguments: tuple[str, ...]
):
    code, said = printed(capsys, *arguments)

    assert code == 2
    assert said["error"]["what"]
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        assert mailbox.grid_limits.all() == ()


def test_only_an_operators_token_limits_the_site(
    home: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("DEPOT_OPERATOR_TOKEN")

    code, _ = printed(capsys, "--kw", "20", "--until", UNTIL)

    assert code == 2
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        assert mailbox.grid_limits.all() == ()


def test_nothing_is_limited_before_a_site_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", "secret")
    with open_mailbox(Settings(home=tmp_path).mailbox_path):
        pass

    code, said = printed(capsys, "--kw", "20", "--until", (T0 + timedelta(days=9000)).isoformat())

    assert code == 2
    assert "published" in said["error"]["what"]


def test_a_record_says_each_minutes_margin_and_falls_short_where_one_was_above(
    home: Path, capsys: pytest.CaptureFixture
):
    _, said = printed(capsys, "--kw", "20", "--until", UNTIL)
    name = said["given"]["limit"]["limit_id"]
    code_before, _ = printed(capsys, "--compliance", name)
    facts = {"limit_id": name, "node_id": "site", "limit_kw": 20.0, "watched_s": 60.0}
    with open_mailbox(Settings(home=home).mailbox_path) as mailbox:
        for number, mean_kw in enumerate((19.0, 20.5)):
            start = T0 + number * timedelta(minutes=1)
            mean = {"mean_kw": mean_kw, "most_kw": mean_kw, "measured_by": "site_meter"}
            payload = {**facts, **mean, "start": start.isoformat()}
            mailbox.append([JournalEntry(start, "grid_limit_minute", payload=payload)])

    code, record = printed(capsys, "--compliance", name)

    assert (code_before, code) == (0, 3)
    assert [one["margin_kw"] for one in record["minutes"]] == [1.0, -0.5]
    assert (record["kept_share"], record["least_margin_kw"]) == (0.5, -0.5)

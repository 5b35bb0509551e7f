"""The commands that work on a depot's own store and mailbox: one JSON object each, exit codes."""

import json
import os
import subprocess
import sys

import pytest

from depotlib.cli.main import COMMANDS, run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token, is_from_operator, issue_token
from depotlib.settings import Settings
from depotlib.virtual.script import night_from_toml
from tests.places import DATA, ROOT
from tests.unit.conftest import AFTERNOON
from tests.unit.exchange.samples import brief, entry, release, request, station_state

LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a runner of commands on a depot, with the reference night's own clock."""

    def runner(settings: Settings, *arguments: str, token: str = ""):
        monkeypatch.setenv("DEPOT_HOME", str(settings.home))
        monkeypatch.setenv("DEPOT_CLOCK", AFTERNOON.isoformat())
        monkeypatch.setenv("DEPOT_OPERATOR_TOKEN", token)
        code = run_command(list(arguments))
        captured = capsys.readouterr()
        return code, json.loads(captured.out), captured.err

    return runner


@pytest.fixture
def nothing(tmp_path):
    return Settings(home=tmp_path / "nothing")


def planned(run, demo) -> str:
    """Return the id of tonight's plan, made by the command."""
    code, printed, _ = run(demo, "night")
    assert code == 0
    plan_id: str = printed["plan"]["plan_id"]
    return plan_id


def test_demo_loads_the_depot_for_an_evening_and_says_what_came_in(run, nothing):
    code, printed, _ = run(nothing, "demo", "--night", "2026-11-09")

    assert (code, printed["depot_id"], printed["night"]) == (0, "demo", "2026-11-09")
    # rows of data/demo: 60 van-nights by each vendor's export, and the tariff
    stored = {
        file["file"].rpartition("/")[2]: file["report"]["stored"] for file in printed["files"]
    }
    assert stored["pge_b19_secondary_2020.json"] == 1
    assert all(count > 0 for count in stored.values())


def test_a_night_is_tried_beside_itself(run, demo, tmp_path):
    arguments = ("try", "--site-limit", "150", "--departs", "van-17=+60", "--ignore-occupancy")

    code, printed, _ = run(demo, *arguments)

    # 150 kW for the 14.5 h of the night are 2,175 of the 2,580 kWh that are asked for.
    assert code == 3
    assert printed["before"]["ready"] == 60
    assert printed["tried"]["peak_kw"] <= 150 + 1e-6
    assert printed["ready_change"] == printed["tried"]["ready"] - 60
    assert printed["unmet_change_kwh"] >= 2580 - 2175
    assert printed["audit"]["passed"] is True


def test_a_departure_that_says_no_minutes_is_refused(run, demo):
    code, printed, _ = run(demo, "try", "--departs", "van-17")

    assert (code, printed["error"]["where"]) == (2, "--departs")


def test_night_plans_and_keeps_the_plan_beside_its_baselines(run, demo, tmp_path):
    sheet = tmp_path / "sheet.toml"

    code, printed, _ = run(
        demo,
        "night",
        "--sheet",
        str(sheet),
        "--running-peak",
        "10",
        "--moves",
        str(tmp_path / "moves.html"),
    )

    assert code == 0
    assert (printed["depot"], printed["evening"]) == ("Demo depot", "2026-11-02")
    assert printed["plan"]["ready"] == printed["plan"]["vehicles"] == 60
    assert "Yard sheet" in (tmp_path / "moves.html").read_text()
    assert printed["audit"] == {"passed": True, "violations": []}
    assert printed["baselines"][0]["policy"] == "uncontrolled"
    assert len(printed["needs"]) == 60
    assert len(night_from_toml(sheet.read_text(), where="sheet").stay) >= 60


def test_night_with_relaxed_occupancy_is_shown_and_not_pushable(run, demo):
    _, printed, _ = run(demo, "night", "--ignore-occupancy")

    assert printed["plan"]["pushable"] is False
    code, preview, _ = run(demo, "push", printed["plan"]["plan_id"])
    assert code == 3
    assert preview["preview"]["refusals"] == [printed["plan"]["pushable_reason"]]
    code, refused, _ = run(demo, "push", printed["plan"]["plan_id"], "--commit", "")
    assert code == 2
    assert "cannot be pushed" in refused["error"]["what"]


def test_a_night_that_falls_short_has_its_own_exit_code(run, demo):
    code, printed, _ = run(demo, "night", "--site-limit", "60")

    # 60 vans want 2,580 kWh in about 13 h: 198 kW on the mean, more than 60.
    assert code == 3
    assert printed["shortfalls"]
    assert printed["plan"]["status"] == "shortfall"


def test_publish_says_under_which_version(run, demo):
    first, second = run(demo, "publish"), run(demo, "publish")

    assert (first[0], first[1]) == (0, {"brief_version": 1})
    assert second[1] == {"brief_version": 1}


def test_a_push_is_previewed_committed_by_its_digest_and_followed(run, demo):
    token = ensure_operator_token(demo.operator_token_path)
    plan_id = planned(run, demo)

    _, shown, _ = run(demo, "push", plan_id, "--preview")
    digest = shown["preview"]["digest"]
    code, asked, _ = run(demo, "push", plan_id, "--commit", digest, token=token)

    assert (code, asked["release"]) == (0, shown["preview"]["release_id"])
    _, newest, _ = run(demo, "push")
    _, followed, _ = run(demo, "push", "--follow", asked["request"])
    _, unknown, _ = run(demo, "push", "--follow", "push-nowhere")
    _, receipt, _ = run(demo, "push", "--receipt", asked["request"])
    assert newest == followed
    assert (newest["request"], newest["state"], newest["results"]) == (
        asked["request"],
        "queued",
        [],
    )
    assert unknown["request"] is None
    assert receipt["receipt"]["plan_id"] == plan_id
    assert receipt["receipt"]["preview_digest"] == digest
    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        status = mailbox.request(asked["request"])
    assert status is not None
    assert is_from_operator(status.request, token)


def test_the_schedules_of_a_plan_are_written_for_a_system_that_takes_files(run, demo, tmp_path):
    plan_id, out = planned(run, demo), tmp_path / "schedules"

    code, table, _ = run(demo, "export-schedules", plan_id, "--format", "csv", "--out", str(out))
    _, requests, _ = run(
        demo, "export-schedules", plan_id, "--format", "ocpp201", "--out", str(out)
    )

    assert (code, table["files"], table["lost_kwh"]) == (0, [str(out / "schedules.csv")], 0.0)
    # 48 stations (data/reference_night/README.md), one file each beside the table.
    assert len(requests["files"]) == 48
    assert len(list(out.iterdir())) == 49


def test_a_commit_with_another_digest_asks_for_nothing(run, demo):
    plan_id = planned(run, demo)

    code, printed, said = run(demo, "push", plan_id, "--commit", "0" * 64)

    assert code == 2
    assert printed["error"]["where"] == f"plan {plan_id}"
    assert "preview again" in said
    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        assert mailbox.requests() == []


def test_a_commit_and_a_rollback_say_at_once_which_role_they_need(run, demo):
    ensure_operator_token(demo.operator_token_path)
    viewer, planner = (
        issue_token(demo.operator_token_path, name, role=role, now=AFTERNOON)
        for name, role in [("vera", "viewer"), ("paul", "planner")]
    )
    plan_id = planned(run, demo)
    _, shown, _ = run(demo, "push", plan_id, "--preview")
    digest = shown["preview"]["digest"]

    refused = [
        run(demo, "push", plan_id, "--commit", digest, token=planner),
        run(demo, "push", plan_id, "--commit", digest),
        run(demo, "rollback", token=viewer),
    ]

    assert [code for code, _, _ in refused] == [2, 2, 2]
    assert [printed["error"]["what"] for _, printed, _ in refused] == [
        "'paul' is a planner: only the operator may do this",
        "this needs the operator's token",
        "'vera' is a viewer: only the operator may do this",
    ]
    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        assert mailbox.requests() == []


def test_a_rollback_without_an_earlier_push_is_refused(run, demo):
    run(demo, "publish")
    token = ensure_operator_token(demo.operator_token_path)

    code, printed, _ = run(demo, "rollback", token=token)

    assert (code, printed["error"]["what"]) == (2, "there is no earlier push to go back to")


def test_a_rollback_asks_for_the_push_before(run, demo):
    with open_mailbox(demo.mailbox_path) as mailbox:
        for name in ("r1", "r2"):
            mailbox.add_release(release(name))
            mailbox.set_current_release(name, at=AFTERNOON)
    for name in ("r1", "r2"):
        finish_a_push_of(demo, name)
    token = ensure_operator_token(demo.operator_token_path)

    code, printed, _ = run(demo, "rollback", token=token)

    assert code == 0
    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        status = mailbox.request(printed["request"])
    assert status is not None
    assert (status.request.kind, status.request.release_id) == ("rollback", "r1")


def finish_a_push_of(settings: Settings, release_id: str) -> None:
    """Do what an operator and the gateway do with a push that went well."""
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.ask(request(f"push-{release_id}", release_id=release_id))
        mailbox.set_request(f"push-{release_id}", "finished", note="", at=AFTERNOON)


def test_live_prints_the_night_as_it_is(run, nothing):
    with open_mailbox(nothing.mailbox_path) as mailbox:
        mailbox.publish_brief(brief(), at=AFTERNOON)
        mailbox.put_station_state(station_state())
        mailbox.beat("gateway", AFTERNOON)

    code, printed, _ = run(nothing, "live")

    assert (code, printed["release"], printed["site_kw"]) == (0, None, 7.2)
    assert [one["vehicle_id"] for one in printed["vehicles"]] == ["van-1", "van-2"]
    assert [one["process"] for one in printed["processes"]] == ["gateway"]


def test_the_journal_is_verified_shown_and_collected(run, nothing):
    with open_mailbox(nothing.mailbox_path) as mailbox:
        mailbox.append([entry(number) for number in range(5)])

    verified, tail = (
        run(nothing, "journal", "verify"),
        run(nothing, "journal", "tail", "--count", "2"),
    )
    collected = run(nothing, "journal", "collect")

    assert (verified[0], verified[1]["journal"]["ok"], verified[1]["journal"]["count"]) == (
        0,
        True,
        5,
    )
    assert [record["seq"] for record in tail[1]["records"]] == [4, 5]
    assert collected[1] == {"collected": {"records": 5, "sessions": 0}}


def test_a_journal_that_was_tampered_with_is_bad_input(run, nothing):
    with open_mailbox(nothing.mailbox_path) as mailbox:
        mailbox.append([entry(1)])
    head = nothing.mailbox_path.with_name(f"{nothing.mailbox_path.name}.head")
    head.write_text(head.read_text().replace("1", "2", 1))

    code, printed, _ = run(nothing, "journal", "verify")

    assert (code, printed["journal"]["ok"]) == (2, False)


def test_doctor_says_what_is_well_and_what_is_not(run, demo, nothing):
    code, printed, _ = run(demo, "doctor")
    assert code == 0
    assert {check["name"] for check in printed["checks"]} >= {"python", "store", "mailbox"}

    nothing.home.mkdir()
    nothing.warehouse_path.write_bytes(b"damaged" * 999)
    code, printed, _ = run(nothing, "doctor")
    assert code == 2
    assert [one["name"] for one in printed["checks"] if not one["is_well"]] == ["store"]


def test_sessions_are_listed_with_their_totals(run, demo):
    code, printed, _ = run(demo, "sessions")
    # 17:00 on the day after, at the depot and in UTC
    _, later, _ = run(demo, "sessions", "--start", "2026-11-03T17:00-05:00")
    _, earlier, _ = run(demo, "sessions", "--end", "2026-11-03T22:00:00Z")

    assert (code, printed["count"]) == (0, 30)  # data/demo/geotab_charge_events.json
    assert printed["energy_kwh"] == pytest.approx(
        sum(one["energy_wall_kwh"] or 0.0 for one in printed["sessions"])
    )
    assert (later["count"], earlier["count"]) == (0, 30)


def test_demand_bills_a_sites_sessions(run, demo):
    imported, _, _ = run(demo, "import", str(LEEDS))
    _, listed, _ = run(demo, "sessions")
    site = listed["sites"][0]

    code, printed, _ = run(demo, "demand", "--site", site, "--time-zone", "Europe/London")
    refused, unknown, _ = run(demo, "demand", "--site", "nowhere")

    assert (imported, code) == (0, 0)
    assert printed["total"] == pytest.approx(sum(bill["total"] for bill in printed["bills"]))
    assert printed["peak_kw"] > 0
    assert printed["tariff"] in printed["tariffs"].values()
    assert (refused, unknown["error"]["where"]) == (2, "sessions")


@pytest.mark.parametrize(
    "arguments",
    [
        ["night"],
        ["publish"],
        ["sessions"],
        ["demand", "--site", "x"],
        ["push", "some-plan"],
        ["push", "some-plan", "--preview", "--commit", "0"],
        ["push", "--preview"],
        ["push"],
        ["export-schedules", "some-plan", "--format", "csv", "--out", "."],
        ["export-schedules", "some-plan", "--format", "telepathy", "--out", "."],
        ["rollback"],
        ["live"],
        ["journal", "verify"],
        ["journal", "tail"],
    ],
    ids=" ".join,
)
def test_before_anything_is_there_each_command_says_what_to_do(run, nothing, arguments):
    code, printed, said = run(nothing, *arguments)

    assert code == 2
    assert printed["error"]["hint"]
    assert said.startswith("depot: ")
    assert not nothing.home.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["journal"],
        ["journal", "burn"],
        ["night", "--evening", "tomorrow"],
        ["sessions", "--start", "2026-11-02T17:00:00"],
        ["night", "--site-limit", "much"],
        ["demand"],
        ["gateway", "--listen", "nonsense"],
        ["api", "--listen", "nonsense"],
        ["virtual", "--url", "ws://127.0.0.1:1/ocpp"],
        ["fly"],
    ],
    ids=" ".join,
)
def test_a_call_that_makes_no_sense_is_refused_as_json(run, nothing, arguments):
    code, printed, _ = run(nothing, *arguments)

    assert code == 2
    assert set(printed["error"]) == {"what", "where", "hint"}
    assert printed["error"]["hint"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_explains_itself(capsys, name):
    code = run_command([name, "--help"])

    assert code == 0
    assert f"depot {name}" in capsys.readouterr().out


def test_a_command_answers_in_a_process_of_its_own(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "depotlib", "live"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "DEPOT_HOME": str(tmp_path / "nothing")},
    )  # fmt: skip

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["hint"] == "start it with depot up"

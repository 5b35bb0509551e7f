"""Which processes a depot consists of, and with which words each is started."""

import stat

import pytest

from depotlib.clock import parse_clock
from depotlib.settings import Settings
from depotlib.workflows.depot_processes import depot_processes, prepare_home
from depotlib.workflows.load_demo import meters_path

CLOCK = parse_clock("2026-11-02T21:45:00+00:00,30,2026-11-02T08:00:00+00:00")


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path, gateway_port=1220, api_port=1221, workbench_port=1501)


def plans_of(settings, *, night_sheet=None):
    plans = depot_processes(settings, clock=CLOCK, night_sheet=night_sheet)
    return {plan.name: plan for plan in plans}


def test_a_depot_of_its_own_has_no_virtual_stations(settings):
    assert list(plans_of(settings)) == [
        "workbench",
        "gateway",
        "api",
        "dispatch",
        "alerts",
        "webhooks",
    ]


def test_the_morning_report_is_written_where_its_hour_is_set(settings):
    plan = plans_of(settings.model_copy(update={"morning_report_at": "07:30"}))["reconcile"]

    assert plan.arguments[3:6] == ("--watch", "--at", "07:30")


def test_a_demo_plays_its_sheet_on_virtual_stations_of_this_gateway(settings, tmp_path):
    words = plans_of(settings, night_sheet=tmp_path / "night.toml")["virtual"].arguments

    assert words[words.index("--script") + 1] == str(tmp_path / "night.toml")
    assert words[words.index("--url") + 1] == "ws://127.0.0.1:1220/ocpp"
    assert words[words.index("--meters") + 1] == str(meters_path(settings))


def test_every_process_ends_with_its_supervisor_and_shares_home_ports_and_clock(settings, tmp_path):
    for plan in plans_of(settings, night_sheet=tmp_path / "night.toml").values():
        assert plan.arguments[:3] == ("-m", "depotlib", plan.name)
        assert plan.arguments[-1] == "--watch-stdin"
        assert plan.environment["DEPOT_HOME"] == str(tmp_path)
        assert parse_clock(plan.environment["DEPOT_CLOCK"]) == CLOCK
        ports = [plan.environment[f"DEPOT_{name}_PORT"] for name in ("GATEWAY", "API", "WORKBENCH")]
        assert ports == ["1220", "1221", "1501"]


def test_who_serves_is_well_when_its_port_answers(settings):
    ready_at = {
        name: (plan.health_port, plan.health_path) for name, plan in plans_of(settings).items()
    }

    assert ready_at == {
        "workbench": (1501, "/_stcore/health"),
        "gateway": (1220, ""),
        "api": (1221, "/v1/health"),
        "dispatch": (0, ""),
        "alerts": (0, ""),
        "webhooks": (0, ""),
    }


def test_the_operators_token_is_made_once_and_for_its_owner_only(tmp_path):
    settings = Settings(home=tmp_path / "new")

    prepare_home(settings)
    token = settings.operator_token_path.read_text()
    prepare_home(settings)

    assert len(token.strip()) >= 32
    assert settings.operator_token_path.read_text() == token
    assert stat.S_IMODE(settings.operator_token_path.stat().st_mode) == 0o600

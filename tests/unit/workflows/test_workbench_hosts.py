"""The workbench answers to this machine's names and to the one its login uses."""

import tomllib

import pytest

from depotlib.errors import SettingsError
from depotlib.settings import Settings
from depotlib.workflows.workbench_hosts import SECRETS_NAME, THIS_MACHINE, workbench_hosts
from tests.places import ROOT


def test_without_a_login_only_this_machine_is_answered(tmp_path):
    assert workbench_hosts(Settings(home=tmp_path)) == THIS_MACHINE


def test_the_host_of_the_login_is_answered_too(tmp_path):
    example = (ROOT / ".streamlit" / "secrets.toml.example").read_text()
    (tmp_path / SECRETS_NAME).write_text(example)

    # .streamlit/secrets.toml.example: the address of redirect_uri.
    assert workbench_hosts(Settings(home=tmp_path)) == (*THIS_MACHINE, "depot.example.com")


@pytest.mark.parametrize("text", ["auth = [", '[auth]\nredirect_uri = "nowhere"'])
def test_a_login_that_cannot_be_read_is_told(tmp_path, text):
    (tmp_path / SECRETS_NAME).write_text(text)

    with pytest.raises(SettingsError):
        workbench_hosts(Settings(home=tmp_path))


def test_started_in_any_way_the_workbench_is_guarded():
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]

    assert tuple(server["allowedHosts"]) == THIS_MACHINE
    assert server["address"] == "127.0.0.1"
    assert server["enableCORS"]
    assert server["enableXsrfProtection"]

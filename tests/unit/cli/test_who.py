"""``depot who``: what a login may do, told before somebody stands before a closed page."""

import json

from depotlib.cli.main import run_command

ROLES = """
claim = "groups"
[roles]
"night-shift" = "operator"
[people]
"dana@example.com" = "viewer"
"""


def test_who_says_the_role_that_claims_and_the_file_of_roles_give(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    (tmp_path / "roles.toml").write_text(ROLES)

    def told(*words):
        code = run_command(["who", *words])
        return code, json.loads(capsys.readouterr().out)["role"]

    assert told("ann@example.com", "--claim", "groups=night-shift") == (0, "operator")
    # A person's own line goes before the claim, also downwards (docs/login.md).
    assert told("dana@example.com", "--claim", "groups=night-shift") == (0, "viewer")
    assert told("eve@example.com") == (3, None)

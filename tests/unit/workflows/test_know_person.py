"""Who has logged in, and what they may do."""

import pytest

from depotlib.clock import real_clock
from depotlib.errors import OperatorTokenError, SettingsError
from depotlib.exchange.desk_token import DESK, desk_token
from depotlib.exchange.operator import read_holders, revoke_token, role_of
from depotlib.settings import Settings
from depotlib.workflows.know_person import operator_in_person, person_of
from depotlib.workflows.push_plan import require_operator

DANA = {"sub": "subject-1", "email": "Dana@example.com", "name": "Dana", "email_verified": True}
ROLES = """
claim = "groups"
[roles]
"night-shift" = "operator"
"analysts" = "planner"
[people]
"dana@example.com" = "planner"
"subject-9" = "viewer"
"""


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        (DANA, "planner"),
        (DANA | {"groups": ["night-shift"]}, "planner"),  # people go before the claim
        (DANA | {"email_verified": False}, None),  # nobody vouches for the address
        (DANA | {"email_verified": "true"}, None),
        (DANA | {"email_verified": False, "groups": ["analysts", "night-shift"]}, "operator"),
        ({"sub": "subject-9", "groups": "night-shift"}, "viewer"),
        ({"sub": "subject-2", "groups": "analysts"}, "planner"),
        ({"sub": "subject-2", "groups": ["operator", 7, None]}, None),  # no name of a group here
        ({"sub": "subject-2", "depot_role": "operator"}, None),  # another claim is asked for
        ({"sub": ""}, None),
    ],
)
def test_a_role_comes_from_people_first_then_from_the_claim(settings, claims, role):
    (settings.home / "roles.toml").write_text(ROLES)

    assert person_of(settings, claims).role == role


def test_without_a_file_the_claim_depot_role_is_the_role_itself(settings):
    assert person_of(settings, DANA | {"depot_role": "operator"}).role == "operator"
    assert person_of(settings, DANA | {"depot_role": "owner"}).role is None
    assert person_of(settings, DANA).role is None


def test_the_journal_knows_a_person_by_an_address_that_somebody_vouches_for(settings):
    assert person_of(settings, DANA).known_as == "Dana@example.com"
    assert person_of(settings, DANA | {"email_verified": False}).known_as == "subject-1"


@pytest.mark.parametrize("text", ["people = 3", "[people]\nx = 'boss'", "a b", "[other]\nx = 1"])
def test_a_file_that_cannot_be_read_gives_nobody_a_role(settings, text):
    (settings.home / "roles.toml").write_text(text)

    with pytest.raises(SettingsError, match="the roles cannot be read"):
        person_of(settings, DANA | {"depot_role": "operator"})


def test_a_login_pushes_with_a_token_of_the_desk_that_one_command_ends(settings):
    now = real_clock().now()
    person = person_of(settings, DANA | {"depot_role": "operator"})

    first = operator_in_person(settings, person, now=now)

    assert first.name == "Dana@example.com"
    assert first == operator_in_person(settings, person, now=now)  # issued once
    assert require_operator(settings, first) == DESK
    path = settings.operator_token_path
    assert role_of(first.token, read_holders(path)) == "operator"
    kept = path.with_name("workbench.token")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert first.token not in path.with_name("tokens.json").read_text()
    assert [one.name for one in path.parent.iterdir() if "workbench.token." in one.name] == []

    revoke_token(path, DESK)
    with pytest.raises(OperatorTokenError, match="only the operator"):
        require_operator(settings, operator_in_person(settings, person, now=now))


def test_a_desk_token_whose_file_is_lost_is_not_made_anew(settings):
    now, path = real_clock().now(), settings.operator_token_path
    desk_token(path, now=now)
    path.with_name("workbench.token").unlink()

    with pytest.raises(OperatorTokenError, match="its file is not there"):
        desk_token(path, now=now)

"""With a login a page shows what a role may see, and does what it may do; with a name."""

from datetime import timedelta

import pytest

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import holder_of_request, read_holders
from depotlib.ui.login import is_elsewhere
from depotlib.workflows.audit_trail import AuditWish, audit_trail
from depotlib.workflows.set_up_depot import save_duties_text
from tests.app.pages.opened import numbers, opened, sound, words
from tests.app.pages.test_push_page import NIGHT

DANA = {
    "is_logged_in": True, "sub": "1", "name": "Dana", "email": "dana@example.com",
    "email_verified": True,
}  # fmt: skip


def who_is(role: str) -> dict[str, object]:
    return DANA | {"depot_role": role}


def keys_of(app) -> set[str]:
    return {button.key for button in app.button}


def test_before_the_login_a_page_shows_nothing_but_the_way_in(demo):
    app = opened("Home", user={"is_logged_in": False})

    assert keys_of(app) == {"log_in"}
    assert numbers(app) == {}
    assert "Log in to see this depot" in words(app)
    assert "America/New_York" not in words(app)


def test_who_has_no_role_sees_only_who_they_are(demo):
    app = opened("Home", user=DANA)

    assert "logged in as dana@example.com, but nobody has given you a role" in words(app)
    assert keys_of(app) == {"log_out"}
    assert numbers(app) == {}


def test_a_viewer_looks_and_changes_nothing(demo):
    push = opened("Push", NIGHT, user=who_is("viewer"))
    assert "This needs the role planner; dana@example.com is a viewer" in words(push)
    assert keys_of(push) == {"log_out"}

    depot = opened("Depot and fleet", user=who_is("viewer"))
    assert numbers(depot)["Connectors"] == "48"  # data/reference_night/README.md
    assert keys_of(depot) == {"log_out"}
    assert len(depot.file_uploader) == 0


def test_a_viewer_reads_a_plan_that_a_planner_made_and_the_journal_names(demo):
    planner = opened("Plan", user=who_is("planner"))
    next(one for one in planner.toggle if one.label.startswith("Ignore")).set_value(True)
    sound(planner.button(key="plan_the_night").click().run())

    viewer = opened("Plan", user=who_is("viewer"))

    for figure in ("Result", "Bill", "Peak", "Vans ready"):
        assert numbers(viewer)[figure] == numbers(planner)[figure]
    assert keys_of(viewer) == {"log_out"}
    (line,) = audit_trail(demo, AuditWish(topics=("plan",)))
    assert (line.who, line.what) == ("dana@example.com", "planned the night")


def test_a_plan_is_read_as_it_was_made_when_its_duties_are_gone(demo):
    night = NIGHT | {"occupancy": "relaxed"}
    planner = opened("Plan", night, user=who_is("planner"))
    now = demo.depot_clock().now() + timedelta(minutes=1)
    save_duties_text(
        demo,
        "duty_id,vehicle_id,departure_local,return_local,distance_km\n"
        "a,van-1,2027-01-02T07:00,2027-01-02T15:00,50\n",
        where="a test",
        depot_id="demo",
        now=now,
    )

    viewer = opened("Plan", user=who_is("viewer"))

    assert numbers(viewer)["Bill"] == numbers(planner)["Bill"]
    assert len(viewer.get("plotly_chart")) == 1
    assert not viewer.error


def test_a_plan_that_a_link_asked_for_is_journalled_with_a_name_once(demo):
    night = NIGHT | {"occupancy": "relaxed"}
    app = opened("Plan", night, user=who_is("planner"))
    sound(app.run())
    opened("Plan", night, user=who_is("operator"))

    (line,) = audit_trail(demo, AuditWish(topics=("plan",)))
    assert (line.who, line.what) == ("dana@example.com", "planned the night")


def test_a_damaged_file_of_roles_lets_nobody_in(demo):
    (demo.home / "roles.toml").write_text("people = 3")

    app = opened("Home", user=who_is("operator"))

    assert "The roles cannot be read" in words(app)
    assert numbers(app) == {}


@pytest.mark.parametrize(
    ("role", "is_asked"),
    [pytest.param("planner", False, marks=pytest.mark.full), ("operator", True)],
)
def test_a_planner_previews_and_an_operator_pushes_in_their_own_name(demo, role, is_asked):
    app = opened("Push", NIGHT, user=who_is(role))
    app.button(key="preview_push").click().run()
    assert "commit_token" not in [field.key for field in app.text_input]

    app.text_input(key="typed_ending").set_value(numbers(app)["Release"][-4:])
    sound(app.button(key="commit_push").click().run())

    with open_mailbox(demo.mailbox_path) as mailbox:
        requests = [status.request for status in mailbox.requests()]
    assert len(requests) == is_asked
    if is_asked:
        holder = holder_of_request(requests[0], read_holders(demo.operator_token_path))
        assert requests[0].asked_by == "dana@example.com"
        assert (holder.name, holder.role) == ("workbench", "operator")
    else:
        assert "This needs the role operator; dana@example.com is a planner" in words(app)
        assert not (demo.home / "workbench.token").exists()


@pytest.mark.parametrize(
    ("seen_from", "elsewhere"),
    # RFC 5737 and RFC 3849 keep 192.0.2.0/24 and 2001:db8::/32 for examples of other machines.
    [("127.0.0.1", False), ("::1", False), (None, False), ("192.0.2.7", True), ("2001:db8::1", True),
     ("a proxy", True)],
)  # fmt: skip
def test_only_loopback_is_this_machine(seen_from, elsewhere):
    assert is_elsewhere(seen_from) is elsewhere

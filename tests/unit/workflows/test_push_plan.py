"""A push: previewed, committed with the digest of the preview, followed, and gone back from."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.errors import MailboxMissingError, PushError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token, is_from_operator
from depotlib.model.live import PushResult
from depotlib.store.plans import save_plan
from depotlib.virtual.script import NightScript, night_from_toml
from depotlib.workflows.load_demo import night_sheet_path
from depotlib.workflows.push_plan import (
    Operator,
    PushProgress,
    commit_push,
    follow_push,
    newest_push,
    preview_push,
    roll_back,
)
from depotlib.workflows.yard_sheet import night_script, write_yard_sheet
from tests.unit.conftest import AFTERNOON
from tests.unit.exchange.samples import release

ANN = Operator(name="ann", token="not the depot's")
LATER = AFTERNOON + timedelta(minutes=5)


@pytest.fixture
def draft(demo, demo_plan):
    tonight, plan = demo_plan
    return preview_push(demo, tonight, plan=plan, now=AFTERNOON)


def put_in_force(settings, request_id):
    """Do what the gateway does with a push that it has carried out."""
    with open_mailbox(settings.mailbox_path) as mailbox:
        status = mailbox.request(request_id)
        mailbox.set_current_release(status.request.release_id, at=LATER)
        mailbox.set_request(request_id, "finished", note="", at=LATER)


def pushed(settings, tonight, plan) -> str:
    """Return the release of a plan that was pushed and is in force."""
    draft = preview_push(settings, tonight, plan=plan, now=AFTERNOON)
    put_in_force(settings, commit_push(settings, draft, operator=ANN, now=AFTERNOON))
    return draft.preview.release_id


def other_plan(plan, plan_id="another-plan"):
    header = replace(plan.header, plan_id=plan_id, made_at=AFTERNOON + timedelta(minutes=1))
    return replace(plan, header=header)


def test_a_preview_shows_every_connector_of_the_plan_and_puts_nothing_into_force(
    demo, demo_plan, draft
):
    _, plan = demo_plan

    assert draft.preview.refusals == ()
    rows = {row.connector_id: row for row in draft.preview.rows}
    assert rows.keys() == {window.connector_id for window in plan.windows}
    assert {row.change for row in rows.values()} == {"new"}
    # Each kWh of the plan is on one connector: power x 0.25 h over all setpoints, at the wall;
    # a limit is a setpoint rounded to what a station can be told, far less than 0.1 % in all.
    planned_kwh = plan.setpoints["power_kw"].sum() * 0.25
    assert sum(row.energy_kwh for row in rows.values()) == pytest.approx(planned_kwh, rel=1e-3)
    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        assert mailbox.current_release() is None
        assert mailbox.release(draft.preview.release_id) is not None
        assert mailbox.requests() == []


def test_a_push_holds_billing_windows_to_its_plans_peak_where_the_base_load_is_known(
    demo, demo_plan
):
    tonight, plan = demo_plan
    # The demo depot has no base load; this one has some, and nobody says when.
    grid = replace(tonight.depot.grid, base_load_max_kw=1.0)
    blank = replace(tonight, depot=replace(tonight.depot, grid=grid))

    most_kw = {}
    for name, one in (("known", tonight), ("blank", blank)):
        draft = preview_push(demo, one, plan=other_plan(plan, name), now=AFTERNOON)
        with open_mailbox(demo.mailbox_path, create=False) as mailbox:
            targets = mailbox.release(draft.preview.release_id).window_targets
        most_kw[name] = max((step.limit_kw for step in targets), default=None)

    # A demand charge counts every quarter-hour: the peak, rounded up as schedules are.
    assert plan.header.peak_kw <= most_kw["known"] <= plan.header.peak_kw + 0.1
    assert most_kw["blank"] is None


def test_the_same_plan_previewed_twice_is_the_same_push(demo, demo_plan, draft):
    tonight, plan = demo_plan

    again = preview_push(demo, tonight, plan=plan, now=LATER)

    assert again.preview == draft.preview
    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        assert mailbox.brief()[0] == 1


def test_the_same_night_planned_twice_is_the_same_push(demo, demo_plan, draft):
    tonight, plan = demo_plan
    made_later = replace(plan, header=replace(plan.header, made_at=LATER))

    again = preview_push(demo, tonight, plan=made_later, now=LATER)

    assert again.preview == draft.preview


def test_a_push_in_between_changes_the_digest(demo, demo_plan, draft):
    tonight, plan = demo_plan
    pushed(demo, tonight, other_plan(plan))

    again = preview_push(demo, tonight, plan=plan, now=LATER)

    assert again.preview.release_id == draft.preview.release_id
    assert again.preview.digest != draft.preview.digest
    assert {row.change for row in again.preview.rows} == {"same"}


def test_a_plan_that_no_station_can_follow_is_refused_with_its_reason(demo, demo_plan):
    tonight, plan = demo_plan
    header = replace(plan.header, pushable=False, pushable_reason="occupancy was relaxed")

    draft = preview_push(demo, tonight, plan=replace(plan, header=header), now=AFTERNOON)

    assert draft.preview.refusals == ("occupancy was relaxed",)
    assert not demo.mailbox_path.exists()
    with pytest.raises(PushError, match="occupancy was relaxed") as refused:
        commit_push(demo, draft, operator=ANN, now=AFTERNOON)
    assert refused.value.hint == "plan the night with connectors assigned"


def test_a_commit_asks_the_gateway_with_digest_name_and_token(demo, draft):
    token = ensure_operator_token(demo.operator_token_path)

    request_id = commit_push(demo, draft, operator=Operator("ann", token), now=LATER)

    progress = follow_push(demo, request_id)
    asked = progress.status.request
    assert (progress.status.state, progress.is_over, progress.results) == ("queued", False, ())
    assert (asked.kind, asked.asked_by, asked.asked_at) == ("push", "ann", LATER)
    assert (asked.release_id, asked.digest) == (draft.preview.release_id, draft.preview.digest)
    assert is_from_operator(asked, token)
    assert token not in demo.mailbox_path.read_bytes().decode("latin-1")
    assert newest_push(demo) == progress


def test_a_commit_gives_the_new_sheet_to_a_virtual_yard_where_there_is_one(demo, demo_plan, draft):
    commit_push(demo, draft, operator=ANN, now=LATER)
    assert not night_sheet_path(demo).exists()

    write_yard_sheet(night_sheet_path(demo), NightScript())
    commit_push(demo, draft, operator=ANN, now=LATER)

    written = night_from_toml(night_sheet_path(demo).read_text(), where="night")
    assert written == night_script(*demo_plan)


@pytest.mark.parametrize(
    ("state", "is_over"),
    [("running", False), ("finished", True), ("abandoned", True), ("refused", True)],
)
def test_a_push_is_over_when_the_gateway_says_so(demo, draft, state, is_over):
    request_id = commit_push(demo, draft, operator=ANN, now=AFTERNOON)
    result = PushResult(
        request_id=request_id,
        station_id="AC-01",
        connector_id="AC-01/1",
        state="accepted",
        note="",
        latency_s=0.2,
        changed_at=LATER,
    )
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.set_request(request_id, state, note="so", at=LATER)
        mailbox.put_push_result(result)

    progress = follow_push(demo, request_id)

    assert isinstance(progress, PushProgress)
    assert (progress.is_over, progress.status.note) == (is_over, "so")
    assert progress.results == (result,)


@pytest.mark.parametrize(("silent_s", "is_heard"), [(1, True), (121, False)])
def test_a_push_says_whether_there_is_a_gateway_to_take_it(demo, draft, silent_s, is_heard):
    settings = demo.model_copy(update={"clock": LATER.isoformat()})
    request_id = commit_push(settings, draft, operator=ANN, now=AFTERNOON)
    unheard = follow_push(settings, request_id)

    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.beat("gateway", LATER - timedelta(seconds=silent_s))

    assert unheard.is_heard is False
    assert follow_push(settings, request_id).is_heard is is_heard


def test_a_push_that_nobody_asked_for_is_none(demo, draft):
    assert follow_push(demo, "push-nowhere") is None
    assert newest_push(demo) is None


def test_without_a_mailbox_there_is_nothing_to_follow(loaded_demo, tmp_path):
    nowhere = loaded_demo.model_copy(update={"home": tmp_path / "nothing"})

    for ask in (newest_push, lambda settings: follow_push(settings, "push-1")):
        with pytest.raises(MailboxMissingError):
            ask(nowhere)


def test_a_rollback_asks_for_the_push_before_the_one_in_force(demo, demo_plan):
    tonight, plan = demo_plan
    first = pushed(demo, tonight, plan)
    pushed(demo, tonight, other_plan(plan))

    request_id = roll_back(demo, operator=ANN, now=LATER)

    asked = follow_push(demo, request_id).status.request
    assert (asked.kind, asked.release_id) == ("rollback", first)


def test_a_rollback_gives_the_earlier_sheet_back_to_a_virtual_yard(demo, demo_plan):
    tonight, plan = demo_plan
    save_plan(demo.warehouse_path, plan)
    pushed(demo, tonight, plan)
    pushed(demo, tonight, other_plan(plan))
    write_yard_sheet(night_sheet_path(demo), NightScript())

    roll_back(demo, operator=ANN, now=LATER)

    written = night_from_toml(night_sheet_path(demo).read_text(), where="night")
    assert written.stay == night_script(tonight, plan).stay


def test_a_rollback_counts_what_dispatch_made_of_a_push_as_that_push(demo, demo_plan):
    tonight, plan = demo_plan
    first = pushed(demo, tonight, plan)
    second = pushed(demo, tonight, other_plan(plan))
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.add_release(
            replace(release("dispatch-1"), origin="dispatch", parent_release_id=second)
        )
        mailbox.set_current_release("dispatch-1", at=LATER)

    request_id = roll_back(demo, operator=ANN, now=LATER)

    assert follow_push(demo, request_id).status.request.release_id == first


def test_without_an_earlier_push_there_is_nothing_to_go_back_to(demo, demo_plan, draft):
    with pytest.raises(PushError, match="no earlier push"):
        roll_back(demo, operator=ANN, now=AFTERNOON)

    pushed(demo, *demo_plan)
    with pytest.raises(PushError, match="no earlier push") as refused:
        roll_back(demo, operator=ANN, now=AFTERNOON)
    assert refused.value.hint == "push another plan instead"

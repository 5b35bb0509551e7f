"""The tour: a step is done when the depot's files say so, and it ends with a plan that landed."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from depotlib.errors import SettingsError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.site_file import site_from_toml
from depotlib.settings import Settings
from depotlib.workflows.follow_tour import (
    STEPS,
    TOUR_NAME,
    begin_tour,
    follow_tour,
    is_offered,
    leave_tour,
)
from depotlib.workflows.review_store import StoreReview
from tests.unit.charts.chart_cases import header
from tests.unit.exchange.samples import EVENING, push_result, request
from tests.unit.workflows.test_set_up_depot import SITE

DEMO = StoreReview(
    depot=site_from_toml(SITE.replace('"yard"', '"demo"'), where="a test").depot,
    tariff_id=None,
    imports=pl.DataFrame(),
    plans=(),
)
BEGUN = EVENING - timedelta(minutes=5)
PLAN = replace(header("optimal", occupancy="assigned"), made_at=EVENING)


def step(settings: Settings, store: StoreReview = DEMO) -> str:
    tour = follow_tour(settings, store, by="ann")
    assert tour is not None
    return "over" if tour.step is None else tour.step.name


def test_the_tour_goes_from_the_demo_depot_to_a_plan_that_landed(tmp_path):
    settings, planned = Settings(home=tmp_path), replace(DEMO, plans=(PLAN,))
    assert is_offered(settings, DEMO, by="ann")
    begin_tour(settings, by="ann", now=BEGUN)
    assert step(settings) == "plan"
    assert step(settings, replace(DEMO, plans=(replace(PLAN, made_at=BEGUN - timedelta(1)),))) == (
        "plan"
    )
    assert step(settings, planned) == "push"
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.ask(request("q1"))
        assert step(settings, planned) == "landed"
        mailbox.put_push_result(replace(push_result("A/1"), state="sent"))
        assert step(settings, planned) == "landed"
        mailbox.put_push_result(push_result("A/1"))

        assert step(settings, planned) == "over"

    assert [one.name for one in STEPS] == ["load", "plan", "push", "landed"]


def test_who_left_the_tour_is_not_asked_again_and_others_are(tmp_path):
    settings = Settings(home=tmp_path)
    begin_tour(settings, by="ann", now=BEGUN)
    leave_tour(settings, by="ann", now=EVENING)

    assert follow_tour(settings, DEMO, by="ann") is None
    assert not is_offered(settings, DEMO, by="ann")
    assert is_offered(settings, DEMO, by="ben")


def test_there_is_no_tour_of_a_depot_that_stands_somewhere(tmp_path):
    settings = Settings(home=tmp_path)
    own = replace(DEMO, depot=site_from_toml(SITE, where="a test").depot)
    begin_tour(settings, by="ann", now=BEGUN)

    assert not is_offered(settings, own, by="ben")
    assert follow_tour(settings, own, by="ann") is None
    assert follow_tour(settings, None, by="ann") is None


def test_what_is_kept_of_the_tour_is_never_guessed(tmp_path):
    (tmp_path / TOUR_NAME).write_text("{")

    with pytest.raises(SettingsError, match="tour cannot be read"):
        follow_tour(Settings(home=tmp_path), DEMO, by="ann")

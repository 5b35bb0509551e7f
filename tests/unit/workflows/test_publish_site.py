"""The brief: the whole night as the live side knows it, written once for what it says."""

from datetime import timedelta

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.brief import NeedPolicy
from depotlib.planning.knobs.preference import Preference
from depotlib.store.catalogue import chosen_depot_id
from depotlib.workflows.publish_site import brief_of, publish_brief, publish_site
from depotlib.workflows.set_up_depot import save_need_policy
from depotlib.workflows.tonight import NightChoices, gather_tonight
from tests.unit.conftest import AFTERNOON


def test_a_published_brief_holds_the_night_before_any_plan(demo, demo_plan):
    tonight, _ = demo_plan

    version = publish_site(demo, now=AFTERNOON)

    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        published = mailbox.brief()
    assert published is not None
    (held_version, brief) = published
    assert (version, held_version, brief.made_at) == (1, 1, AFTERNOON)
    assert brief.depot == tonight.depot
    assert brief.dwells == tonight.dwells
    assert brief.duties == tonight.duties
    assert brief.prices == tonight.prices
    assert len(brief.base_load_kw) == tonight.grid.count
    assert brief.bays == ()


def test_what_says_the_same_is_not_published_again(demo):
    versions = [
        publish_site(demo, now=AFTERNOON),
        publish_site(demo, now=AFTERNOON + timedelta(minutes=5)),
        publish_site(demo, now=AFTERNOON, choices=NightChoices(running_peak_kw=120.0)),
    ]

    assert versions == [1, 1, 2]


def test_when_vans_should_be_ready_is_the_depots_policy_unless_the_night_says_another(demo):
    depot_id = chosen_depot_id(demo.warehouse_path)
    assert depot_id is not None
    save_need_policy(demo, NeedPolicy(ready_before_h=0.75), depot_id=depot_id, now=AFTERNOON)
    sooner = NightChoices(preference=Preference(slack_s=3600))

    publish_site(demo, now=AFTERNOON)
    publish_site(demo, now=AFTERNOON, choices=sooner)

    with open_mailbox(demo.mailbox_path, create=False) as mailbox:
        hours = [brief[1].ready_before_h for n in (1, 2) if (brief := mailbox.brief(n))]
    assert hours == [0.75, 1.0]
    tonight = gather_tonight(demo, now=AFTERNOON)
    assert tonight.preference == Preference(slack_s=2700)


def test_a_plan_adds_who_is_to_stand_where(demo, demo_plan):
    tonight, plan = demo_plan
    publish_site(demo, now=AFTERNOON)

    with open_mailbox(demo.mailbox_path) as mailbox:
        version = publish_brief(mailbox, brief_of(tonight, plan=plan), now=AFTERNOON)
        brief = mailbox.brief(version)

    assert version == 2
    assert brief is not None
    assert [(bay.connector_id, bay.vehicle_id, bay.start, bay.end) for bay in brief[1].bays] == [
        (window.connector_id, window.vehicle_id, window.start, window.end)
        for window in plan.windows
    ]

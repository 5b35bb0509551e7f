"""The tour on the pages: offered once, shown where the next step is, and left for good."""

from depotlib.workflows.follow_tour import follow_tour
from depotlib.workflows.review_store import review_store
from tests.app.pages.opened import opened, sound, words


def test_the_tour_is_taken_from_home_goes_on_where_one_is_and_can_be_left(demo):
    home = opened("Home")
    home.button(key="take_tour").click().run()
    sound(home)
    assert "2. → Plan the night" in words(home)
    assert "Next step: Plan →" in [one.proto.label for one in home.get("page_link")]

    app = opened("Push")
    assert "2. → Plan the night" in words(app)
    assert "Step" not in "".join(one.value for one in app.info)
    app.button(key="leave_tour").click().run()

    assert "First steps" not in words(sound(app))
    assert not [one for one in opened("Home").button if one.key == "take_tour"]
    assert follow_tour(demo, review_store(demo), by="anybody") is None

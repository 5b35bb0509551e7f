"""Every page says what its workflow says: with nothing stored, on the demo depot, and with a log."""

import pytest

from depotlib.settings import Settings
from depotlib.ui.entry import PAGES
from tests.app.page_figures import FIGURES, NIGHTLY, QUERIES, WITHOUT_A_DEPOT, Pairs, nothing
from tests.app.pages.opened import opened, words
from tests.app.pages.running_night import begin_night
from tests.unit.workflows.test_reconcile_night import MORNING, play_night

TITLES = [entry.title for entry in PAGES]
LEAST_FIGURES = 3
SOLVING = ("Plan", "Scenarios", "Push")
"""Pages that plan a night: `make test` holds their figures in tests of their own."""


def agree(pairs: Pairs) -> None:
    """Hold what stands on a page against what its workflow says."""
    assert len(pairs) >= LEAST_FIGURES
    assert [shown for shown, _ in pairs] == [known for _, known in pairs]


def prepared(settings: Settings, title: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return a depot after what has to happen there before a page has something to say."""
    if title in NIGHTLY:
        begin_night(settings)
    if title != "Reports":
        return settings
    play_night(settings)
    later = Settings(home=settings.home, clock=MORNING.isoformat())
    monkeypatch.setenv("DEPOT_CLOCK", later.clock)
    return later


def opened_with_figures(settings: Settings, title: str) -> None:
    app = opened(title, QUERIES.get(title))

    assert [one.value for one in app.title] == [title]
    assert "America/New_York" in words(app)
    agree(FIGURES[title](app, settings))


def test_every_page_has_its_figures_here():
    assert set(FIGURES) == set(TITLES)


@pytest.mark.parametrize(
    "title",
    [pytest.param(one, marks=pytest.mark.full) if one in SOLVING else one for one in TITLES],
)
def test_a_page_of_the_demo_depot_says_what_its_workflow_says(demo, title, monkeypatch):
    opened_with_figures(prepared(demo, title, monkeypatch), title)


@pytest.mark.full
@pytest.mark.parametrize("title", TITLES)
def test_a_page_of_a_depot_with_a_log_says_what_its_workflow_says(leeds, title, monkeypatch):
    opened_with_figures(prepared(leeds, title, monkeypatch), title)


@pytest.mark.full
@pytest.mark.parametrize("title", TITLES)
def test_a_page_without_a_store_says_that_there_is_nothing(empty, title):
    app = opened(title, QUERIES.get(title))

    assert [one.value for one in app.title] == [title]
    agree((FIGURES[title] if title in WITHOUT_A_DEPOT else nothing)(app, empty))
    said = words(app)
    assert "yet" in said or "so there is no" in said
    assert not empty.warehouse_path.exists()


def test_figures_that_differ_or_are_too_few_are_found():
    with pytest.raises(AssertionError):
        agree([(1, 1), (2, 2), (3, 4)])
    with pytest.raises(AssertionError):
        agree([(1, 1), (2, 2)])

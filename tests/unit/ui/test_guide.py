"""The guide's walks are short, and click on what the pages show."""

import re
from itertools import pairwise

import pytest

from tests.places import ROOT

GUIDE = (ROOT / "docs" / "guide.md").read_text()
STARTS = [one.start() for one in re.finditer(r"^## \d\. ", GUIDE, re.MULTILINE)] + [len(GUIDE)]
CARDS = [GUIDE[start:end] for start, end in pairwise(STARTS)]
MOST_CLICKS = 4
SHOWN = "\n".join(
    path.read_text()
    for folder in (ROOT / "pages", ROOT / "depotlib" / "ui")
    for path in sorted(folder.glob("*.py"))
)


def steps(card: str) -> list[str]:
    return re.findall(r"^\d\. (.*)", card, re.MULTILINE)


def test_five_questions_are_answered():
    assert len(CARDS) == 5


@pytest.mark.parametrize("card", CARDS, ids=range(1, len(CARDS) + 1))
def test_an_answer_is_at_most_four_clicks_away_and_each_is_on_a_page(card):
    clicks = [label for step in steps(card) for label in re.findall(r"\*\*(.+?)\*\*", step)]

    assert 1 <= len(steps(card)) <= MOST_CLICKS
    assert clicks
    assert [label for label in clicks if f'"{label}"' not in SHOWN] == []


def test_the_guides_pictures_are_there_and_small():
    pictures = [ROOT / "docs" / one for one in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", GUIDE)]

    assert pictures
    # A page of documentation is read on the road, too.
    assert [one for one in pictures if not 0 < one.stat().st_size < 300_000] == []

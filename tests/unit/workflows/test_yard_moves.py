"""The yard sheet for people: every move in the order it is made, and a page that prints."""

from dataclasses import replace
from html.parser import HTMLParser

from depotlib.model.display import Display
from depotlib.workflows.yard_moves import WAITING_BAY, write_yard_page, yard_page, yard_rows


class Cells(HTMLParser):
    """Collects the texts of table cells, and the elements that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.texts.append(data)


def cells(page: str) -> Cells:
    parser = Cells()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_every_move_is_a_row_and_whoever_makes_room_goes_first(demo_plan):
    tonight, plan = demo_plan

    rows = yard_rows(tonight.depot, plan)

    assert len(rows) == len(plan.moves)
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    for index, row in enumerate(rows):
        if row.from_place == WAITING_BAY:
            left = [one.from_place for one in rows[:index]]
            assert row.to_place in left, row


def test_the_page_holds_every_row_and_says_the_zone(demo_plan):
    tonight, plan = demo_plan

    page = yard_page(tonight, plan)

    texts = cells(page).texts
    assert len(texts) == 5 * len(plan.moves)  # when, van, from, to and a box to tick
    assert {row.vehicle_id for row in yard_rows(tonight.depot, plan)} <= set(texts)
    assert "America/New_York" in page
    # Of no depot by ISO 8601; of one as it writes its days.
    assert "night of Monday, 2026-11-02" in page
    assert "night of Monday, 2 Nov 2026" in yard_page(tonight, plan, display=Display())


def test_a_night_without_moves_says_so(demo_plan):
    tonight, plan = demo_plan

    page = yard_page(tonight, replace(plan, moves=()))

    assert "No van has to be moved." in page
    assert cells(page).texts == []


def test_names_cannot_write_into_the_page(demo_plan):
    tonight, plan = demo_plan
    move = replace(plan.moves[0], vehicle_id="<script>alert(1)</script>")

    page = yard_page(tonight, replace(plan, moves=(move,)))

    assert "<script" not in page
    assert "<script>alert(1)</script>" in cells(page).texts


def test_a_page_is_written_whole(tmp_path):
    path = tmp_path / "sheets" / "yard.html"

    write_yard_page(path, "<p>é</p>")

    assert path.read_text(encoding="utf-8") == "<p>é</p>"
    assert [one.name for one in path.parent.iterdir()] == ["yard.html"]

"""A tariff is edited on its page: what a text becomes is said before it is saved."""

from datetime import timedelta

import pytest

from depotlib.workflows.edit_tariff import editable_text, save_tariff_text, tariff_versions
from depotlib.workflows.review_demand import list_tariffs
from tests.app.pages.opened import opened, sound, words


@pytest.fixture
def two(demo):
    """Return the demo depot, its tariff's id, and a copy of that tariff under another id."""
    (own,) = list_tariffs(demo)
    text = editable_text(demo, own)
    other = text.replace(f'"{own}"', '"copy"', 1)
    assert other != text
    now = demo.depot_clock().now() + timedelta(minutes=1)
    assert save_tariff_text(demo, other, now=now).tariff_id == "copy"
    return demo, own


def test_tariffs_of_one_name_are_told_apart_by_their_ids(two):
    settings, own = two
    app = opened("Tariffs", {"tariff": own})

    (name,) = set(list_tariffs(settings).values())
    field = app.selectbox(key="tariff")
    assert set(field.options) == {f"{name} ({own})", f"{name} (copy)"}
    assert (field.value, sound(field.select("copy").run()).selectbox(key="tariff").value) == (
        own,
        "copy",
    )


def test_a_text_with_the_id_of_another_tariff_is_said_to_take_its_place(two):
    settings, own = two
    app = opened("Tariffs", {"tariff": own})
    (text,) = app.text_area

    text.input(text.value.replace(f'"{own}"', '"copy"', 1) + "\n").run()

    assert "saved, it takes that tariff's place" in words(sound(app))

    app.text_area[0].input(app.text_area[0].value.replace('"copy"', '"third"', 1)).run()

    assert "saved, it is a tariff of its own, third" in words(sound(app))
    app.button(key="save_tariff").click().run()
    assert "third" in list_tariffs(settings)
    assert len(tariff_versions(settings, "copy")) == 1


def test_a_tariff_saved_elsewhere_stands_in_the_next_run_of_the_page(two):
    settings, own = two
    app = opened("Tariffs", {"tariff": own})
    text = editable_text(settings, own)
    renamed = text.replace('name = "', 'name = "New ', 1)
    assert renamed != text == app.text_area[0].value

    save_tariff_text(settings, renamed, now=settings.depot_clock().now() + timedelta(minutes=2))

    shown = sound(app.run())
    assert shown.text_area[0].value == editable_text(settings, own) != text
    assert [box.label for box in shown.selectbox if "earlier ones" in box.label] == [
        "Version 2 is in use; earlier ones"
    ]


def test_tariffs_are_compared_only_where_somebody_looks(leeds):
    def is_compared(query: dict[str, str]) -> bool:
        shown = opened("Tariffs", query).dataframe
        return any("As it was" in one.value.columns for one in shown)

    assert (is_compared({}), is_compared({"tariff_part": "Which is cheapest"})) == (False, True)
    assert leeds.home.exists()

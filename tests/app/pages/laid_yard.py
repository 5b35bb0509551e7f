"""The demo's yard, as tests of its floor plan fill it in and read it back."""

from datetime import timedelta

from streamlit.testing.v1 import AppTest

from depotlib.model.yard import RowLayout, Yard
from depotlib.settings import Settings
from depotlib.workflows.lay_out_yard import bays_meant, in_rows, with_ground, with_yard, yard_of
from depotlib.workflows.set_up_depot import read_set_up, save_site_tables
from tests.app.pages.opened import sound

BAYS = {"set_up_part": "Bays"}
GROUND = {"corner_latitude_degrees": 40.7, "corner_longitude_degrees": -74.0}


def yard(settings: Settings) -> Yard:
    known = read_set_up(settings)
    assert known is not None
    assert known.site is not None
    return yard_of(known.site)


def fill(app: AppTest, label: str, value: float | None) -> AppTest:
    field = next(one for one in app.number_input if one.label == label)
    return sound(field.set_value(value).run())


def part(app: AppTest, name: str) -> AppTest:
    """Return Depot and fleet with another part of it open."""
    app.query_params["set_up_part"] = name
    return sound(app.run())


def with_a_corner(app: AppTest) -> AppTest:
    fill(app, "Corner, latitude (degrees)", 40.7)
    return fill(app, "Corner, longitude (degrees)", -74.0)


def save_rows(settings: Settings, layout: RowLayout) -> Yard:
    """Save the demo's bays in rows, and return their yard."""
    known = read_set_up(settings)
    assert known is not None
    assert known.site is not None
    ground = with_ground(GROUND | {"width_m": 90.0, "depth_m": 60.0}, yard=yard_of(known.site))
    laid = in_rows(ground, layout, of=bays_meant(ground, "all"))
    now = settings.depot_clock().now() + timedelta(minutes=1)
    save_site_tables(settings, with_yard(known.site, laid), now=now)
    return laid

"""Depot and fleet: what the site file says is shown, and every version can be had again."""

from datetime import timedelta

from depotlib.store.catalogue import save_duties
from depotlib.workflows.set_up_depot import (
    DepotSetUp,
    edited_site,
    read_set_up,
    read_versions,
    save_site_tables,
    set_display,
)
from tests.app.pages.laid_yard import part
from tests.app.pages.opened import numbers, opened, shown, sound, words


def known(settings) -> DepotSetUp:
    found = read_set_up(settings)
    assert found is not None
    return found


def test_the_demo_depot_is_counted_and_complete(demo):
    app = opened("Depot and fleet")

    # data/reference_night/README.md: 40 AC and 8 DC connectors, 350 kW, 60 vans; two duties each.
    shown = numbers(app)
    assert shown["Stations"] == "48"
    assert shown["Connectors"] == "48"
    assert shown["Service (kW)"] == "350"
    assert shown["Vans"] == "60"
    assert shown["Duties"] == "120"
    assert not app.warning
    assert not app.error


def test_without_a_depot_the_demo_and_a_site_file_are_offered(empty):
    app = opened("Depot and fleet")

    assert "There is no depot here yet." in words(app)
    assert [one.label for one in app.file_uploader] == ["Site file (TOML)"]


def test_what_does_not_fit_is_told_and_an_earlier_version_can_be_had_again(demo):
    site = known(demo).site
    assert site is not None
    now = demo.depot_clock().now() + timedelta(minutes=1)
    small = edited_site({"grid": {"service_kw": 50.0, "operating_limit_kw": 50.0}}, before=site)
    save_site_tables(demo, small, now=now)

    app = opened("Depot and fleet")
    # data/demo/site.toml: 40 AC stations fall back to 1.5 kW and the DC stations to 0.
    assert "sum to 60.0 kW, but 50.0 kW" in words(app)
    assert numbers(app)["Service (kW)"] == "50"
    part(app, "Versions").selectbox(key="version").select(1).run()
    app.button(key="back").click().run()

    sound(app)
    assert numbers(app)["Service (kW)"] == "350"
    assert known(demo).site == site
    assert len(read_versions(demo, "site", depot_id="demo")) == 3


def test_what_somebody_else_saved_is_there_in_the_next_run(demo):
    app = opened("Depot and fleet")
    before = known(demo)
    assert before.site is not None
    now = demo.depot_clock().now() + timedelta(minutes=1)
    grid = {"service_kw": 500.0, "operating_limit_kw": 300.0}
    save_site_tables(demo, edited_site({"grid": grid}, before=before.site), now=now)
    save_duties(demo.warehouse_path, before.duties[:3], depot_id="demo", saved_at=now)

    sound(app.run())

    assert numbers(app)["Service (kW)"] == "500"
    assert numbers(app)["Duties"] == "3"
    assert part(app, "Versions").selectbox(key="version").options[0].startswith("2, saved")


def test_until_something_is_changed_there_is_nothing_to_save(demo):
    app = opened("Depot and fleet")

    buttons = {
        "Power": "save_grid", "Stations": "save_station", "Bays": "save_bays",
        "Tokens": "save_identity", "Policies": "save_gateway", "Duties": "save_duty_sheet",
        "Fleet": "save_fleet",
    }  # fmt: skip
    for name, key in buttons.items():
        assert part(app, name).button(key=key).disabled
    assert part(app, "Policies").button(key="save_policy").disabled

    part(app, "Fleet")
    # From the library: data/vehicles/fleet_ev_specs.csv has 64 kWh and 115 kW DC for it.
    app.selectbox(key="library_model").select("Ford e transit (2025)").run()
    app.text_input(key="library_class").input("e-transit").run()
    app.button(key="library_fill").click().run()

    fleet = known(demo).fleet
    assert fleet is not None
    filled = next(one for one in fleet.classes if one.class_id == "e-transit")
    assert (filled.usable_kwh, filled.dc_max_kw) == (64.0, 115.0)
    assert "64.0 kWh usable" in words(sound(app))


def test_what_was_chosen_of_the_library_and_a_file_outlast_other_parts_of_the_page(demo):
    app = part(opened("Depot and fleet"), "Fleet")
    app.selectbox(key="library_model").select("Ford e transit (2025)").run()
    app.text_input(key="library_class").input("e-transit").run()
    app.number_input(key="library_consumption").set_value(0.41).run()
    part(app, "Duties")
    of_duties = "Duties (CSV), in place of all these"
    fields = {one.label: one for one in app.file_uploader}
    fields[of_duties].upload("duties.csv", b"duty_id\n", "text/csv").run()

    for name in ("Power", "Tokens", "Duties"):
        part(app, name)
    assert app.button(key="save_duties").label == "Replace the duties"
    part(app, "Fleet")

    assert app.selectbox(key="library_model").value == "Ford e transit (2025)"
    assert app.text_input(key="library_class").value == "e-transit"
    assert app.number_input(key="library_consumption").value == 0.41


def test_a_depot_of_miles_and_fahrenheit_shows_them_and_keeps_its_store(demo):
    before = known(demo)
    now = demo.depot_clock().now() + timedelta(minutes=1)
    display = {"distance": "mi", "temperature": "F", "numbers": "1.234,5", "dates": "month_first"}
    set_display(demo, before, changes=display, now=now)

    app = opened("Depot and fleet", {"set_up_part": "Duties"})

    # A mile is 1.609344 km.
    first = min(before.duties, key=lambda one: (one.departure, one.vehicle_id))
    assert shown(app, "distance_km")["distance_km"][0] == first.distance_km / 1.609344
    assert before.fleet is not None
    classes = shown(part(app, "Fleet"), "consumption_kwh_per_km")["consumption_kwh_per_km"]
    of_store = [one.consumption_kwh_per_km for one in before.fleet.classes]
    assert list(classes) == [one * 1.609344 for one in of_store]
    # The clock of the tests: 2 November 2026.
    assert "Mon Nov 2, 2026" in words(app)
    assert app.button(key="save_fleet").disabled
    after = known(demo)
    assert (after.fleet, after.duties) == (before.fleet, before.duties)

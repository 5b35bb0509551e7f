"""The door `depot sniff`, as docs/doors.md describes it."""

import json

from depotlib.cli.main import run_command
from tests.places import DATA, TEST_DATA

LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
GEOTAB = TEST_DATA / "ingest" / "geotab" / "charge_events.json"


def sniff(capsys, *arguments):
    code = run_command(["sniff", *map(str, arguments)])
    return code, json.loads(capsys.readouterr().out)


def test_each_file_is_told_with_what_the_door_promises(capsys):
    code, printed = sniff(capsys, LEEDS, GEOTAB, "--json")

    leeds, geotab = printed["files"]
    assert code == 0
    assert {"file", "source", "confidence", "time_zone", "date_order", "columns"} <= set(leeds)
    assert (leeds["source"], leeds["confidence"], leeds["time_zone"], leeds["date_order"]) == (
        "leeds_depot", 1.0, "Europe/London", "day_month_year",
    )  # fmt: skip
    assert "Total_Energy (kWh)" in leeds["columns"]
    assert (geotab["source"], geotab["time_zone"]) == ("geotab", "UTC")


def test_an_unknown_file_is_named_with_exit_code_2(capsys):
    code, printed = sniff(capsys, DATA / "README.md", LEEDS)

    unknown, leeds = printed["files"]
    assert code == 2
    assert unknown["source"] is None
    assert unknown["error"] == printed["error"]
    assert leeds["source"] == "leeds_depot"

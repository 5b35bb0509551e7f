"""Who caused a peak, who bears a bill, what is wrong with one: asked on the command line."""

import json
from datetime import UTC, datetime

import pytest

from depotlib.cli.main import run_command
from depotlib.settings import Settings
from depotlib.store.catalogue import save_tariff_record
from tests.tariff_cases import record
from tests.unit.store.samples import MIDNIGHT, import_meter, import_sessions, meter_row, session

GOLDEN = {
    "flatdemandstructure": [[{"rate": 15}]],
    "fixedchargefirstmeter": 100,
    "fixedchargeunits": "$/month",
}
# One hour of June: 100, 120, 80, 80 kW; van a draws 60 and 60, van b 40 and 40 of the second half.
LOAD = """interval_start,power_kw
2026-06-01T00:00,100
2026-06-01T00:15,120
2026-06-01T00:30,80
2026-06-01T00:45,80
"""
USES = """interval_start,vehicle_id,station_id,power_kw
2026-06-01T00:00,a,s1,60
2026-06-01T00:15,a,s1,60
2026-06-01T00:15,b,s2,40
2026-06-01T00:30,b,s2,40
2026-06-01T00:45,b,s2,40
"""
PARTIES = "id,party,distance_km\na,north,40\nb,south,25\n"
# (100 + 120 + 80 + 80) x 0.25 = 95 kWh at 0.10, 120 kW at 15, 100.
BILL = """
[bill]
from = 2026-06-01
to = 2026-07-01

[[line]]
kind = "energy"
name = "Usage"
quantity = 95
price = 0.10
amount = 9.50

[[line]]
kind = "demand"
name = "Demand"
quantity = 120.0
price = 15.00
amount = 1800.00

[[line]]
kind = "fixed"
name = "Customer charge"
amount = 100.00
"""
LINES = """kind,name,quantity,unit,price,amount
energy,Usage,95,kWh,0.10,9.50
demand,Demand,120.0,kW,15.00,1800.00
fixed,Customer charge,,,,100.00
"""


@pytest.fixture
def files(tmp_path):
    texts = {
        "tariff.json": json.dumps(record(**GOLDEN)),
        "load.csv": LOAD,
        "uses.csv": USES,
        "parties.csv": PARTIES,
        "bill.toml": BILL,
        "bill.csv": LINES,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ask(capsys, files):
    def asked(command, *options):
        code = run_command(
            [
                *(command, "--tariff", str(files / "tariff.json")),
                *("--load", str(files / "load.csv"), "--time-zone", "Etc/GMT+5", "--json"),
                *map(str, options),
            ]
        )
        return code, json.loads(capsys.readouterr().out)

    return asked


def test_the_peak_is_shared_by_vehicle_and_station_and_billed_without(ask, files):
    code, answer = ask("attribute", "--uses", files / "uses.csv", "--without", 1)

    assert code == 0
    (peak,) = answer["peaks"]
    assert peak["set_by"] == "2026-06-01T00:15:00-05:00"
    assert [(share["party"], share["amount"]) for share in peak["by_vehicle"]] == [
        ("a", 900.0),
        ("b", 600.0),
        ("base load", 300.0),
    ]
    assert [share["party"] for share in peak["by_station"]] == ["s1", "s2", "base load"]
    (capped,) = answer["without_worst"]
    # 20 kW less at 15, and 20 x 0.25 kWh less at 0.10.
    assert (capped["cap_kw"], capped["saving"]) == (100.0, 300.5)


def test_a_bill_is_split_by_party_with_its_cost_per_distance(ask, files):
    code, answer = ask(
        "allocate", "--uses", files / "uses.csv", "--parties", files / "parties.csv",
        "--demand", "by_peak", "--fixed", "equally",
    )  # fmt: skip

    assert code == 0
    costs = {party["party"]: party for party in answer["parties"]}
    # Energy 30 kWh each at 0.10, demand 900 and 600, fixed 50 each.
    assert (costs["north"]["total"], costs["south"]["total"]) == (953.0, 653.0)
    assert costs["base load"]["total"] == 303.5
    # 953 / 40 km
    assert costs["north"]["cost_per_km"] == 23.825
    assert round(sum(cost["total"] for cost in costs.values()), 2) == answer["total"] == 1909.5


def test_by_station_each_station_is_a_party(ask, files):
    _, answer = ask("allocate", "--uses", files / "uses.csv", "--by", "station")

    assert {party["party"] for party in answer["parties"]} == {"s1", "s2", "base load"}


@pytest.mark.parametrize("options", [["bill.toml"], ["bill.csv", "--from", "2026-06-01", "--to",
                                                     "2026-07-01"]])  # fmt: skip
def test_a_right_bill_is_clean(ask, files, options):
    code, answer = ask("audit-bill", "--bill", files / options[0], *options[1:])

    assert (code, answer["clean"], answer["variance"], answer["causes"]) == (0, True, 0.0, [])


def test_a_wrong_bill_is_3_with_its_cause(ask, files):
    (files / "bill.toml").write_text(BILL.replace("120.0", "1200.0").replace("1800.", "18000."))

    code, answer = ask("audit-bill", "--bill", files / "bill.toml", "--region", "US-NY")

    assert (code, answer["clean"], answer["variance"]) == (3, False, 16200.0)
    assert [cause["kind"] for cause in answer["causes"]] == ["wrong_multiplier"]
    assert [line["agrees"] for line in answer["lines"]] == [True, False, True]


def test_a_tariff_that_was_in_force_before_is_recognised(ask, files):
    former = files / "former.json"
    former.write_text(json.dumps(record(**GOLDEN, energyratestructure=[[{"rate": 0.2}]])))
    (files / "bill.toml").write_text(BILL.replace("0.10", "0.20").replace("9.50", "19.00"))

    _, answer = ask("audit-bill", "--bill", files / "bill.toml", "--former", former)

    assert [cause["kind"] for cause in answer["causes"]] == ["wrong_tariff"]


@pytest.mark.parametrize(
    ("command", "options", "where"),
    [
        ("attribute", ["--site", "Leeds"], "--load, --site"),
        ("attribute", ["--without", "0"], "counts"),
        ("attribute", ["--line", "Energy"], "component"),
        ("allocate", ["--from", "2026-06-01"], "--from, --to"),
        ("audit-bill", ["--bill", "bill.csv"], "bill.csv"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(ask, files, command, options, where):
    given = [str(files / one) if one.startswith("bill.") else one for one in options]

    code, answer = ask(command, *given)

    assert code == 2
    assert answer["error"]["where"] == where


def test_sessions_in_the_store_are_asked_about_too(capsys, monkeypatch, tmp_path):
    settings = Settings(home=tmp_path)
    import_sessions(
        settings.warehouse_path,
        session("a", row=1, vehicle_id="van-1", energy_wall_kwh=10.5),
        session("b", row=2, station_id="cp2", vehicle_id="van-2", energy_wall_kwh=3.5),
    )
    import_meter(
        settings.warehouse_path,
        *(
            meter_row(minute=15 * step, power_kw=20.0, row=step + 1, interval_s=900)
            for step in range(8)
        ),
    )
    save_tariff_record(
        settings.warehouse_path,
        json.dumps(record(**GOLDEN)),
        tariff_id="test",
        saved_at=datetime(2026, 12, 1, tzinfo=UTC),
    )
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    bill = tmp_path / "bill.csv"
    bill.write_text(LINES.replace("95,", "14,").replace("9.50", "1.40").replace("120.0", "14.0")
                    .replace("1800", "210"))  # fmt: skip
    month = ("--from", MIDNIGHT.date().replace(day=1), "--to", "2026-12-01")

    def ask(command, *options):
        named = ("--tariff", "test", "--site", "Leeds", "--max-kw", "7")
        code = run_command([command, *named, *map(str, options)])
        return code, json.loads(capsys.readouterr().out)

    _, peaks = ask("attribute")
    _, metered = ask("attribute", "--meter", "main")
    _, split = ask("allocate", *month)
    code, _ = ask("audit-bill", "--bill", bill, *month)

    # Both draw 7 kW from midnight on: 14 kW at 15 $/kW; the meter says 20.
    assert {s["party"]: s["amount"] for s in peaks["peaks"][0]["by_vehicle"]} == {
        "van-1": 105.0,
        "van-2": 105.0,
    }
    assert {s["party"]: s["quantity"] for s in metered["peaks"][0]["by_station"]} == {
        "cp1": 7.0,
        "cp2": 7.0,
        "base load": 6.0,
    }
    assert sum(party["total"] for party in split["parties"]) == split["total"]
    assert code == 0


def test_an_option_of_a_file_beside_a_site_is_refused_not_dropped(
    capsys: pytest.CaptureFixture[str],
):
    code = run_command(["allocate", "--site", "Yard", "--tariff", "t", "--history", "earlier.csv"])

    assert code == 2
    assert json.loads(capsys.readouterr().out)["error"]["where"] == "--history"

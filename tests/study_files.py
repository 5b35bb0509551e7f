"""A small study in files: six vans, two kinds of stations, two nights."""

from pathlib import Path

from tests.places import DATA

HEAD = "vehicle_id,arrival_local,departure_local,energy_wall_kwh,pool\n"
VANS = "".join(
    f"van-{number},2026-11-02T17:00,2026-11-03T06:00,{20 + number}.0,{'dc' if number > 4 else 'ac'}\n"
    for number in range(1, 7)
)
STATIONS = "station_id,connector_id,pool,max_kw,min_kw\n" + "".join(
    f"{kind.upper()}-{number},1,{kind},{power},1.5\n"
    for kind, power, count in (("ac", 7.2, 3), ("dc", 50.0, 1))
    for number in range(1, count + 1)
)
STUDY = """
name = "small"
seeds = 2

[depot]
dwells = "dwells.csv"
stations = "stations.csv"
tariff = "tariff.json"
service_kw = 80.0
site_limit_kw = 60.0
time_zone = "America/New_York"
first = 2026-11-02
days = 2

[base]
policy = "fcfs"
arrival_sigma_s = 900.0

[tariffs]
same = "tariff.json"

[axes]
ac_stations = [3, 4]
operating_limit_kw = [20.0, 60.0]
"""


def write_study(folder: Path, *, text: str = STUDY) -> Path:
    (folder / "dwells.csv").write_text(HEAD + VANS)
    (folder / "stations.csv").write_text(STATIONS)
    (folder / "tariff.json").write_bytes((DATA / "reference_night" / "tariff.json").read_bytes())
    path = folder / "study.toml"
    path.write_text(text)
    return path

"""How well the energy of a stay is known beforehand: five public logs, day by day on later days.

    python -m benchmarks.energy_need --logs FOLDER [--only leeds]

Every day after two weeks is predicted from the days before it, never from later ones. Beside what
is learned stand the mean of the class (all of a log: none names classes) and the mean of the same
vehicle, account or station on the same weekday; mean absolute errors in kWh. Bands are 90 %.
The second figure of each log knows how long the stay will be, as a depot with departures does. The
third table is the cold start: by how many earlier stays of the same vehicle were known.
Last: what state of charge on arrival is worth at a DC station, and consumption on three drives.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.inputs.session_logs import LOGS
from depotlib.model.calendar import zone
from depotlib.needs.rolling import WARM_UP_DAYS, HeldOut, rolled
from depotlib.needs.stay_energy import stay_history

STARTS: Final = ((0, 0), (1, 1), (2, 4), (5, 19), (20, 10**9))
EPFL: Final = "epfl_dc172kW_sessions_2022-04_09.csv"
TWIZY: Final = (
    "twizy_T1_07_01_2021.csv",
    "twizy_T3_05_25_2021_04.csv",
    "twizy_T3_06_07_2021.csv",
)
TWIZY_KWH: Final = 6.1
"""Battery of a Renault Twizy, from its maker's data sheet."""
PIECE_KM: Final = 2.0


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--logs", type=Path, required=True, help="folder with sessions/ in it")
    parser.add_argument("--only", default="", help="only logs whose title holds this")
    given = parser.parse_args()
    colder: list[tuple[str, HeldOut]] = []
    print("| log | stays held out | learned | class mean | same weekday | in band | band kWh |")
    print("|---|---|---|---|---|---|---|")
    for title, file, time_zone, read in LOGS:
        if given.only.lower() not in title.lower():
            continue
        sessions = read(given.logs / "sessions" / file)
        for knows_departure in (False, True):
            history = stay_history(
                sessions, time_zone=zone(time_zone), knows_departure=knows_departure
            )
            held_out = rolled(history.rows).held_out
            words = f"{title}, length of stay known" if knows_departure else title
            print(_row(words, held_out))
            if not knows_departure:
                colder.append((title, held_out))
    print("\nCold start: error by earlier stays of the same one (learned / class mean; stays)")
    for title, held_out in colder:
        print(
            f"| {title} | "
            + " | ".join(_start(held_out, least=least, most=most) for least, most in STARTS)
            + " |"
        )
    if not given.only:
        _arrival_soc(given.logs / "sessions" / EPFL)
        _drives(given.logs / "telematics")


def _row(title: str, held_out: HeldOut) -> str:
    error = held_out.error
    return (
        f"| {title} | {error.rows:,} | {error.model_kwh:.2f} | {error.class_mean_kwh:.2f} | "
        f"{error.weekday_mean_kwh:.2f} | {error.coverage_share:.1%} | {error.width_kwh:.1f} |"
    )


def _start(held_out: HeldOut, *, least: int, most: int) -> str:
    error = held_out.between(least, most).error
    ends = (
        f"{least}" if most == least else f"{least}-{most}" if most < STARTS[-1][1] else f"{least}+"
    )
    if not error.rows:
        return f"{ends}: none"
    return f"{ends}: {error.model_kwh:.2f} / {error.class_mean_kwh:.2f} ({error.rows:,})"


def _arrival_soc(path: Path) -> None:
    """Print what knowing the state of charge on arrival is worth: day by day, nothing else known."""
    log = (
        pl.read_csv(path)
        .with_columns(
            at=pl.col("Arrival").str.to_datetime(),
            energy_kwh=pl.col("Energy (Wh)") / 1000,
            arrival_soc=pl.col("SOC arrival") / 100,
        )
        .filter((pl.col("energy_kwh") > 0) & (pl.col("SOC departure") > pl.col("SOC arrival")))
        .sort("at")
        .with_columns(day=pl.col("at").dt.date().to_physical(), weekday=pl.col("at").dt.weekday())
    )
    errors: list[tuple[float, float, float]] = []
    for day in log["day"].unique().sort().to_list():
        past, today = log.filter(pl.col("day") < day), log.filter(pl.col("day") == day)
        if past["day"].n_unique() < WARM_UP_DAYS:
            continue
        slope, level = np.polyfit(past["arrival_soc"], past["energy_kwh"], 1)
        mean_kwh = past["energy_kwh"].mean()
        for weekday, soc, energy_kwh in today.select(
            "weekday", "arrival_soc", "energy_kwh"
        ).iter_rows():
            same = past.filter(pl.col("weekday") == weekday)["energy_kwh"]
            plain_kwh = same.mean() if len(same) else mean_kwh
            beliefs = (level + slope * soc, mean_kwh, plain_kwh)
            errors.append(tuple(abs(energy_kwh - belief) for belief in beliefs))
    known, overall, weekday = np.mean(errors, axis=0)
    print(
        f"\nEPFL DC station, {len(errors)} sessions held out: with the state of charge on arrival "
        f"{known:.2f} kWh, mean {overall:.2f}, same weekday {weekday:.2f}"
    )


def _drives(folder: Path) -> None:
    """Print what the three drives of one make took, and how far one tells of the others."""
    drives = [_pieces(folder / name) for name in TWIZY]
    print("\nTwizy drives: km, fall of the state of charge, kWh/km at 6.1 kWh")
    for name, (pieces_km, pieces_kwh) in zip(TWIZY, drives, strict=True):
        km, kwh = pieces_km.sum(), pieces_kwh.sum()
        print(f"| {name} | {km:.1f} km | {kwh / TWIZY_KWH:.1%} | {kwh / km:.3f} kWh/km |")
    for index, name in enumerate(TWIZY):
        others = [drive for number, drive in enumerate(drives) if number != index]
        per_km = sum(kwh.sum() for _, kwh in others) / sum(km.sum() for km, _ in others)
        km, kwh = drives[index]
        off = per_km * km.sum() / kwh.sum() - 1
        print(f"| {name} from the other two | {per_km * km.sum():.2f} kWh, {off:+.0%} |")


def _pieces(path: Path) -> tuple[np.ndarray, np.ndarray]:
    drive = pl.read_csv(path)
    km = drive["Speed"].to_numpy() / 3600
    piece = (km.cumsum() // PIECE_KM).astype(int)
    soc = drive["Soc"].to_numpy() / 100
    edges = [np.flatnonzero(piece == number) for number in np.unique(piece)]
    return (
        np.array([km[rows].sum() for rows in edges]),
        np.array([(soc[rows[0]] - soc[rows[-1]]) * TWIZY_KWH for rows in edges]),
    )


if __name__ == "__main__":
    main()

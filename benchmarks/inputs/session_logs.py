"""Public session logs as frames of sessions, read here on their own, without the importers."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.model.frames import SessionFrame

UK_DAY_FIRST: Final = "%d/%m/%Y %H:%M"
NORWAY: Final = "%d.%m.%Y %H:%M"


def leeds_depot(path: Path) -> pl.DataFrame:
    """Return the fleet depot log of Leeds: its one account is shared, its stations tell apart."""
    log = pl.read_csv(path)
    return _sessions(
        log,
        party=pl.col("Site"),
        start=_local("Start", form=UK_DAY_FIRST, time_zone="Europe/London"),
        end=_local("End", form=UK_DAY_FIRST, time_zone="Europe/London"),
        energy_kwh=pl.col("Total_Energy (kWh)"),
    )


def sap_at_home(path: Path) -> pl.DataFrame:
    """Return the sessions of SAP's company cars at the drivers' homes: one wallbox a driver."""
    return _sap(path, place="Domicile")


def sap_at_work(path: Path) -> pl.DataFrame:
    """Return the sessions of SAP's company cars at work: the station is known, the car is not."""
    return _sap(path, place="Travail")


def dundee(path: Path) -> pl.DataFrame:
    """Return the public sessions of Dundee by user."""
    log = pl.read_csv(path, infer_schema=False)
    both = [(pl.col(f"{end} Date") + " " + pl.col(f"{end} Time")) for end in ("Start", "End")]
    start, end = (
        one.str.to_datetime(UK_DAY_FIRST, strict=False, time_unit="us").dt.replace_time_zone(
            "Europe/London", ambiguous="earliest", non_existent="null"
        )
        for one in both
    )
    energy_kwh = pl.col("Total kWh").cast(pl.Float64, strict=False)
    return _sessions(log, party=pl.col("User ID"), start=start, end=end, energy_kwh=energy_kwh)


def norway(path: Path) -> pl.DataFrame:
    """Return the sessions of the private bays of five garages in Trondheim by user."""
    log = pl.read_csv(path, separator=";", infer_schema=False)
    return _sessions(
        log.filter(pl.col("User_type") == "Private"),
        party=pl.col("User_ID"),
        start=_local("Start_plugin", form=NORWAY, time_zone="Europe/Oslo"),
        end=_local("End_plugout", form=NORWAY, time_zone="Europe/Oslo"),
        energy_kwh=pl.col("El_kWh").str.replace(",", ".").cast(pl.Float64, strict=False),
    )


Reader = Callable[[Path], pl.DataFrame]
LOGS: Final[tuple[tuple[str, str, str, Reader], ...]] = (
    (
        "Leeds fleet depots, by station",
        "leeds_fleet_depot_knowsthorpe_2020.csv",
        "Europe/London",
        leeds_depot,
    ),
    (
        "SAP company cars at home, by wallbox",
        "sap_labs_company_cars_2019.csv",
        "Europe/Paris",
        sap_at_home,
    ),
    (
        "SAP company cars at work, by station",
        "sap_labs_company_cars_2019.csv",
        "Europe/Paris",
        sap_at_work,
    ),
    ("Norwegian garages, by user", "norway_apartments_5_garages.csv", "Europe/Oslo", norway),
    ("Dundee public points, by user", "dundee_2018-06_09.csv", "Europe/London", dundee),
)
"""Title, file, time zone, reader."""


def _sap(path: Path, *, place: str) -> pl.DataFrame:
    log = pl.read_csv(path, separator=";").filter(pl.col("Type Lieu de charge") == place)
    start, end = (
        pl.col(name).str.to_datetime(time_zone="UTC", time_unit="us", strict=False)
        for name in ("Date demarrage", "Date fin")
    )
    energy_kwh = pl.col("Consommation totale (Wh)") / 1000
    return _sessions(log, party=pl.col("ID borne"), start=start, end=end, energy_kwh=energy_kwh)


def _local(column: str, *, form: str, time_zone: str) -> pl.Expr:
    return (
        pl.col(column)
        .str.to_datetime(form, strict=False, time_unit="us")
        .dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    )


def _sessions(
    log: pl.DataFrame, *, party: pl.Expr, start: pl.Expr, end: pl.Expr, energy_kwh: pl.Expr
) -> pl.DataFrame:
    rows = log.select(
        party=party.cast(pl.String),
        start=start.dt.convert_time_zone("UTC"),
        end=end.dt.convert_time_zone("UTC"),
        energy_kwh=energy_kwh,
    ).with_row_index("row", offset=1)
    empty = SessionFrame.create_empty()
    known = rows.filter(
        pl.col("start").is_not_null()
        & (pl.col("energy_kwh").is_null() | (pl.col("energy_kwh") >= 0))
    ).select(
        session_key=pl.format("log/{}", "row"),
        source=pl.lit("log"),
        vehicle_id="party",
        plug_start="start",
        plug_end="end",
        energy_wall_kwh="energy_kwh",
        is_estimated=pl.lit(value=False),
        src_file=pl.lit("log"),
        src_row=pl.col("row").cast(pl.Int64),
    )
    return SessionFrame.validate(
        pl.concat([empty, known], how="diagonal_relaxed").select(empty.columns), cast=True
    )

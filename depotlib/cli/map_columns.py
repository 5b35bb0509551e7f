"""``depot map``: guesses what the columns of a table hold; keeps a mapping for its header."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.model.column_mapping import ColumnMapping, mapping_to_toml
from depotlib.model.mapping_guess import FieldGuess
from depotlib.settings import read_settings
from depotlib.workflows.map_columns import (
    guess_mapping,
    guessed_mapping,
    preview_mapped,
    read_mapping,
    save_mapping,
)


class KindChoice(StrEnum):
    """What a table holds."""

    SESSIONS = "sessions"
    TELEMATICS = "telematics"
    METER = "meter"
    TRIPS = "trips"
    DUTIES = "duties"
    PRICES = "prices"
    VEHICLES = "vehicles"


def command(
    file: Annotated[Path, typer.Argument(help="a table: CSV, TSV, XLSX, Parquet")],
    *,
    kind: Annotated[KindChoice | None, typer.Option(help="what it holds; default: guessed")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="a mapping to try and keep instead of a guess")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="zone of local times, IANA name")] = None,
    vehicle_id: Annotated[
        str | None, typer.Option(help="vehicle of every row, where no column names it")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="write the mapping here (TOML)")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="remember it for this header")] = False,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
) -> int:
    """Print each column with the reason of the guess, the mapping, and rows as it reads them."""
    told: dict[str, object] = {"file": str(file)}
    if mapping is not None:
        chosen = read_mapping(mapping)
    else:
        guess = guess_mapping(file, kind=None if kind is None else kind.value)
        told |= {
            "kind": guess.kind,
            "confidence": guess.confidence_share,
            "fields": list(map(_field, guess.fields)),
            "missing": guess.missing,
        }
        if set(guess.missing) - ({"vehicle_id"} if vehicle_id else set()):
            told |= {"mapping": None, "rows": list[object]()}
            print_json(told)
            return EXIT_DONE
        chosen = guessed_mapping(file, kind=guess.kind, time_zone=time_zone, vehicle_id=vehicle_id)
    rows = preview_mapped(file, chosen)
    told |= {"mapping": mapping_to_toml(chosen), "rows": rows.to_dicts()}
    if out is not None:
        out.write_text(mapping_to_toml(chosen), encoding="utf-8")
    if keep:
        told["version"] = _kept(chosen, home=home)
    print_json(told)
    return EXIT_DONE


def _field(guess: FieldGuess) -> dict[str, object]:
    field = guess.field
    return {
        "fills": guess.fills,
        "column": field.column,
        "time_column": field.time_column,
        "zone_column": field.zone_column,
        "unit": field.unit,
        "confidence": guess.confidence_share,
        "reason": guess.reason,
    }


def _kept(mapping: ColumnMapping, *, home: Path | None) -> int:
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    return save_mapping(settings, mapping, now=settings.depot_clock().now())

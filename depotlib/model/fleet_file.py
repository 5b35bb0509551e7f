"""A fleet as a JSON text: its vehicle classes and vehicles (docs/fleet-file.md)."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import TypeAdapter, ValidationError

from depotlib.errors import ModelError
from depotlib.model.faulty_field import fault_of
from depotlib.model.fleet import Fleet

FLEET: Final = TypeAdapter(Fleet)


def fleet_from_json(text: str, *, where: str) -> Fleet:
    """Return the fleet of a JSON text.

    Parameters
    ----------
    text : str
    where : str
        File name, for the error.

    Raises
    ------
    ModelError
        If it is not JSON, holds a wrong field, or describes what cannot exist.
    """
    try:
        return FLEET.validate_json(text)
    except ValidationError as error:
        raise _field_error(error, where=where) from error
    except ModelError as error:
        raise ModelError(error.what, where=f"{where}, {error.where}", hint=error.hint) from error


def fleet_from_rows(
    classes: Sequence[Mapping[str, object]], vehicles: Sequence[Mapping[str, object]], *, where: str
) -> Fleet:
    """Return the fleet of rows, each with the fields of its dataclass; errors as of a text."""
    try:
        return FLEET.validate_python({"classes": classes, "vehicles": vehicles})
    except ValidationError as error:
        raise _field_error(error, where=where) from error


def fleet_rows(fleet: Fleet) -> tuple[list[Mapping[str, object]], list[Mapping[str, object]]]:
    """Return classes and vehicles as rows that `fleet_from_rows` reads."""
    rows = FLEET.dump_python(fleet, mode="json")
    return rows["classes"], rows["vehicles"]


def fleet_to_json(fleet: Fleet) -> str:
    """Return a fleet as a JSON text that `fleet_from_json` reads."""
    return FLEET.dump_json(fleet, indent=1).decode() + "\n"


def _field_error(error: ValidationError, *, where: str) -> ModelError:
    return ModelError(
        fault_of(error),
        where=where,
        hint="see docs/fleet-file.md for every field; rows count from 1",
    )

"""Rows of typed fields as a sheet that people edit: what each column may hold, and back again."""

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Final, Literal, Union, cast, get_args, get_origin, get_type_hints

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from depotlib.errors import ModelError
from depotlib.ui.field_words import CHOICES, FIELDS
from depotlib.ui.state import begun_sheet, keep_sheet, of_depot, sheet_draft
from depotlib.ui.wording import heading_of, shown_value, stored_value

Cell = str | int | float | bool | list[object] | None
Row = dict[str, Cell]
ColumnKind = Literal["text", "whole", "number", "truth", "choice", "names", "numbers"]
NUMBERS: Final[dict[ColumnKind, str]] = {"whole": "Int64", "number": "Float64", "truth": "boolean"}


def column_kinds(of: type[object]) -> dict[str, ColumnKind]:
    """Return what each field of a row type is edited as, in the order of its fields."""
    return {name: _kind(_without_none(hint)) for name, hint in _hints(of).items()}


def draw_sheet(
    rows: Sequence[Row],
    of: type[object],
    *,
    key: str,
    is_open: bool = True,
    fixed: Sequence[str] = (),
) -> pd.DataFrame:
    """Return rows as a person edited them, for `rows_of` to read once all sheets are drawn.

    A sheet that is not drawn in some runs of its page, since another part of it is open, keeps what
    was written into it; a page that is left forgets it.

    Parameters
    ----------
    rows : sequence of dict
        As JSON would hold them.
    of : type
        Row type: a pydantic model or a dataclass.
    key : str
        Unique on the page; another key begins anew, and so does another depot.
    is_open : bool, optional
        Whether rows may be added and taken out.
    fixed : sequence of str, optional
        Fields that are shown and not edited.
    """
    name = of_depot(key)
    draft = begun_sheet(name, lambda: _frame(rows, of))
    seen = st.data_editor(
        draft.begun,
        key=draft.key,
        hide_index=True,
        num_rows="dynamic" if is_open else "fixed",
        width="stretch",
        placeholder="",
        disabled=list(fixed),
        column_config=_columns(of),
    )
    keep_sheet(name, replace(draft, seen=seen))
    return seen


def sheet_as_left(key: str) -> pd.DataFrame | None:
    """Return a sheet that is not drawn in this run as it was last edited; None: it never was drawn.

    Parameters
    ----------
    key : str
        As it was drawn.
    """
    draft = sheet_draft(of_depot(key))
    return None if draft is None else draft.seen


def rows_of(
    edited: pd.DataFrame, of: type[object], *, before: Sequence[Mapping[str, object]] = ()
) -> list[Row]:
    """Return the rows of an edited sheet; empty cells and rows without any are left out.

    Parameters
    ----------
    edited : pandas.DataFrame
        In the units that the sheet shows.
    of : type
        Row type, as it was drawn.
    before : sequence of mapping, optional
        The rows that were drawn: a figure that was left as it was keeps every digit it had.

    Raises
    ------
    ModelError
        If a cell that holds a list cannot be read as one: which row, which column.
    """
    kinds = column_kinds(of)
    kept = {
        name: _stored_by_shown(name, before) for name, kind in kinds.items() if kind == "number"
    }
    rows: list[Row] = []
    records = cast("list[dict[str, object]]", edited.to_dict("records"))
    for number, cells in enumerate(records, start=1):
        row = {
            name: _stored(
                name,
                _read(value, kinds[name], where=f"row {number}, {FIELDS.get(name, name)}"),
                kept=kept.get(name, {}),
            )
            for name, value in cells.items()
            if not _is_empty(value)
        }
        if row:
            rows.append(row)
    return rows


def _frame(rows: Sequence[Row], of: type[object]) -> pd.DataFrame:
    kinds = column_kinds(of)
    columns = {
        name: pd.Series(
            [_shown(name, _written(row.get(name), kind)) for row in rows],
            dtype=NUMBERS.get(kind, "object"),
        )
        for name, kind in kinds.items()
    }
    return pd.DataFrame(columns)


def _columns(of: type[object]) -> dict[str, ColumnConfig]:
    shown: dict[str, ColumnConfig] = {}
    for name, hint in _hints(of).items():
        label, plain = heading_of(name, FIELDS.get(name, name)), _without_none(hint)
        match _kind(plain):
            case "choice":
                shown[name] = st.column_config.SelectboxColumn(
                    label,
                    options=list(get_args(plain)),
                    format_func=lambda choice: CHOICES.get(str(choice), str(choice)),
                )
            case "whole":
                shown[name] = st.column_config.NumberColumn(label, step=1)
            case "number":
                # Six digits of a latitude are eleven metres; the seventh decimal is a centimetre.
                digits = "%.7f" if name.endswith("_degrees") else "%.6g"
                shown[name] = st.column_config.NumberColumn(label, format=digits)
            case "truth":
                shown[name] = st.column_config.CheckboxColumn(label)
            case "text" | "names" | "numbers":
                shown[name] = st.column_config.TextColumn(label)
    return shown


def _hints(of: type[object]) -> dict[str, object]:
    return {
        name: hint
        for name, hint in get_type_hints(of).items()
        if not name.startswith(("_", "model_"))
    }


def _without_none(hint: object) -> object:
    """Return an annotation without its None."""
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint
    rest = [one for one in get_args(hint) if one is not types.NoneType]
    return rest[0] if len(rest) == 1 else hint


def _kind(hint: object) -> ColumnKind:
    plain: dict[object, ColumnKind] = {bool: "truth", int: "whole", float: "number"}
    origin = get_origin(hint)
    if origin is Literal:
        return "choice"
    if origin is tuple:
        return "names" if str in get_args(hint) else "numbers"
    return plain.get(hint, "text")


def _written(cell: Cell, kind: ColumnKind) -> Cell:
    if not isinstance(cell, list):
        return cell
    if not cell:
        return None
    return ", ".join(map(str, cell)) if kind == "names" else json.dumps(cell)


def _shown(name: str, cell: Cell) -> Cell:
    """Return a stored cell in the unit of its sheet."""
    return shown_value(name, cell) if isinstance(cell, float) else cell


def _stored(name: str, cell: Cell, *, kept: Mapping[float, float]) -> Cell:
    if not isinstance(cell, float):
        return cell
    return kept.get(cell, stored_value(name, cell))


def _stored_by_shown(name: str, before: Sequence[Mapping[str, object]]) -> dict[float, float]:
    """Return the stored figures of a column by what they were shown as."""
    figures = [value for row in before if isinstance(value := row.get(name), float)]
    return {shown_value(name, value): value for value in figures}


def _is_empty(value: object) -> bool:
    return (
        value is None
        or value is pd.NA
        or value == ""
        or (isinstance(value, float) and isnan(value))
    )


def _read(value: object, kind: ColumnKind, *, where: str) -> Cell:
    if kind == "names":
        return [one.strip() for one in str(value).split(",")]
    if kind == "numbers":
        return _numbers(str(value).strip(), where=where)
    return cast("Cell", value)


def _numbers(text: str, *, where: str) -> list[object]:
    try:
        return cast("list[object]", json.loads(text if text.startswith("[") else f"[{text}]"))
    except ValueError as error:
        raise ModelError(
            f"{text!r} is no list of numbers",
            where=where,
            hint="write it as 2, 3, 1 or [[52.5, 13.4]]",
        ) from error

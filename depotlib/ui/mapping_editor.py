"""Saying what the columns of a table hold: a guess with its reasons, to be mended and confirmed."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import available_timezones

import streamlit as st

from depotlib.errors import DepotError
from depotlib.model.calendar import zone
from depotlib.model.column_mapping import (
    MAPPED_COLUMNS,
    NEEDED_COLUMNS,
    TEXT_COLUMNS,
    TIME_COLUMNS,
    ColumnField,
    ColumnMapping,
    MappingKind,
)
from depotlib.model.mapping_guess import FieldGuess, MappingGuess
from depotlib.model.unit import Unit, dimension_of
from depotlib.ui.errors_shown import show_error
from depotlib.ui.import_tables import shown_table
from depotlib.ui.mapping_words import COLUMNS, KINDS, units_of
from depotlib.ui.tables import show_table
from depotlib.ui.wording import plain
from depotlib.workflows.import_files import GivenFile
from depotlib.workflows.map_columns import (
    FieldChoice,
    FilePreview,
    chosen_mapping,
    guess_mapping,
    preview_mapped,
)

NOTHING: Final = "nothing in this file"
SAME: Final = "the same in every row: …"
_WIDTHS: Final = (3, 4, 3, 6)


def edit_mapping(
    preview: FilePreview, given: GivenFile, *, time_zone: str | None
) -> ColumnMapping | None:
    """Return the mapping that a person confirms for a table, or None while it is not.

    Parameters
    ----------
    preview : FilePreview
        Of a table.
    given : GivenFile
    time_zone : str or None
        Taken for local times, if a person said so for all files.
    """
    key = preview.file
    kind = _pick_kind(preview, key=key)
    guess = guess_mapping(given, kind=kind, part=preview.file)
    choices = _pick_fields(guess, preview.header, key=key)
    left, right = st.columns(2)
    with left:
        title = st.text_input("Name of this kind of file", preview.file, key=f"title_{key}")
    with right:
        names = sorted(available_timezones())
        file_zone = st.selectbox(
            "Time zone of its local times",
            names,
            index=names.index(time_zone) if time_zone in names else None,
            placeholder="Its times name their offsets",
            key=f"zone_{key}",
        )
    try:
        mapping = chosen_mapping(preview, choices, kind=kind, title=title, time_zone=file_zone)
        _show_mapped(preview, given, mapping=mapping)
    except DepotError as error:
        show_error(error)
        return None
    is_confirmed = st.button(
        "Read such files so",
        type="primary",
        key=f"confirm_{key}",
        help="Remembered for every file with these columns, and used by depot import as well.",
    )
    return mapping if is_confirmed else None


def _pick_kind(preview: FilePreview, *, key: str) -> MappingKind:
    kinds = list(KINDS)
    guessed = preview.guess.kind if preview.guess is not None else kinds[0]
    return st.selectbox(
        "What the table holds",
        kinds,
        index=kinds.index(guessed),
        format_func=lambda kind: KINDS[kind],
        key=f"kind_{key}",
    )


def _pick_fields(guess: MappingGuess, header: Sequence[str], *, key: str) -> list[FieldChoice]:
    """Return where each canonical column comes from; those that nothing fills are left out."""
    guessed = {one.fills: one for one in guess.fields}
    first = [*NEEDED_COLUMNS[guess.kind], *guessed]
    every = st.toggle("Show columns that nothing was found for", key=f"every_{key}")
    shown = [name for name in MAPPED_COLUMNS[guess.kind] if every or name in first]
    choices: list[FieldChoice] = []
    for name in shown:
        field = _pick_field(
            name, guessed.get(name), header=header, key=f"{key}_{guess.kind}_{name}"
        )
        if field is not None:
            choices.append(FieldChoice(name, field))
    return choices


def _pick_field(
    name: str, guess: FieldGuess | None, *, header: Sequence[str], key: str
) -> ColumnField | None:
    label, column_part, extra_part, reason_part = st.columns(_WIDTHS, vertical_alignment="center")
    label.markdown(f"**{COLUMNS[name]}**")
    options = [NOTHING, *([SAME] if name in TEXT_COLUMNS else []), *header]
    with column_part:
        column = st.selectbox(
            COLUMNS[name],
            options,
            index=options.index(guess.field.column or NOTHING) if guess else 0,
            key=f"column_{key}",
            label_visibility="collapsed",
        )
    kept = guess if guess is not None and column == guess.field.column else None
    if kept is not None:
        reason_part.caption(plain(kept.reason))
    if column == NOTHING:
        return None
    with extra_part:
        if column == SAME:
            text = st.text_input("Text", key=f"same_{key}", label_visibility="collapsed")
            return ColumnField(constant=text.strip()) if text.strip() else None
        return _pick_extra(name, column, guess=kept, header=header, key=key)


def _pick_extra(
    name: str, column: str, *, guess: FieldGuess | None, header: Sequence[str], key: str
) -> ColumnField:
    """Return a column with its unit, or with the column of its time of day."""
    if name in TIME_COLUMNS:
        if guess is not None and guess.field.unit:
            return guess.field
        options = ["", *header]
        clock = st.selectbox(
            "Time of day in",
            options,
            index=options.index((guess.field.time_column if guess else None) or ""),
            format_func=lambda one: f"and {one}" if one else "with time of day",
            key=f"clock_{key}",
            label_visibility="collapsed",
        )
        return ColumnField(column=column, time_column=clock or None)
    dimension = dimension_of(name)
    if dimension is None:
        return ColumnField(column=column)
    units = units_of(dimension)
    unit: Unit = st.selectbox(
        "Unit",
        units,
        index=units.index(guess.field.unit) if guess and guess.field.unit in units else 0,
        format_func=lambda one: one or "judged",
        key=f"unit_{key}",
        label_visibility="collapsed",
    )
    return ColumnField(column=column, unit=unit)


def _show_mapped(preview: FilePreview, given: GivenFile, *, mapping: ColumnMapping) -> None:
    rows = preview_mapped(given, mapping, part=preview.file)
    st.markdown("**As it would be read**")
    show_table(
        shown_table(rows, time_zone=zone(mapping.time_zone or "UTC")),
        key=f"mapped_{preview.file}",
        alt="The first rows as they would be read",
        is_offered=False,
    )

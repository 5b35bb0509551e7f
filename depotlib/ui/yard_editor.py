"""Bays on a floor plan: the picture of the yard, a sheet of places beside it, rows laid out."""

from dataclasses import asdict, dataclass, replace
from typing import Final, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from depotlib.charts.floor_plan import bay_places, floor_plan
from depotlib.errors import DepotError
from depotlib.model.display import measure_of
from depotlib.model.site_tables import SiteTables
from depotlib.model.yard import BayNote, RowLayout, Yard, notes_of
from depotlib.ui.drafts import YardDraft
from depotlib.ui.errors_shown import show_error
from depotlib.ui.field_words import FIELDS
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.page import Bench
from depotlib.ui.saving import newest_version
from depotlib.ui.sheets import Row, draw_sheet, rows_of
from depotlib.ui.state import (
    begin_field,
    begin_yard_anew,
    display,
    keep_fields,
    set_yard_draft,
    yard_draft,
)
from depotlib.ui.wording import counted, heading_of, in_units, plain, shown_value, stored_value
from depotlib.workflows.lay_out_yard import (
    EVERY,
    UNPLACED,
    BayInDegrees,
    BayInMetres,
    bays_meant,
    in_rows,
    rows_in_degrees,
    rows_in_metres,
    with_ground,
    with_rows,
    with_yard,
    yard_of,
    yard_row,
)
from depotlib.workflows.set_up_depot import DepotSetUp

UNIT: Final = "bay_unit"
IN_METRES: Final = "From the corner"
IN_DEGREES: Final = "In degrees"
GROUND: Final = ("corner_latitude_degrees", "corner_longitude_degrees", "width_m", "depth_m")
ROWS: Final = (
    *("rows_of", "rows_per", "rows_heading"),
    *("rows_pitch_m", "rows_row_gap_m", "rows_first_east_m", "rows_first_north_m"),
)
"""Fields of rows that are not laid out yet."""
USUAL: Final = RowLayout(bays_per_row=10)
MOST_NOTES: Final = 5


@dataclass(frozen=True, slots=True)
class YardEdit:
    """A yard as it was edited on a page.

    Parameters
    ----------
    place, wrong : DeltaGenerator or None
        Where it is saved, and where it is said what is wrong; None: it is not on the page now.
    before, after : Yard
    error : DepotError or None
        Why it cannot be.
    """

    place: DeltaGenerator | None
    wrong: DeltaGenerator | None
    before: Yard
    after: Yard
    error: DepotError | None = None

    def applied(self, site: SiteTables) -> SiteTables:
        """Return a site with this yard; as it was where nothing in the yard was edited.

        Raises
        ------
        DepotError
            If there can be no such yard.
        """
        if self.error is not None:
            raise self.error.with_traceback(None)
        return site if self.after == self.before else with_yard(site, self.after)


def edit_yard(bench: Bench, known: DepotSetUp, *, is_open: bool = True) -> YardEdit | None:
    """Show the yard from above with its bays as a sheet; None for a depot without a site file.

    What was edited is saved with the rest of the site, by `edit_site`.

    Parameters
    ----------
    bench : Bench
    known : DepotSetUp
    is_open : bool, optional
        False: show nothing, return the yard as it was left, and keep what stands in its fields.
    """
    if known.site is None:
        if is_open:
            st.info("This depot came without a site file. Give one to place its bays here.")
        return None
    before, version = yard_of(known.site), newest_version(bench.settings, "site", known=known)
    draft = yard_draft(version) or YardDraft(version, number=0, begun=before, seen=before)
    if not is_open:
        keep_fields((UNIT, *ROWS, *(f"{name}_{draft.key}" for name in GROUND)))
        return YardEdit(None, None, before=before, after=draft.seen, error=draft.error)
    place = st.container()
    wrong = place.container()
    left, right = place.columns([3, 2])
    # What cannot be leaves the picture as it last could be.
    after, error = draft.seen, None
    with right:
        try:
            after = _edited(draft)
        except DepotError as found:
            error = found
    set_yard_draft(replace(draft, seen=after, error=error))
    with left:
        _show(after)
    if bench.person is None or bench.person.may("planner"):
        with place.expander("Lay out in rows", expanded=bool(after.unplaced())):
            _lay_out(after, is_sound=error is None)
    return YardEdit(place, wrong, before=before, after=after, error=error)


def _show(yard: Yard) -> None:
    """Show the picture, and what looks wrong in it."""
    unplaced, notes = yard.unplaced(), notes_of(yard)
    if len(unplaced) == len(yard.bays):
        st.info(
            "No bay has a place yet. Give the yard's south-west corner, as any map shows it, and "
            "lay the bays out in rows; or write where each is. Vans that tell where they stand "
            "are then found in their bays."
        )
        if yard.corner is None:
            return
    show_figure(
        floor_plan(
            yard,
            noted={name for note in notes for name in note.connector_ids},
            measure=measure_of("east_m", display()),
            colours=theme_colours(),
        ),
        key="yard",
        data=bay_places(yard),
    )
    if 0 < len(unplaced) < len(yard.bays):
        st.caption(plain(f"Not drawn: {counted(len(unplaced), 'bay')} without a place."))
    _show_notes(notes)


def _show_notes(notes: tuple[BayNote, ...]) -> None:
    lines = [in_units(note.text) for note in notes[:MOST_NOTES]]
    if len(notes) > MOST_NOTES:
        lines.append(f"And {counted(len(notes) - MOST_NOTES, 'note')} more of this kind.")
    if lines:
        st.warning(plain(" ".join(lines)))


def _edited(draft: YardDraft) -> Yard:
    """Return the yard as a person has it in fields and sheet.

    Raises
    ------
    DepotError
        If there can be no such yard.
    """
    ground = _ask_ground(draft)
    unit = st.radio(
        "Places",
        [IN_METRES, IN_DEGREES],
        horizontal=True,
        key=UNIT,
        on_change=begin_yard_anew,
    )
    is_in_degrees = unit == IN_DEGREES
    of = BayInDegrees if is_in_degrees else BayInMetres
    rows = rows_in_degrees(draft.begun) if is_in_degrees else rows_in_metres(draft.begun)
    before = [asdict(one) for one in rows]
    drawn = draw_sheet(
        cast("list[Row]", before),
        of,
        key=f"bay_{draft.key}",
        is_open=False,
        fixed=("connector_id",),
    )
    yard = with_ground(ground, yard=draft.begun)
    return with_rows(rows_of(drawn, of, before=before), yard=yard)


def _ask_ground(draft: YardDraft) -> dict[str, object]:
    """Return corner and extent as they stand in their fields; those left as shown keep all digits."""
    row: dict[str, object] = {}
    known = yard_row(draft.begun)
    columns = st.columns(2)
    for index, name in enumerate(GROUND):
        stored = cast("float | None", known.get(name))
        shown = None if stored is None else shown_value(name, stored)
        begin_field(f"{name}_{draft.key}", shown)
        typed = columns[index % 2].number_input(
            heading_of(name, FIELDS[name]),
            value=None,
            format="%.6f" if name.endswith("_degrees") else "%.1f",
            key=f"{name}_{draft.key}",
        )
        if typed is not None:
            row[name] = stored if typed == shown else stored_value(name, typed)
    return row


def _lay_out(yard: Yard, *, is_sound: bool) -> None:
    """Ask for rows, and begin the sheet anew with the bays in them."""
    pools = sorted({bay.pool for bay in yard.bays})
    words = {UNPLACED: "Those without a place", EVERY: "All"}
    meant: list[str] = [*([UNPLACED] if yard.unplaced() else []), EVERY, *pools]
    first, second, third, fourth = st.columns(4)
    of = first.selectbox(
        "Which bays",
        meant,
        format_func=lambda one: words.get(one, f"Pool {one}"),
        key="rows_of",
    )
    bays_per_row = second.number_input(
        "Bays a row", min_value=1, value=USUAL.bays_per_row, step=1, key="rows_per"
    )
    layout = {
        "pitch_m": _length(third, "pitch_m", value_m=USUAL.pitch_m),
        "row_gap_m": _length(
            fourth,
            "row_gap_m",
            value_m=USUAL.row_gap_m,
            tip="To the left of who walks along a row; negative: to the right.",
        ),
        "east_m": _length(first, "first_east_m", value_m=USUAL.east_m),
        "north_m": _length(second, "first_north_m", value_m=USUAL.north_m),
        "heading_degrees": third.number_input(
            FIELDS["heading_degrees"],
            value=USUAL.heading_degrees,
            step=5.0,
            format="%.1f",
            key="rows_heading",
            help="By the compass: 0 north, 90 east.",
        ),
    }
    if yard.corner is None:
        st.caption("First give the latitude and longitude of the yard's corner above.")
    can_be = is_sound and yard.corner is not None
    if not st.button("Lay out", disabled=not can_be, key="lay_out"):
        return
    try:
        laid = in_rows(yard, RowLayout(bays_per_row, **layout), of=bays_meant(yard, str(of)))
    except DepotError as error:
        show_error(error)
        return
    begin_yard_anew(laid)
    st.rerun()


def _length(place: DeltaGenerator, name: str, *, value_m: float, tip: str | None = None) -> float:
    """Return a length that is asked for in the depot's unit [m]."""
    shown = round(shown_value(name, value_m), 1)
    typed = place.number_input(
        heading_of(name, FIELDS[name]),
        value=shown,
        step=0.5,
        format="%.1f",
        key=f"rows_{name}",
        help=tip,
    )
    return value_m if typed == shown else stored_value(name, typed)

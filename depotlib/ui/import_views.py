"""The parts of the Import page: first rows, accounts with their findings, progress, the report."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import streamlit as st

from depotlib.errors import RejectionsError
from depotlib.model.calendar import zone
from depotlib.settings import Settings
from depotlib.ui.errors_shown import show_error
from depotlib.ui.import_tables import (
    account_sentence,
    findings_by_file,
    mendable,
    rejection_counts,
    rejections_table,
    reports_table,
    shown_table,
)
from depotlib.ui.loaders import load_rejected
from depotlib.ui.mapping_words import KINDS
from depotlib.ui.page import link_to
from depotlib.ui.tables import show_quoted, show_table
from depotlib.ui.wording import counted, plain
from depotlib.workflows.import_files import GivenFile, ImportChoices, ImportedFile, import_files
from depotlib.workflows.map_columns import MAPPED_SOURCE, FilePreview


def show_file(preview: FilePreview, tried: Sequence[ImportedFile], *, time_zone: ZoneInfo) -> bool:
    """Show the first rows of a file, raw and as read; return whether its columns are to be mapped.

    Parameters
    ----------
    preview : FilePreview
    tried : sequence of ImportedFile
        What a trial made of all files.
    time_zone : ZoneInfo
        Of the times as read, where the file names none.
    """
    one = next((one for one in tried if one.file == preview.file), None)
    is_table, is_unknown = bool(preview.header), preview.source is None
    with st.expander(f"First rows of {plain(preview.file)}", expanded=is_unknown and is_table):
        if is_table and one is not None and one.shown:
            left, right = st.columns(2)
        else:
            left, right = st.container(), st.container()
        with left:
            _show_raw(preview)
        if one is not None:
            with right:
                _show_read(one, time_zone=time_zone)
    if not is_table or preview.source not in {None, MAPPED_SOURCE}:
        return False
    if is_unknown:
        st.markdown(f"**Which column of {plain(preview.file)} is what?**")
        return True
    return st.toggle(
        f"Map the columns of {plain(preview.file)} yourself", key=f"map_{preview.file}"
    )


def show_account(files: Sequence[ImportedFile], *, is_trial: bool) -> None:
    """Show what became, or would become, of each file."""
    if not any(one.report for one in files):
        return
    prefix = "trial" if is_trial else "import"
    show_table(
        reports_table(files, is_trial=is_trial),
        key=f"{prefix}_accounts",
        alt="Account of each file",
        is_offered=False,
    )
    for name, sentences in findings_by_file(files).items():
        st.markdown(f"**Worth knowing about {plain(name)}**")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))
    reasons = rejection_counts(files)
    if reasons.height:
        refused_count = int(reasons["Records"].sum())
        st.markdown(f"**{counted(refused_count, 'refused record')}**, by reason")
        show_table(
            reasons,
            key=f"{prefix}_reasons",
            alt="How many records were refused for which reason",
            is_offered=False,
        )
    refused = rejections_table(files)
    if refused.height:
        show_quoted(refused, key=f"{prefix}_rejections", alt="Refused records with their reasons")


def ask_again(otherwise: Mapping[str, Sequence[str]]) -> bool:
    """Return whether files that were imported with other choices are to be read again.

    Parameters
    ----------
    otherwise : mapping of str to sequence of str
        What is said otherwise, by file; empty: nothing is asked.
    """
    if not otherwise:
        return False
    st.markdown("**Imported before, with other choices**")
    st.markdown("\n".join(f"- {plain(file)}: {plain('; '.join(words))}"
                          for file, words in otherwise.items()))  # fmt: skip
    return st.toggle(
        "Read them again so, in place of the earlier import",
        key="again",
        help="What the earlier import told is withdrawn: the store is made again from the kept "
        "files, which takes as long as importing them. Otherwise nothing is changed.",
    )


def offer_mending(files: Sequence[ImportedFile], *, settings: Settings) -> None:
    """Offer the refused records of each file in its own shape, to be mended and imported."""
    for name, digest in mendable(files).items():
        try:
            rejected = load_rejected(settings, digest)
        except RejectionsError:
            continue  # of files of other kinds, records cannot be taken out
        st.download_button(
            f"{counted(rejected.count, 'refused record')} of {plain(name)}, to mend",
            rejected.text,
            file_name=rejected.name,
            icon=":material/build:",
            key=f"mend_{digest}",
            help="In the shape of the original: mend them and import the file; what is known is "
            "not doubled.",
        )


def import_with_progress(
    files: Sequence[GivenFile], *, settings: Settings, choices: ImportChoices
) -> list[ImportedFile]:
    """Return what became of each file, with a bar that says which one is being read."""
    bar = st.progress(0.0, "Importing …")
    if choices.is_again:  # in one go: the store is made again once
        done_again = import_files(
            files, settings=settings, now=settings.depot_clock().now(), choices=choices
        )
        bar.progress(1.0, "Imported.")
        return done_again
    done: list[ImportedFile] = []
    for place, file in enumerate(files):
        bar.progress(
            place / len(files), f"Importing {plain(file.name)} ({place + 1} of {len(files)})"
        )
        done += import_files(
            [file], settings=settings, now=settings.depot_clock().now(), choices=choices
        )
    bar.progress(1.0, "Imported.")
    return done


def show_imported(files: Sequence[ImportedFile], *, settings: Settings) -> None:
    """Show the report of the last import."""
    st.subheader("Imported", anchor=False)
    for one in files:
        if one.error is not None:
            show_error(one.error)
        elif one.report is not None:
            box = st.info if one.report.is_repeat else st.success
            box(plain(account_sentence(one.report)))
    show_account(files, is_trial=False)
    offer_mending(files, settings=settings)
    with st.container(horizontal=True):
        link_to("Sessions", "See the sessions")
        link_to("Demand charges", "See what power cost")
        link_to("Data quality", "See how good the data is")


def _show_raw(preview: FilePreview) -> None:
    if not preview.header:
        st.caption("It is no table; this is how its first records are read.")
        return
    st.markdown("**As it stands**")
    show_quoted(
        preview.rows,
        key=f"raw_{preview.file}",
        alt=f"First rows of {preview.file} as they stand",
        is_offered=False,
    )


def _show_read(one: ImportedFile, *, time_zone: ZoneInfo) -> None:
    name = one.conventions.time_zone if one.conventions is not None else None
    shown_zone = zone(name) if name and name != "UTC" else time_zone
    for part in one.shown:
        words = next((text for kind, text in KINDS.items() if kind == part.kind), part.kind)
        st.markdown(f"**As it would be stored**: {words.lower()}, in {plain(shown_zone.key)} time")
        show_table(
            shown_table(part.rows, time_zone=shown_zone),
            key=f"read_{one.file}_{part.kind}",
            alt=f"First rows of {one.file} as they would be stored",
            is_offered=False,
        )

"""Import: drop files, see what they are and what importing them would do, then import them."""

import streamlit as st

from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.import_tables import (
    account_sentence,
    findings_by_file,
    history_table,
    rejections_table,
    reports_table,
    sniffed_table,
)
from depotlib.ui.loaders import load_trial
from depotlib.ui.page import link_to, open_page
from depotlib.ui.pickers import pick_file_zone
from depotlib.ui.state import imported, set_imported, upload_key
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, plain
from depotlib.workflows.import_files import GivenFile, ImportChoices, ImportedFile, import_files

bench = open_page("Import", question="What is in these files, and what of it can be used?")


def show_account(files: list[ImportedFile], *, is_trial: bool) -> None:
    """Show what became, or would become, of each file."""
    for one in files:
        if one.error is not None:
            show_error(one.error)
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
    refused = rejections_table(files)
    if refused.height:
        st.markdown(f"**{counted(refused.height, 'refused record')}**, with the reason of each")
        show_table(refused, key=f"{prefix}_rejections", alt="Refused records with their reasons")


def show_imported(files: list[ImportedFile]) -> None:
    """Show the report of the last import."""
    st.subheader("Imported", anchor=False)
    reports = [one.report for one in files if one.report is not None]
    for report in reports:
        (st.info if report.is_repeat else st.success)(plain(account_sentence(report)))
    show_account(files, is_trial=False)
    with st.container(horizontal=True):
        link_to("Sessions", "See the sessions")
        link_to("Demand charges", "See what power cost")


uploaded = st.file_uploader(
    "Exports and logs: charging sessions, telematics, meter readings, tariffs",
    accept_multiple_files=True,
    key=upload_key(),
    help="CSV and JSON. A file is recognised by its content, never by its name.",
)
if uploaded:
    files = tuple(GivenFile(name=one.name, data=one.getvalue()) for one in uploaded)
    file_zone = pick_file_zone()
    with errors_shown():
        sniffed, tried = load_trial(
            files,
            settings=bench.settings,
            choices=ImportChoices(time_zone=file_zone, is_dry_run=True),
        )
    st.subheader("What they are", anchor=False)
    show_table(sniffed_table(sniffed), key="sniffed", alt="What each file is", is_offered=False)
    st.subheader("What importing them would do", anchor=False)
    show_account(tried, is_trial=True)
    usable = [file for file, one in zip(files, tried, strict=True) if one.report is not None]
    if st.button(
        f"Import {counted(len(usable), 'file')}",
        type="primary",
        disabled=not usable,
        key="import",
    ):
        with errors_shown(), st.spinner("Importing …"):
            set_imported(
                import_files(
                    usable,
                    settings=bench.settings,
                    now=bench.settings.depot_clock().now(),
                    choices=ImportChoices(time_zone=file_zone),
                )
            )
        st.rerun()
elif imported():
    show_imported(imported())
else:
    st.markdown(
        "Drop a file above. Nothing is stored before you have seen what it is and what would become "
        "of it; a file goes in whole or not at all, and the same file twice changes nothing."
    )

st.subheader("History", anchor=False)
if bench.store is not None and bench.store.imports.height:
    show_table(
        history_table(bench.store.imports, time_zone=bench.time_zone),
        key="import_history",
        alt="Every import so far",
    )
else:
    st.markdown("Nothing has been imported yet.")

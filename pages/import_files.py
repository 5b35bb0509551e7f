"""Import: drop files, see what they are, say what columns hold, see what would be done, import."""

from dataclasses import replace

import streamlit as st

from depotlib.ui.command import Asked, offer_command
from depotlib.ui.deeds import note_deed
from depotlib.ui.errors_shown import errors_shown, show_error
from depotlib.ui.import_tables import history_table, taken_table
from depotlib.ui.import_views import (
    ask_again,
    import_with_progress,
    show_account,
    show_file,
    show_imported,
)
from depotlib.ui.loaders import load_mappings, load_trial
from depotlib.ui.mapping_editor import edit_mapping
from depotlib.ui.page import open_page
from depotlib.ui.pickers import pick_file_zone
from depotlib.ui.state import imported, set_imported, set_notice, upload_key
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted
from depotlib.workflows.import_files import GivenFile, ImportChoices, imported_otherwise
from depotlib.workflows.map_columns import save_mapping

bench = open_page("Import", question="What is in these files, and what of it can be used?")

uploaded = st.file_uploader(
    "Exports and logs: charging sessions, telematics, meter readings, duties, prices, tariffs",
    accept_multiple_files=True,
    key=upload_key(),
    help="CSV, TSV, JSON, JSONL, XML, XLSX, Parquet, and gz or zip of these. A file is recognised "
    "by its content, never by its name.",
)
if uploaded:
    files = tuple(GivenFile(name=one.name, data=one.getvalue()) for one in uploaded)
    file_zone = pick_file_zone()
    with errors_shown():
        choices = ImportChoices(time_zone=file_zone, mappings=load_mappings(bench.settings))
        trial = load_trial(files, settings=bench.settings, choices=choices)
    st.subheader("What they are", anchor=False)
    show_table(
        taken_table([preview for _, preview in trial.previews], trial.tried),
        key="taken",
        alt="What each file is",
        is_offered=False,
    )
    for given, preview in trial.previews:
        is_open = show_file(preview, trial.tried, time_zone=bench.time_zone)
        if is_open:
            mapping = edit_mapping(preview, given, time_zone=file_zone)
            if mapping is not None:
                with errors_shown():
                    save_mapping(bench.settings, mapping, now=bench.now)
                set_notice(f"Files with these columns are read as: {mapping.title}.")
                st.rerun()
    st.subheader("What importing them would do", anchor=False)
    for one in trial.tried:
        if one.error is not None:
            show_error(one.error)
    show_account(trial.tried, is_trial=True)
    with errors_shown():
        otherwise = imported_otherwise(trial.tried, settings=bench.settings, choices=choices)
    choices = replace(choices, is_again=ask_again(otherwise))
    broken = {one.file for one in trial.tried if one.report is None}
    usable = [file for file in files if file.name not in broken]
    if st.button(
        f"Import {counted(len(usable), 'file')}",
        type="primary",
        disabled=not usable,
        key="import",
    ):
        with errors_shown():
            done = import_with_progress(usable, settings=bench.settings, choices=choices)
            set_imported(done)
            for one in done:
                if one.report is not None:
                    note_deed(bench, "imported", subject=one.file)
        st.rerun()
    offer_command(
        bench.settings,
        *(
            Asked(
                "import",
                tuple(one.name for one in files),
                options={**options, "time-zone": file_zone},
            )
            for options in ({"dry-run": True}, {})
        ),
    )
elif imported():
    show_imported(imported(), settings=bench.settings)
else:
    st.markdown(
        "Drop a file above. Nothing is stored before you have seen what it is and what would become "
        "of it; a file goes in whole or not at all, and the same file twice changes nothing. "
        "A table that is not recognised can be mapped: you say which column is what, once."
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

"""Study grid: many scenarios on the same nights: how many stations, what service, which tariff."""

import streamlit as st

from depotlib.ui.command import Asked, offer_command
from depotlib.ui.downloads import offer_file
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.job_parts import show_job
from depotlib.ui.page import open_page
from depotlib.ui.report_parts import offer_report
from depotlib.ui.study_loaders import load_currency, load_results
from depotlib.ui.study_parts import ask_study, offer_run, pick_study
from depotlib.ui.study_results import show_results
from depotlib.ui.study_words import study_question
from depotlib.ui.wording import plain
from depotlib.workflows.declare_study import kept_studies, results_folder
from depotlib.workflows.open_notebook import study_recipe
from depotlib.workflows.report_scenarios import study_report

bench = open_page(
    "Study grid", question="How many stations, what service, which tariff, and how sure is that?"
)

ask_study(bench)
studies = kept_studies(bench.settings)
name = pick_study(studies)
path = studies[name]
with errors_shown(), st.spinner("Reading the results …"):
    state, currency = load_results(bench.settings, path), load_currency(path)
st.markdown(plain(study_question(state.study)))
if show_job(bench.settings) is not True:
    offer_run(bench, path)
show_results(state, currency=currency)
offer_file(path.read_bytes, name=f"{name}.toml", label="The study (TOML)", mime="text/plain")
folder = results_folder(bench.settings)
offer_report(
    lambda: study_report(state, currency=currency), name=name, recipe=study_recipe(path, folder)
)
offer_command(
    bench.settings,
    *(Asked("study", (action, str(path)), {"folder": str(folder)}) for action in ("run", "show")),
)

"""Scenarios: a night with some facts changed, planned, beside the night as it is."""

from depotlib.ui.command import offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import need_depot, open_page
from depotlib.ui.report_parts import offer_report
from depotlib.ui.scenario_parts import (
    ask_scenario,
    asked_scenarios,
    load_scenarios,
    of_scenarios,
    pick_order,
    show_scenarios,
)
from depotlib.workflows.open_notebook import scenarios_recipe
from depotlib.workflows.report_scenarios import scenarios_report

bench = open_page(
    "Scenarios", question="What if the fleet, the stations or the tariff were others?"
)
depot = need_depot(bench)
order = pick_order(bench)
ask_scenario(bench, depot)
scenarios = asked_scenarios()
with errors_shown():
    solved = load_scenarios(bench.settings, order, scenarios=scenarios)
show_scenarios(solved)
offer_report(
    lambda: scenarios_report(solved, time_zone=bench.time_zone.key),
    name="scenarios",
    recipe=scenarios_recipe(
        bench.settings, order, scenarios=scenarios, time_zone=bench.time_zone.key
    ),
)
offer_command(bench.settings, of_scenarios(order, scenarios))

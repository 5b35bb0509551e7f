"""Portfolio: every depot at one look."""

from depotlib.ui.command import of_now, offer_command
from depotlib.ui.depot_switch import seen_depots
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import open_page
from depotlib.ui.portfolio_parts import load_lines, show_portfolio

bench = open_page("Portfolio", question="Which of the depots needs somebody tonight?")
with errors_shown():
    lines = load_lines(bench, seen_depots(bench.settings))
show_portfolio(bench, lines)
offer_command(bench.settings, of_now("portfolio", bench.settings))

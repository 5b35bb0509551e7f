"""Who caused a peak, who pays, which tariff is cheapest, and whether a bill is right."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from depotlib.ui.bill_tables import bill_lines_table
from depotlib.ui.loaders import BillQuestion
from depotlib.workflows.allocate_bill import Split, split_bill
from depotlib.workflows.attribute_peak import attribute_peak
from depotlib.workflows.billing_cases import bill_of_case
from depotlib.workflows.compare_tariffs import History, compare_stored
from depotlib.workflows.edit_tariff import editable_text, save_tariff_text
from depotlib.workflows.review_demand import list_tariffs
from tests.app.pages.opened import numbers, opened, sound, words

HQ = "Knowsthorpe HQ"
AUGUST = (date(2020, 8, 1), date(2020, 9, 1))


def question_of(settings) -> BillQuestion:
    (tariff_id,) = list_tariffs(settings)
    return BillQuestion(
        site=HQ,
        tariff_id=tariff_id,
        time_zone="America/New_York",
        max_kw=7.2,
        first_day=AUGUST[0],
        end_day=AUGUST[1],
    )


def table_of(app, *headings: str):
    """Return the one table of a page that has these headings."""
    (found,) = [one.value for one in app.dataframe if set(headings) <= set(one.value.columns)]
    return found


def test_the_peak_is_shared_among_those_who_drew_it(leeds):
    review = attribute_peak(question_of(leeds).case(leeds))
    dearest = max(review.by_station, key=lambda one: one.amount)
    app = opened("Demand charges", {"charges": "Who caused the peak"})

    app.selectbox(key="month").select("August 2020").run()

    capped = table_of(sound(app), "Without the worst")
    # Six vans at 7.2 kW, two at each of three stations.
    assert [round(share.drawn_kw, 6) for share in dearest.shares] == [14.4] * 3
    assert capped["Saved (USD)"].to_list() == [float(one.saving) for one in review.without_worst]


def test_what_stations_pay_is_the_bill(leeds):
    split = split_bill(question_of(leeds).case(leeds), Split(by="station"))
    app = opened("Demand charges", {"charges": "Who pays"})

    app.selectbox(key="month").select("August 2020").run()

    paid = table_of(sound(app), "Who", "Total (USD)")
    assert paid["Who"].to_list() == [cost.party for cost in split.allocation.parties]
    assert round(sum(paid["Total (USD)"]), 2) == float(split.allocation.bill.total)


def test_a_bill_is_made_anew_once_its_tariff_is_another(leeds):
    question = question_of(leeds)
    app = opened("Demand charges", {"charges": "Who pays", "month": "August 2020"})
    audit = opened("Bill audit")
    before = sum(table_of(app, "Who", "Total (USD)")["Total (USD)"])
    ours = numbers(audit)["Ours"]
    text = editable_text(leeds, question.tariff_id)
    dearer = text.replace("price = 23.655", "price = 123.655")
    assert dearer != text
    save_tariff_text(leeds, dearer, now=leeds.depot_clock().now() + timedelta(minutes=1))

    paid = table_of(sound(app.run()), "Who", "Total (USD)")

    split = split_bill(question.case(leeds), Split(by="station"))
    assert round(sum(paid["Total (USD)"]), 2) == float(split.allocation.bill.total) > before
    # Without days it is the bill of the last month.
    latest = bill_of_case(replace(question, first_day=None, end_day=None).case(leeds))
    assert numbers(sound(audit.run()))["Ours"] == f"{latest.total:,.2f} USD" != ours


def test_tariffs_are_ranked_as_the_workflow_ranks_them(leeds):
    comparison = compare_stored(
        leeds,
        History(site=HQ, time_zone="America/New_York", max_kw=7.2),
        tariff_ids=list(list_tariffs(leeds)),
    )
    (only,) = comparison.tariffs
    assert only.past is not None
    assert only.planned is not None

    rows = table_of(opened("Tariffs", {"tariff_part": "Which is cheapest"}), "Tariff", "Planned")

    assert rows["As it was"].to_list() == [f"{only.past.total_amount:,.2f}"]
    assert rows["Planned"].to_list() == [f"{only.planned.total_amount:,.2f}"]
    assert only.planned.peak_kw < only.past.peak_kw / 2


def test_our_own_lines_given_as_the_utilitys_agree_and_before_that_there_is_no_bill(leeds):
    app = opened("Bill audit")

    assert "both sides are our own lines" in words(app)
    assert "The bills agree" not in words(app)

    text = bill_lines_table(attribute_peak(question_of(leeds).case(leeds)).bill).write_csv()
    app.date_input(key="first_day").set_value(AUGUST[0]).run()
    app.date_input(key="end_day").set_value(AUGUST[1]).run()
    app.file_uploader(key="utility_bill").upload("bill.csv", text.encode(), "text/csv").run()
    shown = numbers(sound(app))

    assert "The bills agree" in words(app)
    assert shown["The utility's bill"] == shown["Ours"]
    assert shown["Too much, where above 0"] == "0.00 USD"


def test_a_bill_with_a_doubled_line_is_found_out(leeds):
    question = question_of(leeds)
    bill = attribute_peak(question.case(leeds)).bill
    rows = [
        f"{line.family},{line.component.replace(',', ' ')},{line.quantity},{line.unit},"
        f"{line.unit_price},{line.amount}"
        for line in bill.lines
    ]
    doubled = max(bill.lines, key=lambda line: line.amount)
    again = rows[bill.lines.index(doubled)]
    text = "\n".join(["kind,name,quantity,unit,price,amount", *rows, again])
    app = opened("Bill audit")
    app.date_input(key="first_day").set_value(AUGUST[0]).run()
    app.date_input(key="end_day").set_value(AUGUST[1]).run()

    app.file_uploader(key="utility_bill").upload("bill.csv", text.encode(), "text/csv").run()

    shown = numbers(sound(app))
    assert "Likely cause" in words(app)
    assert shown["Ours"] == f"{bill.total:,.2f} USD"
    assert Decimal(shown["Too much, where above 0"].split()[0].replace(",", "")) == doubled.amount


def test_without_a_log_the_bill_pages_ask_for_one(demo):
    assert "charging log" in words(opened("Bill audit"))
    assert "charging log" in words(opened("Tariffs"))

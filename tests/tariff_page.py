"""The tables of docs/tariffs.md as the code has them now: `python -m tests.tariff_page`."""

import sys
from collections.abc import Iterator

from tests.bill_comparison import (
    LEEDS_NAME,
    LOADS,
    Amounts,
    bills_of_year,
    differences,
    expected_amounts,
    expected_pairs,
    our_year,
    state_of,
    table_under,
)
from tests.pysam_engine import SamRefusedError, sam_amounts, sam_months, sam_rates, sam_record
from tests.tariff_samples import (
    RECORDS,
    document_of,
    index_rows,
    leeds_year_kw,
    month_peaks_kw,
)


def sample_rows() -> Iterator[tuple[str, ...]]:
    """Return the rows of the list of sample tariffs."""
    for row in index_rows():
        label = row["file"].removesuffix(".json")
        holds = (
            row["features"].replace("; expired (enddate)", "").replace("expired (enddate); ", "")
        )
        yield f"`{label}`", f"{row['utility']}: {row['name']}", holds, state_of(row["file"])


def difference_rows() -> Iterator[tuple[str, ...]]:
    """Return the rows of the table of differences, each with the reason the page gives now."""
    known = {row[:3]: row[-1] for row in table_under("Where another engine differs")}
    for file, load, found in _differences():
        for name, amount in found.items():
            cells = (f"`{file.removesuffix('.json')}`", load, name)
            yield *cells, str(amount), known.get(cells, "?")


def _differences() -> Iterator[tuple[str, str, Amounts]]:
    for (file, load), rows in expected_pairs().items():
        if state_of(file) == "billed":
            found = differences(our_year(file, load), map(expected_amounts, rows))
            yield file, LOADS[load], found
    leeds_kw = leeds_year_kw()
    peaks_kw = month_peaks_kw(leeds_kw)
    for path in sorted(RECORDS.glob("*.json")):
        if state_of(path.name) != "billed":
            continue
        rates = sam_rates(sam_record(document_of(path.name)))
        try:
            months = sam_months(rates, leeds_kw.tolist(), year_zero_kw=peaks_kw)
        except SamRefusedError:
            continue
        ours = bills_of_year(path.name, leeds_kw)
        yield path.name, LEEDS_NAME, differences(ours, map(sam_amounts, months))


def main() -> None:
    """Print both tables."""
    for rows in (sample_rows(), sorted(difference_rows())):
        for row in rows:
            sys.stdout.write(f"| {' | '.join(row)} |\n")
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()

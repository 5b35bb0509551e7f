"""Three real files through the Import page in a real browser, one of them mapped by a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from depotlib.settings import Settings
from depotlib.workflows.review_sessions import review_sessions
from tests.app.browser import browser_page, chromium, picture, shown_rows
from tests.app.workbench import served
from tests.known_answers.ingest.real_files.count_quirks import count_file
from tests.places import TEST_DATA

CUTS = TEST_DATA / "real"
BARNET = CUTS / "barnet_2021Q2_blank_rows.csv"
DUNDEE = CUTS / "dundee_2018-02_swapped_dates.csv"
EPFL = CUTS / "epfl_dc172kW_sessions_2022-04_09.csv"
GERMAN = {
    "Session,": "Vorgang,", "CCS,": "Stecker,", "Arrival": "Ankunft", "Departure": "Abfahrt",
    "Energy (Wh)": "Energiemenge (Wh)", "SOC arrival": "SoC bei Ankunft",
    "SOC departure": "SoC bei Abfahrt",
}  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]


@dataclass
class Workbench:
    settings: Settings
    address: str


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    settings = Settings(home=tmp_path / "home")
    with served(settings.home) as address:
        yield Workbench(settings, address)


def unknown_file(folder: Path) -> Path:
    """Write the EPFL log with other heads, so that no shipped mapping knows it."""
    head, rows = EPFL.read_text().split("\n", 1)
    for english, german in GERMAN.items():
        head = head.replace(english, german)
    file = folder / "hochschule.csv"
    file.write_text(f"{head}\n{rows}")
    return file


def see_what_they_are(page: Page, files: list[Path]) -> None:
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text("Which column of", exact=False)).to_be_visible()
    rows = {row["File"]: row["Is"] for row in shown_rows(page, "What each file is")}
    picture(page, "import-1-unknown")
    assert rows == {
        BARNET.name: "London Borough of Barnet charging points (CSV)",
        DUNDEE.name: "Dundee public charging points, ISO dates (CSV)",
        files[2].name: "not recognised",
    }


def map_the_columns(page: Page) -> None:
    field = page.get_by_label("Time zone of its local times", exact=False).last
    field.click()
    field.press_sequentially("Europe/Zurich")
    field.press("Enter")
    expect(page.get_by_text("As it would be read")).to_be_visible()
    picture(page, "import-2-mapping")
    page.get_by_role("button", name="Read such files so").click()
    expect(page.get_by_role("button", name="Import 3 files")).to_be_visible()


@pytest.mark.timeout(420)
def test_three_real_files_are_dropped_mapped_and_imported(workbench: Workbench, tmp_path: Path):
    files = [BARNET, DUNDEE, unknown_file(tmp_path)]
    barnet, dundee, epfl = (count_file(path) for path in (BARNET, DUNDEE, EPFL))

    with browser_page(workbench.address, profile=tmp_path / "profile") as page:
        page.goto("/Import")
        see_what_they_are(page, files)
        map_the_columns(page)
        account = {row["File"]: row for row in shown_rows(page, "Account of each file")}
        swapped = page.get_by_text("were swapped and were exchanged", exact=False).last
        assert account[files[2].name]["Would be stored"] == f"{epfl.rows}"
        assert account[BARNET.name]["Refused"] == f"{barnet.refused['blank']}"
        assert swapped.inner_text().endswith(f": {dundee.found['swapped_date']}")
        picture(page, "import-3-trial")

        page.get_by_role("button", name="Import 3 files").click()
        expect(page.get_by_role("heading", name="Imported")).to_be_visible()
        expect(page.get_by_role("button", name="Import 3 files")).to_have_count(0)
        to_mend = page.get_by_role("button", name=f"of {DUNDEE.name}, to mend")
        expect(to_mend).to_be_visible()
        page.set_viewport_size({"width": 1400, "height": 2200})
        picture(page, "import-4-report")
        page.get_by_role("link", name="See how good the data is").click()
        expect(page.get_by_role("heading", name="of 100").first).to_be_visible()
        picture(page, "import-5-quality")

    stored = sum(one.rows - sum(one.refused.values()) for one in (barnet, dundee, epfl))
    assert review_sessions(workbench.settings).count == stored

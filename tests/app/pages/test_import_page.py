"""Import: nothing is stored before it was seen, and the account of what was stored is the store's."""

import pandas as pd

from depotlib.workflows.review_sessions import review_sessions
from depotlib.workflows.review_store import review_store
from tests.app.pages.conftest import LEEDS
from tests.app.pages.opened import opened, shown, sound, words

UNKNOWN = (
    b"Fahrzeug;Ladebeginn;Ladeende;Energiemenge (kWh)\n"
    b"Van 3;13.03.2026 18:05;14.03.2026 05:10;31,5\n"
    b"Van 4;13.03.2026 18:20;14.03.2026 05:30;28,1\n"
)


def test_a_trial_stores_nothing(empty):
    app = opened("Import")

    app.file_uploader[0].upload(LEEDS.name, LEEDS.read_bytes())
    sound(app.run())

    assert shown(app, "Is")["Is"][0] == "Leeds City Council fleet depot log (CSV)"
    # 432 rows: wc -l of the file, less its header.
    assert shown(app, "Would be stored")["Would be stored"][0] == 432
    assert not empty.warehouse_path.exists()


def test_an_import_stores_what_the_trial_said(empty):
    app = opened("Import")
    app.file_uploader[0].upload(LEEDS.name, LEEDS.read_bytes())
    app.run()

    sound(app.button(key="import").click().run())

    assert "432 records = 432 stored + 0 known already + 0 refused" in words(app)
    assert review_sessions(empty).count == 432
    store = review_store(empty)
    assert store is not None
    assert store.imports["stored"].to_list() == [432]


def test_the_same_file_again_changes_nothing_and_says_so(leeds):
    app = opened("Import")
    app.file_uploader[0].upload(LEEDS.name, LEEDS.read_bytes())
    app.run()
    before = review_sessions(leeds).count

    sound(app.button(key="import").click().run())

    assert "nothing was changed" in words(app)
    assert review_sessions(leeds).count == before


def test_a_file_that_nothing_recognises_is_refused_in_words(empty):
    app = opened("Import")

    app.file_uploader[0].upload("shopping.txt", b"milk\nbread\n")
    sound(app.run())

    assert "No source recognises this file" in words(app)
    assert app.button(key="import").disabled


def test_refused_records_are_listed_with_their_reasons(empty):
    rows = LEEDS.read_bytes().splitlines(keepends=True)
    spoilt = rows[1].replace(b"2020", b"20x0")
    app = opened("Import")

    app.file_uploader[0].upload(LEEDS.name, b"".join([rows[0], spoilt, *rows[2:10]]))
    sound(app.run())

    # Nine rows, one of them without a time that can be read.
    account = shown(app, "Would be stored")
    assert (account["Records"][0], account["Refused"][0]) == (9, 1)
    # As a person counts its lines: the header is line 1.
    assert shown(app, "As it stood")["Record"][0] == 2


def test_first_rows_are_shown_raw_and_as_read_side_by_side(empty):
    app = opened("Import")

    app.file_uploader[0].upload(LEEDS.name, LEEDS.read_bytes())
    sound(app.run())

    raw, read = shown(app, "TransactionID"), shown(app, "Plugged in")
    assert raw["Line"].to_list() == read["Line"].to_list() == list(range(2, 22))
    # The first session of the log starts on 25 July 2020 at 8 in London.
    assert (raw["Start"][0], read["Plugged in"][0]) == (
        "25/07/2020 08:00",
        pd.Timestamp("2020-07-25 08:00"),
    )


def test_a_table_that_nothing_knows_is_mapped_once_and_then_imported(empty):
    app = opened("Import")
    app.file_uploader[0].upload("log.csv", UNKNOWN)
    sound(app.run())

    assert app.selectbox(key="kind_log.csv").value == "sessions"
    assert app.selectbox(key="column_log.csv_sessions_plug_start").value == "Ladebeginn"
    app.selectbox(key="zone_log.csv").select("Europe/Berlin").run()
    # 18:05 in Berlin, before the clocks change in March.
    assert shown(app, "Plugged in")["Plugged in"][0] == pd.Timestamp("2026-03-13 18:05")
    sound(app.button(key="confirm_log.csv").click().run())

    assert "are read as: log.csv" in words(app)
    assert shown(app, "Would be stored")["Would be stored"][0] == 2
    sound(app.button(key="import").click().run())
    assert review_sessions(empty).count == 2


def test_a_column_that_a_person_chooses_is_read_so(empty):
    app = opened("Import")
    app.file_uploader[0].upload("log.csv", UNKNOWN)
    app.run()

    app.selectbox(key="column_log.csv_sessions_vehicle_id").select("the same in every row: …")
    app.run()
    app.text_input(key="same_log.csv_sessions_vehicle_id").input("Van 9")
    sound(app.run())

    assert set(shown(app, "Plugged in")["Vehicle"]) == {"Van 9"}


def test_what_cannot_be_read_so_is_said_and_not_kept(empty):
    app = opened("Import")
    app.file_uploader[0].upload("log.csv", UNKNOWN)
    app.run()

    app.selectbox(key="column_log.csv_sessions_plug_start").select("nothing in this file")
    sound(app.run())

    assert "Nothing fills plug_start" in words(app)
    assert not [one for one in app.button if one.key == "confirm_log.csv"]

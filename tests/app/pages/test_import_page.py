"""Import: nothing is stored before it was seen, and the account of what was stored is the store's."""

from depotlib.workflows.review_sessions import review_sessions
from depotlib.workflows.review_store import review_store
from tests.app.pages.conftest import LEEDS
from tests.app.pages.opened import opened, sound, words


def test_a_trial_stores_nothing(empty):
    app = opened("Import")

    app.file_uploader[0].upload(LEEDS.name, LEEDS.read_bytes())
    sound(app.run())

    assert app.dataframe[0].value["Is"][0] == "Leeds City Council fleet depot log (CSV)"
    # 432 rows: wc -l of the file, less its header.
    assert app.dataframe[1].value["Would be stored"][0] == 432
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
    account = app.dataframe[1].value
    assert (account["Records"][0], account["Refused"][0]) == (9, 1)
    # As a person counts its lines: the header is line 1.
    assert app.dataframe[2].value["Record"][0] == 2

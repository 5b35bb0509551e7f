"""Import: known bytes are read again if that is chosen, and refused records given out to mend."""

from datetime import UTC, datetime

from depotlib.store.connection import reading
from depotlib.workflows.import_files import GivenFile, ImportChoices, import_files
from tests.app.pages.conftest import LEEDS
from tests.app.pages.opened import opened, shown, sound, words


def test_bytes_with_another_zone_are_read_again_only_when_that_is_chosen(empty):
    local = b"interval_start,kw\n2026-06-01 00:00,1.5\n2026-06-01 00:15,2.5\n"
    import_files(
        [GivenFile("meter.csv", local)],
        settings=empty,
        now=datetime(2026, 11, 2, 12, tzinfo=UTC),
        choices=ImportChoices(time_zone="Asia/Seoul"),
    )
    app = opened("Import")
    app.file_uploader[0].upload("meter.csv", local)
    sound(app.run())
    assert not [one for one in app.toggle if one.key == "again"]

    app.selectbox(key="file_zone").select("Europe/Berlin").run()
    assert "Asia/Seoul before, now Europe/Berlin" in words(app)
    app.toggle(key="again").set_value(True).run()
    sound(app.button(key="import").click().run())

    assert "2 records = 2 stored + 0 known already + 0 refused" in words(app)
    # Midnight in Berlin, two hours ahead of UTC in summer.
    with reading(empty.warehouse_path) as connection:
        found = connection.execute("SELECT min(epoch(interval_start)) FROM meter").fetchall()
    assert found == [(datetime(2026, 5, 31, 22, tzinfo=UTC).timestamp(),)]


def test_empty_rows_are_summed_and_the_others_are_given_out_to_be_mended(empty):
    rows = LEEDS.read_bytes().splitlines(keepends=True)
    spoilt = rows[1].replace(b"2020", b"20x0")
    blank = b"," * rows[0].count(b",") + b"\n"
    app = opened("Import")
    app.file_uploader[0].upload("log.csv", b"".join([rows[0], spoilt, *rows[2:6], *[blank] * 7]))
    app.run()

    sound(app.button(key="import").click().run())

    # Lines as a person counts them: the header is 1, the spoilt row 2, the empty ones 7 to 13.
    counts = shown(app, "First records")
    assert dict(zip(counts["Reason"], counts["First records"], strict=True)) == {
        "bad time": "2", "blank": "7, 8, 9, 10, 11 …",
    }  # fmt: skip
    assert shown(app, "As it stood")["Record"].to_list() == [2]
    (offered,) = [one for one in app.get("download_button") if "to mend" in one.proto.label]
    assert offered.proto.label.startswith("1 refused record")

from depotlib.errors import MissingFileError, TruncatedFileError
from depotlib.workflows.import_files import GivenFile
from depotlib.workflows.sniff_files import sniff_files
from tests.places import DATA

LEEDS = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
METER = DATA / "meter" / "steel_plant_15min_2018_01.csv"


def test_a_file_is_told_by_what_it_holds_and_not_by_its_name():
    misnamed = GivenFile("geotab_samsara_journal.json", LEEDS.read_bytes())

    by_name, misled = sniff_files([LEEDS, misnamed])

    assert by_name.source == misled.source == "leeds_depot"
    assert (by_name.time_zone, by_name.zone_origin) == ("Europe/London", "assumed")
    assert by_name.date_order == "day_month_year"
    assert by_name.columns[0] == "TransactionID"


def test_a_zone_that_nobody_named_is_unknown_and_a_given_one_is_taken():
    (unknown,) = sniff_files([METER])
    (given,) = sniff_files([METER], time_zone="Asia/Seoul")

    assert (unknown.source, unknown.time_zone, unknown.error) == ("meter_csv", None, None)
    assert (given.time_zone, given.zone_origin) == ("Asia/Seoul", "given")


def test_a_cut_file_is_recognised_and_its_fault_named():
    cut = GivenFile("cut.csv", LEEDS.read_bytes()[:5000])

    cut_file, missing = sniff_files([cut, DATA / "nowhere"])

    assert cut_file.source == "leeds_depot"
    assert isinstance(cut_file.error, TruncatedFileError)
    assert missing.source is None
    assert isinstance(missing.error, MissingFileError)

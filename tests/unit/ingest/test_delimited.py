import pytest

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.delimited import header_of, read_table


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str):
    text = delimiter.join("abc") + "\n" + delimiter.join("123") + "\n"

    table = read_table(text, file="f")

    assert (table.delimiter, table.header) == (delimiter, ("a", "b", "c"))
    assert [dict(record.fields) for record in table.records] == [{"a": "1", "b": "2", "c": "3"}]


def test_title_rows_before_the_header_are_no_records():
    table = read_table("Depot report\n\nmade 2026\na,b,c\n1,2,3\n4,5,6\n", file="f")

    assert table.header == ("a", "b", "c")
    assert [record.row for record in table.records] == [5, 6]
    assert table.title_rows == 2


def test_title_rows_that_a_spreadsheet_filled_up_with_empty_cells_are_no_header():
    table = read_table("Depot report,,,\nFrom,2026,,\na,b,c,d\n1,2,3,4\n5,6,7,8\n", file="f")

    assert table.header == ("a", "b", "c", "d")
    assert table.title_rows == 2


def test_a_line_longer_than_any_row_of_an_export_is_refused():
    with pytest.raises(MalformedFileError, match="a line of 1,200,0"):
        read_table("a,b\n1,2\n" + "x," * 600_000, file="f")


def test_columns_without_a_name_are_called_by_their_place_and_empty_ones_at_the_end_do_not_count():
    table = read_table("a,,a,,\n1,2,3,,\n4,5,6,,\n", file="f")

    assert table.header == ("a", "column 2", "a (3)")
    assert table.rows_in == 2


def test_quoted_fields_may_hold_delimiters_and_lines():
    table = read_table('a,b\n"1,5","two\nlines"\n3,4\n', file="f")

    assert dict(table.records[0].fields) == {"a": "1,5", "b": "two\nlines"}
    assert [record.row for record in table.records] == [2, 4]


def test_blank_and_ragged_rows_are_rejections_with_their_lines():
    table = read_table("a,b\n1,2\n\n,\n3\n4,5,6\n7,8,\n", file="f")

    assert [(each.row, each.reason) for each in table.rejections] == [
        (3, "blank"),
        (4, "blank"),
        (5, "too_few_fields"),
        (6, "too_many_fields"),
    ]
    assert [record.row for record in table.records] == [2, 7]


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n4,5", 'a,b\n1,2\n3,"open text'])
def test_a_file_cut_within_its_last_line_is_refused(text: str):
    with pytest.raises(TruncatedFileError, match="line 3") as refused:
        read_table(text, file="log.csv")

    assert refused.value.where == "log.csv, line 3"


def test_a_quote_that_never_closes_is_refused_even_where_the_file_ends_well():
    with pytest.raises(TruncatedFileError, match="line 2"):
        read_table('a,b\n1,"2\n3,4\n5,6\n', file="f")


def test_a_last_line_without_end_is_taken_if_it_is_whole():
    table = read_table("a,b\n1,2", file="f")

    assert not table.ends_with_newline
    assert table.rows_in == 1


def test_an_endless_field_is_refused():
    text = "a,b\n1," + "x" * 200_000 + "\n"

    with pytest.raises(MalformedFileError, match="field larger"):
        read_table(text, file="f")
    assert header_of("x" * 200_000) == ()


def test_a_text_of_blanks_has_no_header():
    with pytest.raises(MalformedFileError, match="no header"):
        read_table(",,\n,,\n", file="f")


def test_a_header_narrower_than_its_rows_only_by_empty_fields_is_still_the_header():
    table = read_table("a,b\n1,2,,\n3,4,,\n", file="f")

    assert table.header == ("a", "b")
    assert [record.row for record in table.records] == [2, 3]

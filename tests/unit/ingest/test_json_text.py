import pytest

from depotlib.errors import FileTooLargeError, MalformedFileError, TruncatedFileError
from depotlib.ingest.json_text import MAX_JSON_CHARACTERS, flattened, objects_in, parse_json

EXPORT = '[{"id": "c1", "note": "brace { and quote \\" inside", "value": [1, -2.5, true]}]'


@pytest.mark.parametrize("length", range(1, len(EXPORT)))
def test_a_text_cut_anywhere_is_called_cut(length: int):
    with pytest.raises(TruncatedFileError) as refused:
        parse_json(EXPORT[:length], file="export.json")

    assert refused.value.where == "export.json, line 1"


@pytest.mark.parametrize("text", ['{"a": 1,}', "{'a': 1}", '{"a": 1} {"b": 2}', "[1 2]", "}"])
def test_a_text_that_is_whole_but_wrong_is_called_wrong(text: str):
    with pytest.raises(MalformedFileError, match="not JSON"):
        parse_json(text, file="f")


def test_absurd_nesting_and_absurd_numbers_end_in_a_sentence():
    with pytest.raises(MalformedFileError, match="nested too deep"):
        parse_json("[" * 200_000 + "]" * 200_000, file="f")
    with pytest.raises(MalformedFileError, match="cannot be read"):
        parse_json("[" + "9" * 10_000 + "]", file="f")


def test_json_lines_are_a_list_whose_places_are_line_numbers():
    text = '{"a": 1}\n\n{"a": 2,}\n[3]\n'

    # An empty and a wrong line stand there as text: a source counts and rejects them.
    assert parse_json(text, file="f") == [{"a": 1}, "", '{"a": 2,}', [3]]


def test_json_lines_whose_last_is_cut_are_refused():
    with pytest.raises(TruncatedFileError) as refused:
        parse_json('{"a": 1}\n{"a": 2}\n{"a":', file="f")

    assert refused.value.where == "f, line 3"


def test_a_text_too_large_for_memory_is_refused_before_it_is_read():
    with pytest.raises(FileTooLargeError, match="more JSON than"):
        parse_json("[" + " " * MAX_JSON_CHARACTERS, file="f")


def test_a_text_of_escapes_only_is_judged_in_one_pass():
    # Looked at from each of its quotes in turn it would take hours.
    with pytest.raises(TruncatedFileError):
        parse_json('["' + '\\"' * 500_000, file="f")


def test_objects_are_taken_out_of_whatever_holds_them():
    assert objects_in({"a": 1}) == [{"a": 1}]
    assert objects_in([{"a": 1}, 5, {"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert objects_in("text") == []
    assert flattened({"device": {"id": "b1"}, "data": 5}) == {"device.id": "b1", "data": 5}

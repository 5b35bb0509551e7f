import json

import pytest

from depotlib.errors import FrameError
from depotlib.gateway.guard import (
    CALL_RESULT_ERROR,
    MAX_DEPTH,
    MOST_BAD_FRAMES,
    SEND,
    Budget,
    Frame,
    read_frame,
)


def test_a_call_is_read():
    assert read_frame('[2,"1","Heartbeat",{}]') == Frame(2, "1", "Heartbeat", {})


def test_a_result_and_an_error_are_read():
    assert read_frame('[3,"1",{"a":1}]') == Frame(3, "1", "", {"a": 1})
    assert read_frame('[4,"1","GenericError","",{}]').action == "GenericError"
    assert read_frame('[4,"1","VendorSaysNo","text"]').payload == {}  # four parts have been seen


def test_what_2_1_says_one_way_is_read():
    assert read_frame('[6,"1","NotifyPeriodicEventStream",{"id":1}]').kind == SEND
    error = read_frame('[5,"1","FormatViolation","text",{}]')
    assert (error.kind, error.action) == (CALL_RESULT_ERROR, "FormatViolation")


@pytest.mark.parametrize(
    "text", ['[6,"1","X"]', '[6,"1","X",[]]', '[6,"1",["X"],{}]', '[5,"1","X",{}]', '[7,"1",{}]']
)
def test_what_is_sent_one_way_is_never_answered_however_it_looks(text):
    with pytest.raises(FrameError) as refused:
        read_frame(text)

    assert (refused.value.call_id, refused.value.code) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff[]",
        "nonsense",
        "{}",
        "[]",
        "[2]",
        '[5,"1",{}]',
        '[true,"1","Heartbeat",{}]',
        '[2,1,"Heartbeat",{}]',
        '[2,"","Heartbeat",{}]',
        f'[2,"{"x" * 37}","Heartbeat",{{}}]',
        '[2,"1","A",{"a":1,"a":2}]',
        '[2,"1","A",{"a":NaN}]',
        '[2,"1","A",{"a":1e999}]',
        f'[2,"1","A",{{"a":{"9" * 5000}}}]',
        "[" * 5000,
        '[2,"1","MeterValues",{"transactionId":,}]',  # quirk 18
        b"[2]",
    ],
)
def test_what_is_no_frame_is_refused_without_an_answer(text):
    with pytest.raises(FrameError) as refused:
        read_frame(text)

    assert refused.value.call_id == ""


@pytest.mark.parametrize(
    "text", ['[2,"1",["Heartbeat"],{}]', '[2,"1","Heartbeat",[]]', '[2,"1","Heartbeat"]']
)
def test_a_misshapen_call_is_refused_with_its_id(text):
    with pytest.raises(FrameError) as refused:
        read_frame(text)

    assert (refused.value.call_id, refused.value.code) == ("1", "FormationViolation")


def test_depth_counts_brackets_outside_texts_only():
    deep = "[" * 30
    assert read_frame(json.dumps([2, "1", "DataTransfer", {"data": deep}])).kind == 2

    with pytest.raises(FrameError, match="nested deeper than 24"):
        read_frame(json.dumps([2, "1", "DataTransfer", {"data": json.loads(deep + "]" * 30)}]))


def test_a_burst_of_200_messages_passes_and_then_20_a_second():
    budget = Budget(at_s=0.0)

    assert all(budget.spend(100, now_s=0.0) for _ in range(200))
    assert not budget.spend(100, now_s=0.0)
    assert sum(budget.spend(100, now_s=1.0) for _ in range(30)) == 19  # one is owed


def test_bytes_have_a_budget_too():
    budget = Budget(at_s=0.0)

    assert [budget.spend(1_000_000, now_s=0.0) for _ in range(5)] == [True] * 4 + [False]


def test_twenty_bad_frames_are_too_many():
    budget = Budget(at_s=0.0)

    assert [budget.note_bad_frame() for _ in range(MOST_BAD_FRAMES)].index(True) == 19


@pytest.mark.parametrize("nest", ["[]", "{}", "mixed"])
@pytest.mark.parametrize("is_in_company", [True, False])
def test_a_frame_may_be_24_deep_and_not_25_whatever_it_is_made_of(nest, is_in_company):
    def frame(depth: int) -> str:
        kinds = {"[]": "[", "{}": "{", "mixed": "[{"}[nest]
        inner = "1"
        for level in range(depth - 2):  # the frame and its payload are the first two
            is_list = kinds[level % len(kinds)] == "["
            inner = f"[{inner}]" if is_list else '{"a]\\"":' + inner + "}"
        company = ',"b":[{},{},"[[[[\\\\"]' * 40 if is_in_company else ""
        company = company.replace('"b"', '"b%d"') % tuple(range(40)) if company else ""
        return '[2,"u","X",{"a":' + inner + company + "}]"

    assert read_frame(frame(MAX_DEPTH)).action == "X"

    with pytest.raises(FrameError, match="deeper than 24"):
        read_frame(frame(MAX_DEPTH + 1))

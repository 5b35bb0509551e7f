"""What we ask of OCPP 2.0.1 stations (blocks B, C, D, E, F, G, H, K, L, N), asserted on frames.

Named by certification case. All cases of a station are asked at once on one connection: each is a
call of its own on the wire, answered in its turn, and its order's end is what the station said.
"""

import pytest

from tests.conformance.cases import negative
from tests.conformance.errands import are_over, ask, became, run
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp201_frames import BOOT, STATION_201, TAG, told
from tests.conformance.operations import all_asked, is_of, named, numbered
from tests.conformance.operations201 import NEVER, OWN_NAME, REFUSED, TAKEN

pytestmark = pytest.mark.conformance

BLOCKS = ("B", "C", "D", "E", "F", "G", "K")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home) as address:
        yield address


def worked(url, home, place, *, cases):
    """Ask everything of a connector that has a session; return frames and ends."""
    with station(url, place.partition("/")[0], **STATION_201) as cp:
        cp.ask("BootNotification", BOOT)
        cp.ask("TransactionEvent", told("Started", OWN_NAME, 0, idToken=TAG, evse={"id": 1}))
        cp.ask("TransactionEvent", told("Started", "second", 0, idToken=TAG, evse={"id": 2}))
        ends = all_asked(cp, home, place, cases=cases)
        return cp.calls, ends


@pytest.fixture(scope="module")
def taken(url, home):
    return worked(url, home, "CP-1/1", cases=TAKEN)


@pytest.fixture(scope="module")
def refused(url, home):
    return worked(url, home, "CP-3/1", cases=REFUSED)


@pytest.mark.parametrize("at", numbered(TAKEN))
def test_what_we_ask_is_the_cases_frame_and_its_answer_is_kept(taken, at):
    frames, ends = taken

    assert any(is_of(TAKEN[at], action, payload) for _, action, payload in frames)
    assert ends[at] == TAKEN[at].end


@negative
@pytest.mark.parametrize("at", numbered(REFUSED))
def test_what_a_station_refuses_is_shown_as_refused_in_its_own_word(refused, at):
    frames, ends = refused

    assert any(is_of(REFUSED[at], action, payload) for _, action, payload in frames)
    assert ends[at] == REFUSED[at].end


def test_tc_k_37_a_remote_start_carries_the_safe_limit_for_the_transaction_to_come(taken):
    frames, _ = taken

    first = next(payload for _, action, payload in frames if action == "RequestStartTransaction")
    profile = first["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert "transactionId" not in profile  # F01.FR.11
    assert profile["chargingSchedule"][0]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 1}  # 1380 W / 230 V
    ]


def test_each_start_report_and_log_has_a_number_of_its_own(taken):
    frames, _ = taken

    starts = [one["remoteStartId"] for _, action, one in frames if "RequestStart" in action]
    requests = [
        one["requestId"] for _, action, one in frames if action in {"GetBaseReport", "GetLog"}
    ]
    assert len(set(starts)) == len(starts) == 2
    assert len(set(requests)) == len(requests) == 5


@pytest.mark.parametrize(
    ("errand", "place", "reply", "note"),
    [
        pytest.param("reset", "CP-2", {"status": "Accepted"}, "Accepted", id="TC_B_20"),
        pytest.param("reset", "CP-2/1", {"status": "Accepted"}, "Accepted", id="TC_B_25"),
        pytest.param("read_session", "CP-2", {"messagesInQueue": True},
                     "more to be told = yes", id="TC_E_33"),
        pytest.param("read_session", "CP-2", {"messagesInQueue": False},
                     "more to be told = no", id="TC_E_34"),
        pytest.param("read_tokens_version", "CP-2", {"versionNumber": 0}, "listVersion = 0",
                     id="TC_D_09"),
    ],
)  # fmt: skip
def test_a_station_where_nothing_runs_is_asked_all_the_same(url, home, errand, place, reply, note):
    with station(url, place.partition("/")[0], **STATION_201) as cp:
        assert run(cp, home, errand, place=place, answer=reply) == ("done", note)
        resets = cp.asked("Reset")

    assert resets in ([], [{"type": "OnIdle", **({"evseId": 1} if "/" in place else {})}])


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        pytest.param({"ongoingIndicator": True, "messagesInQueue": False},
                     "is running = yes; more to be told = no", id="TC_E_30"),
        pytest.param({"ongoingIndicator": False, "messagesInQueue": True},
                     "is running = no; more to be told = yes", id="TC_E_31"),
    ],
)  # fmt: skip
def test_what_a_station_knows_of_a_session_is_told_as_it_says_it(url, home, reply, note):
    with station(url, "CP-1", **STATION_201) as cp:
        assert run(cp, home, "read_session", answer=reply) == ("done", note)


@pytest.fixture(scope="module")
def never(url, home, taken):
    """Ask all of it of stations that are there and armed."""
    with (
        station(url, "CP-1", **STATION_201) as cp,
        station(url, "CP-2", **STATION_201),
    ):
        ids = [ask(home, one[1], place=one[2], facts=one[3]) for one in NEVER]
        cp.hear(lambda: are_over(home, ids))
        # The connection outlives what could not be said on it.
        assert "currentTime" in cp.ask("Heartbeat", {})
        return cp.calls, [became(home, one) for one in ids]


@negative
@pytest.mark.parametrize(
    "at", [pytest.param(at, id=named(one[0], one[1])) for at, one in enumerate(NEVER)]
)
def test_what_must_never_be_sent_is_refused_with_its_reason(never, at):
    frames, ends = never
    state, note = ends[at]

    assert NEVER[at][4] in note
    assert state in {"refused", "failed"}
    assert {action for _, action, _ in frames}.isdisjoint(
        {"ClearChargingProfile", "GetBaseReport", "RequestStopTransaction", "ReserveNow",
         "SendLocalList", "SetNetworkProfile"}
    )  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_asked_for_what_it_is_refused_too(block):
    good = [one for one in TAKEN if one.tc.startswith(block)]
    bad = [one.tc for one in REFUSED] + [one[0] for one in NEVER]

    assert good
    assert 2 * sum(tc.startswith(block) for tc in bad) >= len(good)

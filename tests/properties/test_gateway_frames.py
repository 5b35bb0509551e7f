"""Spoiled frames at a real connection: whatever comes, the receive loop lives and goes on answering."""

import asyncio
import copy
import json
import random

import pytest
from websockets.asyncio.client import connect

from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.guard import MOST_BAD_FRAMES
from depotlib.gateway.versions import VERSIONS
from depotlib.gateway.versions.version import Version
from tests.conformance.gateway_process import gateway
from tests.station_frames import CALLS_2, CALLS_16

COUNTS = [900, pytest.param(30_000, marks=pytest.mark.full)]
BATCH = MOST_BAD_FRAMES - 1
WAIT_S = 30.0
WRONG_VALUES = (
    None, True, False, -1, 0, 2**31, 2**63, 10**17, -0.0, 1e308, -1e308, 5e-324, "", "x" * 300,
    "\ud800", "\x00", "NaN", "inf", "1e999", "1_000", "٣", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-11-20T20:00:00",
    [], {}, [[]], [None], {"a": None}, [{}], {"": []},
)  # fmt: skip
WRONG_TEXTS = (
    "", " ", "[", "[]", "{}", "null", "1", '"x"', "[2]", '[2,"a"]', '[2,"a","Heartbeat"]',
    '[2,"a",[],{}]', '[2,"a",{},{}]', '[2,[],"Heartbeat",{}]', '[2,"","Heartbeat",{}]',
    '[2.0,"a","Heartbeat",{}]', '[true,"a","Heartbeat",{}]', '[5,"a",{}]', '[6,"a","X",{}]',
    '[3,"never asked",{}]', '[4,"never asked","GenericError","",{}]', '[4,"a",{},1,2]',
    '[2,"a","Heartbeat",{"a":1,"a":2}]', '[2,"a","Heartbeat",{"a":NaN}]',
    '[2,"a","Heartbeat",{"a":1e999}]', '\ufeff[2,"a","Heartbeat",{}]',
    '[2,"a","MeterValues",{"connectorId":1,"transactionId":,"meterValue":[]}]',
    "[" * 2000, '{"a":' * 2000, '[2,"a","X",' + "[" * 30 + "]" * 30 + "]",
    '[2,"a","Heartbeat",{"a":' + "9" * 5000 + "}]", '[2,"a","__class__",{}]',
)  # fmt: skip


def spoiled(rng: random.Random, calls: list[tuple[str, dict[str, object]]]) -> str | bytes:
    """A frame of a station with something wrong in it, mostly."""
    kind = rng.randrange(10)
    if kind == 0:
        return rng.choice(WRONG_TEXTS)
    action, payload = rng.choice(calls)
    frame = [2, f"u{rng.randrange(10**6)}", action, copy.deepcopy(payload)]
    if kind <= 4:
        spoil_value(rng, frame)
        return json.dumps(frame)
    if kind == 5:
        return json.dumps([rng.choice([3, 4]), *frame[1:]])
    text = json.dumps(frame)
    if kind == 6:
        return text.encode()
    return spoil_text(rng, text)


def spoil_value(rng: random.Random, frame: list[object]) -> None:
    """Put something else in the place of one or two values, or take them out."""
    for _ in range(rng.randint(1, 2)):
        place: object = frame[3]
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = rng.choice(keys)
            inner = place[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.75:
                place = inner
                continue
            if rng.random() < 0.15:
                del place[key]
            else:
                place[key] = copy.deepcopy(rng.choice(WRONG_VALUES))
            break
        if not isinstance(frame[3], dict) or not frame[3]:
            return


def spoil_text(rng: random.Random, text: str) -> str:
    for _ in range(rng.randint(1, 3)):
        at, upto = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        piece = text[at : min(upto, at + 12)]
        swap = rng.choice(["", piece * 2, rng.choice('[]{}",:0\\x'), piece[::-1], "é\u2028"])
        text = text[:at] + swap + text[at + len(piece) :]
    return text


@pytest.mark.timeout(1500)  # thirty thousand frames, one answer after the other
@pytest.mark.parametrize("count", COUNTS)
def test_no_spoiled_frame_ends_a_receive_loop(count, tmp_path):
    batches = count // len(VERSIONS) // BATCH + 1

    async def is_alive_after_a_batch(url: str, version: Version, rng: random.Random) -> bool:
        calls = CALLS_16 if version.name == "1.6" else CALLS_2
        async with connect(url, subprotocols=[version.subprotocol], compression=None) as socket:
            for _ in range(BATCH):
                await socket.send(spoiled(rng, calls))
            await socket.send('[2,"alive?","Heartbeat",{}]')
            async with asyncio.timeout(WAIT_S):
                async for text in socket:
                    if json.loads(text)[:2] == [3, "alive?"]:
                        return True
        return False

    async def one_station(url: str, number: int) -> list[bool]:
        rng = random.Random(20_261 + number)
        version = VERSIONS[number]
        name = f"{url}/CP-{number + 1}"
        return [await is_alive_after_a_batch(name, version, rng) for _ in range(batches)]

    async def all_stations(url: str) -> list[bool]:
        lives = await asyncio.gather(*[one_station(url, one) for one in range(len(VERSIONS))])
        return [is_alive for life in lives for is_alive in life]

    with gateway(tmp_path) as url:
        alive = asyncio.run(all_stations(url))

    assert all(alive), f"{alive.count(False)} of {len(alive)} loops died"
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        verdict = mailbox.verify_journal()
    assert verdict.ok, verdict.note

"""Every frame of a virtual station is written down as it is said, or as it arrives."""

import asyncio
import io
import json
import random
from datetime import UTC, datetime

from websockets.asyncio.server import serve

from depotlib.clock import Clock
from depotlib.virtual.depot import SPEECHES
from depotlib.virtual.keyring import CentralSystem, Keyring
from depotlib.virtual.line import run_station
from depotlib.virtual.wire import WireTap
from tests.unit.virtual.misbehaving_yard import START, yard

DELAY_S = 30.0
"""Of the slow station, half a real second."""


async def two_calls_at_once(one, tap: WireTap) -> list[str]:
    """Ask a slow station twice without waiting; return the ids in the order of its answers."""
    answered: list[str] = []
    done = asyncio.Event()

    async def central(socket) -> None:
        asked = False
        async for text in socket:
            frame = json.loads(text)
            if frame[0] == 3:
                answered.append(frame[1])
                if len(answered) == 2:
                    done.set()
            elif frame[0] == 2:
                told = {"status": "Accepted", "currentTime": START.isoformat(), "interval": 300}
                await socket.send(json.dumps([3, frame[1], told if not asked else {}]))
                if not asked:
                    asked = True
                    for number in ("1", "2"):
                        payload = {"connectorId": 1, "duration": 60}
                        await socket.send(json.dumps([2, number, "GetCompositeSchedule", payload]))

    async with serve(central, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as door:
        url = f"ws://127.0.0.1:{door.sockets[0].getsockname()[1]}/ocpp"
        leaving = asyncio.Event()
        served = asyncio.ensure_future(
            run_station(
                one.stations["S"],
                central=CentralSystem(url, Keyring(), tap),
                clock=tap.clock,
                draw=random.Random(1),
                leaving=leaving,
                speech=SPEECHES["1.6"],
            )
        )
        async with asyncio.timeout(60.0):
            await done.wait()
        leaving.set()
        served.cancel()
        await asyncio.gather(served, return_exceptions=True)
    return answered


def test_a_call_is_heard_when_it_arrives_and_not_when_a_slow_station_gets_round_to_it():
    stream = io.StringIO()
    clock = Clock(start=START, speed_factor=60.0, anchor=datetime.now(UTC))

    answered = asyncio.run(two_calls_at_once(yard("slow", delay_s=DELAY_S), WireTap(stream, clock)))

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    frames = [(one["way"], json.loads(one["frame"])) for one in lines]
    assert {one["station_id"] for one in lines} == {"S"}
    assert frames[0][0] == "said"
    assert frames[0][1][2] == "BootNotification"
    asked = [index for index, (way, frame) in enumerate(frames) if way == "heard" and frame[0] == 2]
    told = [index for index, (way, frame) in enumerate(frames) if way == "said" and frame[0] == 3]
    # Both calls were heard before either was answered, half a minute of the depot's later.
    assert answered == ["1", "2"]
    assert len(asked) == len(told) == 2
    assert max(asked) < min(told)
    heard_at, said_at = (
        datetime.fromisoformat(lines[index]["at"]) for index in (asked[0], told[0])
    )
    assert (said_at - heard_at).total_seconds() >= DELAY_S - 1.0

"""Each misbehaviour of a virtual station on the wire, in OCPP 1.6 and 2.0.1."""

import asyncio
import json
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from websockets.asyncio.server import serve

from depotlib.clock import Clock
from depotlib.virtual import line
from depotlib.virtual.client import answer_timeout_s
from depotlib.virtual.depot import SPEECHES
from depotlib.virtual.keyring import CentralSystem, Keyring
from depotlib.virtual.line import run_station
from tests.unit.virtual.misbehaving_yard import START, limit, play, yard


@dataclass
class Central:
    """A central system that answers everything plainly and keeps what it heard."""

    url: str = ""
    heard: list[tuple[str, dict]] = field(default_factory=list)
    answers: dict[str, dict] = field(default_factory=dict)
    garbled: list[str] = field(default_factory=list)
    sockets: list = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, socket):
        self.sockets.append(socket)
        self.news.set()
        async for text in socket:
            self.news.set()
            try:
                frame = json.loads(text)
            except ValueError:
                self.garbled.append(text)
                continue
            if frame[0] == 3:
                self.answers[frame[1]] = frame[2]
            elif frame[0] == 2:
                self.heard.append((frame[2], frame[3]))
                await socket.send(json.dumps([3, frame[1], _answer(frame[2])]))

    async def ask(self, action, payload, *, unique_id="1"):
        await self.until(lambda: self.said("BootNotification"))
        await self.say(action, payload, unique_id=unique_id)
        await self.until(lambda: unique_id in self.answers)
        return self.answers.pop(unique_id)

    async def say(self, action, payload, *, unique_id):
        await self.sockets[-1].send(json.dumps([2, unique_id, action, payload]))

    def said(self, action):
        return [payload for name, payload in self.heard if name == action]

    async def until(self, is_so):
        async with asyncio.timeout(60.0):
            while not is_so():
                self.news.clear()
                await self.news.wait()


def _answer(action):
    accepted = {"status": "Accepted"}
    return {
        "BootNotification": {
            **accepted, "currentTime": "2026-11-02T22:00:00Z", "interval": 300
        },
        "StartTransaction": {"transactionId": 7, "idTagInfo": accepted},
        "TransactionEvent": {"idTokenInfo": accepted},
    }.get(action, {})  # fmt: skip


@asynccontextmanager
async def on_the_wire(one, version):
    """Yield a central system to which the yard's station is connected."""
    central, leaving = Central(), asyncio.Event()
    async with serve(central.serve, "127.0.0.1", 0, subprotocols=[f"ocpp{version}"]) as door:
        central.url = f"ws://127.0.0.1:{door.sockets[0].getsockname()[1]}/ocpp"
        clock = Clock(start=START, speed_factor=60.0, anchor=datetime.now(UTC))
        served = asyncio.ensure_future(
            run_station(
                one.stations["S"],
                central=CentralSystem(central.url, Keyring()),
                clock=clock,
                draw=random.Random(1),
                leaving=leaving,
                speech=SPEECHES[version],
            )
        )
        try:
            yield central
        finally:
            leaving.set()
            served.cancel()
            await asyncio.gather(served, return_exceptions=True)


def profile(version, *, unit, limit=10.0):
    """A default profile as each version asks for it."""
    periods = [{"startPeriod": 0, "limit": limit}]
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": periods,
                "startSchedule": "2026-11-02T21:00:00Z"}  # fmt: skip
    common = {"stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
              "chargingProfileKind": "Absolute"}  # fmt: skip
    if version == "1.6":
        body = {**common, "chargingProfileId": 1, "chargingSchedule": schedule}
        return {"connectorId": 0, "csChargingProfiles": body}
    body = {**common, "id": 1, "chargingSchedule": [{**schedule, "id": 1}]}
    return {"evseId": 0, "chargingProfile": body}


def composite(version):
    place = {"connectorId": 1} if version == "1.6" else {"evseId": 1}
    return {**place, "duration": 60}


VERSIONS = pytest.mark.parametrize("version", sorted(SPEECHES))


@VERSIONS
def test_a_station_with_nothing_to_say_asks_for_the_time_again_and_again(version, monkeypatch):
    monkeypatch.setattr(line, "HEARTBEAT_S", 6.0)  # depot seconds: a tenth of a second here

    async def listen():
        async with on_the_wire(yard(), version) as central:
            await central.until(lambda: len(central.said("Heartbeat")) >= 2)
            return central.said("Heartbeat")

    assert set(map(str, asyncio.run(listen()))) == {"{}"}


@VERSIONS
@pytest.mark.parametrize(
    ("kind", "unit", "limit_now", "status"),
    [
        ("rejects", "A", 10.0, "Rejected"),
        ("rejects", "A", 0.0, "Accepted"),
        ("amperes", "W", 10.0, "Rejected"),
        ("amperes", "A", 10.0, "Accepted"),
        ("watts", "A", 10.0, "Rejected"),
        ("watts", "W", 10.0, "Accepted"),
        ("ignores", "A", 10.0, "Accepted"),
    ],
)
def test_profiles_are_taken_or_refused_by_kind(version, kind, unit, limit_now, status):
    async def ask():
        async with on_the_wire(yard(kind), version) as central:
            wanted = profile(version, unit=unit, limit=limit_now)
            return await central.ask("SetChargingProfile", wanted)

    assert asyncio.run(ask())["status"] == status


@VERSIONS
@pytest.mark.parametrize(("kind", "told"), [("amperes", "A"), ("watts", "W")])
def test_the_only_unit_is_told(version, kind, told):
    async def ask():
        async with on_the_wire(yard(kind), version) as central:
            if version == "1.6":
                keys = {"key": ["ChargingScheduleAllowedChargingRateUnit"]}
                answer = await central.ask("GetConfiguration", keys)
                return answer["configurationKey"][0]["value"]
            variable = {"component": {"name": "SmartChargingCtrlr"},
                        "variable": {"name": "RateUnit"}}  # fmt: skip
            answer = await central.ask("GetVariables", {"getVariableData": [variable]})
            return answer["getVariableResult"][0]["attributeValue"]

    words = {"1.6": {"A": "Current", "W": "Power"}}
    assert asyncio.run(ask()) == words.get(version, {"A": "A", "W": "W"})[told]


@VERSIONS
def test_an_opaque_station_tells_no_composite_schedule(version):
    async def ask():
        async with on_the_wire(yard("opaque"), version) as central:
            return await central.ask("GetCompositeSchedule", composite(version))

    assert asyncio.run(ask())["status"] == "Rejected"


@VERSIONS
def test_a_mute_station_answers_nothing_and_still_speaks(version):
    one = yard("mute")

    async def ask():
        async with on_the_wire(one, version) as central:
            await central.until(lambda: central.said("BootNotification"))
            await central.say("GetCompositeSchedule", composite(version), unique_id="1")
            play(one, 5)
            await central.until(lambda: starts_of(central))
            return "1" in central.answers

    assert not asyncio.run(ask())


@VERSIONS
def test_a_forgetful_station_boots_again_without_its_profiles(version):
    one = yard("forgets", start=START + timedelta(seconds=30))
    limit(one, (0, 10.0))

    async def boots():
        async with on_the_wire(one, version) as central:
            await central.until(lambda: len(central.said("BootNotification")) == 2)

    asyncio.run(boots())

    assert one.stations["S"].profiles.profiles == []


@VERSIONS
def test_a_reset_keeps_the_profiles_of_a_sound_station(version):
    one = yard()
    limit(one, (0, 10.0))

    async def boots():
        async with on_the_wire(one, version) as central:
            await central.ask("Reset", {"type": "Soft" if version == "1.6" else "OnIdle"})
            await central.until(lambda: len(central.said("BootNotification")) == 2)

    asyncio.run(boots())

    assert len(one.stations["S"].profiles.profiles) == 1


def starts_of(central):
    started = [one for one in central.said("TransactionEvent") if one["eventType"] == "Started"]
    return [one["timestamp"] for one in central.said("StartTransaction") + started]


@VERSIONS
def test_a_replaying_station_says_its_old_start_again(version):
    one = yard("replays")

    async def replay():
        async with on_the_wire(one, version) as central:
            play(one, 5)
            await central.until(lambda: starts_of(central))
            await central.sockets[-1].close()
            await central.until(lambda: len(starts_of(central)) == 2)
            return starts_of(central)

    assert asyncio.run(replay()) == ["2026-11-02T22:00:00Z"] * 2


@VERSIONS
def test_a_garbling_station_leaves_a_number_blank(version):
    one = yard("garbles")

    async def garble():
        async with on_the_wire(one, version) as central:
            play(one, 61)
            await central.until(lambda: central.garbled)
            return central.garbled[0]

    assert '"transactionId":,' in asyncio.run(garble())


def test_a_nameless_station_says_minus_one():
    one = yard("nameless")

    async def meter():
        async with on_the_wire(one, "1.6") as central:
            play(one, 61)
            await central.until(lambda: central.said("MeterValues"))
            return central.said("MeterValues")[0]["transactionId"]

    assert asyncio.run(meter()) == -1


@pytest.mark.parametrize(("speed_factor", "patience_s"), [(1.0, 60.0), (60.0, 5.0)])
def test_a_fast_clock_leaves_the_machine_the_time_to_answer(speed_factor, patience_s):
    clock = Clock(start=START, speed_factor=speed_factor, anchor=datetime.now(UTC))

    # A minute of the depot's; at sixty times the speed a second, which a busy machine cannot keep.
    assert answer_timeout_s(clock) == patience_s


@VERSIONS
def test_a_doubling_station_comes_a_second_time_while_it_is_there(version):
    one = yard("doubles", delay_s=5.0)

    async def double():
        async with on_the_wire(one, version) as central:
            await central.until(lambda: len(central.sockets) == 2)
            return central.sockets[0].close_code

    assert asyncio.run(double()) is None


@VERSIONS
def test_a_slow_station_answers_after_its_delay(version):
    one = yard("slow", delay_s=60.0)

    async def delay_s():
        async with on_the_wire(one, version) as central:
            await central.until(lambda: central.said("BootNotification"))
            begun_s = asyncio.get_running_loop().time()
            await central.ask("GetCompositeSchedule", composite(version))
            return asyncio.get_running_loop().time() - begun_s

    # A minute at sixty times the speed; a sleep never ends early.
    assert asyncio.run(delay_s()) >= 0.99


@VERSIONS
def test_a_silent_station_does_not_come_until_its_span_is_over(version):
    one = yard("silent", end=START + timedelta(seconds=20))

    async def silence_s():
        begun_s = asyncio.get_running_loop().time()
        async with on_the_wire(one, version) as central:
            await central.until(lambda: central.said("BootNotification"))
            return asyncio.get_running_loop().time() - begun_s

    # 20 s at sixty times the speed, begun before its clock; a sleep never ends early.
    assert asyncio.run(silence_s()) >= 0.33

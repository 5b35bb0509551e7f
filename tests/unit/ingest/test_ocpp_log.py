"""OCPP logs: what their frames, samples and quirks come to, worked out by hand."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import TruncatedFileError
from depotlib.ingest.content import content_of, read_content, sample_of
from depotlib.ingest.json_text import JsonValue
from depotlib.ingest.ocpp_log.frames import read_frames
from depotlib.ingest.ocpp_log.registers import RegisterEnergy, RegisterPoint, gained
from depotlib.ingest.ocpp_log.samples import Sample, samples_of
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.ocpp_log import OcppLog
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "ocpp_log"
START = [
    2, "1", "StartTransaction",
    {"connectorId": 1, "idTag": "C", "meterStart": 0, "timestamp": "2026-11-02T17:00:00Z"},
]  # fmt: skip
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def frames(text: str):
    return read_frames(content_of("log", text.encode()))


def sample(*values: dict[str, JsonValue]) -> Sample:
    read = samples_of([{"timestamp": "2026-11-02T12:00:00Z", "sampledValue": list(values)}])
    assert isinstance(read, list)
    return read[0]


def points(*registers_kwh: float, minutes: int = 30) -> list[RegisterPoint]:
    return [
        RegisterPoint(NOON + timedelta(minutes=minutes * place), register_kwh)
        for place, register_kwh in enumerate(registers_kwh)
    ]


@pytest.mark.parametrize(
    ("text", "station"),
    [
        (json.dumps(START), None),
        (json.dumps(START) + "\n" + json.dumps([3, "1", {"transactionId": 9}]) + "\n", None),
        (json.dumps([START]), None),
        (json.dumps({"charge_point": "CP-1", "frame": START}), "CP-1"),
        (json.dumps([{"chargeBoxId": "CP-1", "message": json.dumps(START)}]), "CP-1"),
        (
            'when,Station ID,payload\nx,CP-1,"' + json.dumps(START).replace('"', '""') + '"\n',
            "CP-1",
        ),
    ],
    ids=["one frame", "lines", "list", "object", "text in objects", "column"],
)
def test_a_frame_is_found_in_whatever_holds_it(text: str, station: str | None):
    found = frames(text)

    assert OcppLog().recognise(sample_of(text.encode())).confidence_share == 1.0
    assert [(each.action, each.station_id) for each in found.metered] == [
        ("StartTransaction", station)
    ]
    assert found.rejections == []


def test_an_answer_belongs_to_the_last_call_of_its_station_with_that_id():
    calls = [
        {"station": "A", "frame": START},
        {"station": "B", "frame": START},
        {"station": "B", "frame": [3, "1", {"transactionId": 7}]},
        {"station": "A", "frame": [4, "1", "InternalError", "", {}]},
    ]

    found = frames("\n".join(map(json.dumps, calls)))

    assert [each.answer for each in found.metered] == [{}, {"transactionId": 7}]


def test_a_broken_line_is_a_rejection_and_a_cut_last_one_refuses_the_log():
    line = json.dumps(START)

    broken = frames(f"{line}\n{{'not json'}}\n[7]\n{line}\n")

    assert [(each.row, each.reason) for each in broken.rejections] == [
        (2, "bad_frame"), (3, "bad_frame"),
    ]  # fmt: skip
    with pytest.raises(TruncatedFileError):
        frames(f"{line}\n{line[:-10]}")


@pytest.mark.parametrize(
    ("value", "register_kwh"),
    [
        ({"value": "412"}, 0.412),  # the standard's default: the register, in Wh
        ({"value": "741.120331", "unit": "kWh"}, 741.120331),
        ({"value": " 0.0", "unit": "Wh"}, 0.0),
        ({"value": 0.9, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}}, 0.9),
        ({"value": 5, "unit": "varh"}, None),
        ({"value": ""}, None),
    ],
)
def test_a_register_is_read_in_the_unit_that_its_sample_names(value, register_kwh):
    power = {"value": "1", "measurand": "Power.Active.Import", "unit": "kW"}

    assert sample(value, power).register_kwh == register_kwh


def test_of_two_registers_in_one_sample_the_one_of_the_beginning_does_not_count():
    now = {"value": "412", "context": "Sample.Periodic"}
    begin = {"value": "0", "context": "Transaction.Begin"}

    assert sample(now, begin).register_kwh == sample(begin, now).register_kwh == 0.412


def test_phases_add_up_unless_their_total_stands_beside_them():
    phases = [
        {"value": "1000", "measurand": "Power.Active.Import", "phase": phase, "unit": "W"}
        for phase in ("L1", "L2", "L3")
    ]
    total = {"value": "3.1", "measurand": "Power.Active.Import", "unit": "kW"}
    neutral = {"value": "9", "measurand": "Power.Active.Import", "phase": "N", "unit": "kW"}

    assert sample(*phases, neutral).power_kw == pytest.approx(3.0)
    assert sample(*phases, total).power_kw == 3.1


def test_a_sample_of_empty_texts_holds_nothing():
    values = [{"value": "", "measurand": "SoC", "unit": "V"}, {"value": ""}]

    read = samples_of([{"timestamp": "2026-11-02T12:00:00Z", "sampledValue": values}])

    assert read == []


@pytest.mark.parametrize(
    ("registers_kwh", "has_both_ends", "expected"),
    [
        ((5.0,), False, RegisterEnergy(None)),
        ((5.0, 12.0), True, RegisterEnergy(7.0)),
        ((5.0, 2.0), True, RegisterEnergy(None, "reset")),
        ((5.0, 8.0, 0.5, 2.5), True, RegisterEnergy(5.5, "reset")),
        # 900 kWh in half an hour are 1,800 kW, so the step from 0 is one of bases.
        ((0.0, 900.0, 903.0, 904.0), True, RegisterEnergy(4.0, "base")),
        ((0.0, 900.0, 903.0, 3.5), True, RegisterEnergy(3.5, "base")),
        ((0.0, 900.0, 903.0), False, RegisterEnergy(3.0, "base")),
    ],
)
def test_what_a_register_gained(registers_kwh, has_both_ends, expected):
    assert gained(points(*registers_kwh), has_both_ends=has_both_ends) == expected


def test_the_sample_log_of_16_comes_to_the_sessions_worked_out_by_hand():
    rows = OcppLog().read(read_content(SAMPLES / "messages.jsonl"), ReadOptions())

    assert rows.sessions is not None
    found = {
        (row["station_id"], row["connector_id"]): row["energy_wall_kwh"]
        for row in rows.sessions.to_dicts()
    }
    assert found == {
        ("CP-01", "1"): pytest.approx(6.1),  # 1,006,100 - 1,000,000 Wh, by the later stop
        ("CP-02", "1"): pytest.approx(2.4),  # 254,320 - 251,920 Wh: its start of 0 is another zero
        ("CP-03", "2"): pytest.approx(5.5),  # 5,000 to 8,000, reset, 500 to 2,500 Wh
        ("CP-03", "1"): pytest.approx(6.0),  # 0 to 6,000 Wh
        ("CP-06", "1"): None,  # still running, nothing sampled
    }
    (first,) = [row for row in rows.sessions.to_dicts() if row["station_id"] == "CP-01"]
    assert (first["start_soc"], first["end_soc"]) == (0.4, 0.5)
    # The only status says Charging at 17:01; no later one, so until the stop.
    assert first["charge_start"] == datetime(2026, 11, 2, 17, 1, tzinfo=UTC)
    assert rows.meter is not None
    assert dict(zip(rows.meter["src_row"], rows.meter["power_kw"], strict=True)) == {
        8: pytest.approx(7.2),  # 1.8 kWh in a quarter of an hour
        6: pytest.approx(7.2),
        14: pytest.approx(3.6, abs=0.001),
        28: pytest.approx(1.6),  # 0.4 kWh in a quarter of an hour
    }


def test_the_events_of_201_are_ordered_by_their_own_times():
    rows = OcppLog().read(read_content(SAMPLES / "events.json"), ReadOptions())

    assert rows.sessions is not None
    session = rows.sessions.to_dicts()[0]
    assert session["energy_wall_kwh"] == pytest.approx(3.6)  # 903.6 - 900.0 kWh
    assert session["charge_end"] == datetime(2026, 11, 2, 17, 35, tzinfo=UTC)
    assert (session["id_tag"], session["end_soc"]) == ("04A1B2C3D4E501", 0.25)

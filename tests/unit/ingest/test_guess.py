"""Guesses from a header and its values: what a person would say, with the reason, or nothing."""

import pytest

from depotlib.ingest.delimited import read_table
from depotlib.ingest.guess.guess import TableSample, guess_mapping
from depotlib.ingest.guess.heads import name_match, unit_in, words_of
from depotlib.ingest.guess.shape import shape_of
from depotlib.model.mapping_guess import MappingGuess


def sample(text: str) -> TableSample:
    table = read_table(text, file="made up")
    return TableSample(
        {name: [str(r.fields.get(name, "")) for r in table.records] for name in table.header}
    )


def guessed(text: str) -> MappingGuess:
    guess = guess_mapping(sample(text))
    assert guess is not None
    return guess


def columns(guess: MappingGuess) -> dict[str, str | None]:
    return {one.fills: one.field.column for one in guess.fields}


def units(guess: MappingGuess) -> dict[str, str]:
    return {one.fills: one.field.unit for one in guess.fields if one.field.unit}


def test_english_words_make_a_session_log():
    guess = guessed(
        "Session ID,Vehicle,Plug-in time,Unplug time,Energy (Wh),Start SoC [%]\n"
        "1,Van 3,2026-03-01 18:05,2026-03-02 05:10,31500,22\n"
        "2,Van 4,2026-03-01 18:20,2026-03-02 05:30,28100,35\n"
    )

    assert guess.kind == "sessions"
    assert columns(guess) == {
        "plug_start": "Plug-in time",
        "plug_end": "Unplug time",
        "energy_wall_kwh": "Energy (Wh)",
        "start_soc": "Start SoC [%]",
        "vehicle_id": "Vehicle",
    }
    assert units(guess) == {"energy_wall_kwh": "Wh", "start_soc": "%"}
    assert guess.key == ("Session ID",)
    assert guess.missing == ()


def test_german_words_make_a_session_log():
    guess = guessed(
        "Ladevorgang Nr;Ladesäule;Stecker;Ladebeginn;Ladeende;Energiemenge (kWh);Ladekarte\n"
        "17;Säule 1;2;01.03.2026 18:05;02.03.2026 05:10;31,5;DE-7\n"
        "18;Säule 2;1;01.03.2026 18:20;02.03.2026 05:30;28,1;DE-8\n"
    )

    assert guess.kind == "sessions"
    assert columns(guess) == {
        "plug_start": "Ladebeginn",
        "plug_end": "Ladeende",
        "energy_wall_kwh": "Energiemenge (kWh)",
        "station_id": "Ladesäule",
        "connector_id": "Stecker",
        "id_tag": "Ladekarte",
    }


def test_french_words_make_a_session_log():
    guess = guessed(
        "Borne;Connecteur;Date de début;Date de fin;Énergie délivrée (kWh);Véhicule\n"
        "B1;1;01/03/2026 18:05;02/03/2026 05:10;31,5;Fourgon 3\n"
        "B2;2;13/03/2026 18:20;14/03/2026 05:30;28,1;Fourgon 4\n"
    )

    assert guess.kind == "sessions"
    assert columns(guess) == {
        "plug_start": "Date de début",
        "plug_end": "Date de fin",
        "energy_wall_kwh": "Énergie délivrée (kWh)",
        "station_id": "Borne",
        "connector_id": "Connecteur",
        "vehicle_id": "Véhicule",
    }


def test_four_times_are_told_apart_and_two_are_the_plug():
    four = guessed(
        "Plug in,Charge start,Charge end,Unplug,kWh\n"
        "2026-03-01 18:05,2026-03-01 23:00,2026-03-02 02:00,2026-03-02 05:10,31.5\n"
    )
    two = guessed("Charging started,Charging stopped,kWh\n2026-03-01 18:05,2026-03-02 05:10,31.5\n")

    assert columns(four)["charge_start"] == "Charge start"
    assert columns(four)["plug_end"] == "Unplug"
    assert columns(two)["plug_start"] == "Charging started"
    assert columns(two)["plug_end"] == "Charging stopped"
    assert "charge_start" not in columns(two)


def test_a_date_takes_the_time_of_day_that_is_called_alike():
    guess = guessed(
        "Start Date,Start Time,End Date,End Time,Total kWh\n"
        "01/03/2026,18:05,02/03/2026,05:10,31.5\n"
    )

    clocks = {one.fills: one.field.time_column for one in guess.fields if one.field.time_column}
    assert clocks == {"plug_start": "Start Time", "plug_end": "End Time"}


def test_a_zone_column_beside_utc_that_is_none_makes_the_offset_void():
    guess = guessed(
        "Station,Start,Start Zone,End,End Zone,kWh\n"
        "A,2026-03-07 18:05+00,MST,2026-03-08 05:10+00,MDT,31.5\n"
    )

    assert guess.ignore_offset
    # RFC 822, section 5: MST is 7 hours behind UTC, MDT 6.
    assert guess.zone_offsets == {"MST": "-07:00", "MDT": "-06:00"}
    zones = {one.fills: one.field.zone_column for one in guess.fields if one.field.zone_column}
    assert zones == {"plug_start": "Start Zone", "plug_end": "End Zone"}


def test_readings_that_name_no_vehicle_are_telematics_with_the_vehicle_missing():
    guess = guessed(
        "Zeitstempel;Ladestand;Kilometerstand (km)\n"
        "01.03.2026 18:05:00;81,5;12000\n01.03.2026 18:06:00;81,4;12001\n"
    )

    assert guess.kind == "telematics"
    assert guess.missing == ("vehicle_id",)
    assert columns(guess) == {
        "at": "Zeitstempel",
        "soc": "Ladestand",
        "odometer_km": "Kilometerstand (km)",
    }


def test_even_ticks_make_a_meter_and_uneven_ones_a_log():
    ticks = "".join(f"2026-03-01 {hour:02}:00,{hour + 0.5}\n" for hour in range(6))
    stays = "".join(
        f"2026-03-0{day} 18:0{day * day % 7},2026-03-0{day + 1} 05:00,{day}.5\n"
        for day in range(1, 7)
    )

    assert guessed(f"Time,Usage (kWh)\n{ticks}").kind == "meter"
    assert guessed(f"Start,End,Energy (kWh)\n{stays}").kind == "sessions"


def test_trips_and_duties_are_known_by_what_they_have():
    trips = guessed(
        "Vehicle,Trip start,Trip end,Distance (mi)\nVan 3,2026-03-01 07:05,2026-03-01 09:10,31.5\n"
    )
    duties = guessed(
        "Route,Vehicle,Departure time,Return time\n12,Van 3,2026-03-01 07:05,2026-03-01 16:10\n"
    )

    assert (trips.kind, units(trips)["distance_km"]) == ("trips", "mi")
    assert (duties.kind, columns(duties)["return_at"]) == ("duties", "Return time")


@pytest.mark.parametrize(
    ("counted", "unit"),
    # From 18:00 to 05:00 are 11 h: 660 min, 39,600 s.
    [("11", "h"), ("660", "min"), ("39600", "s")],
)
def test_the_unit_of_a_bare_duration_is_what_makes_it_fit_start_and_end(counted, unit):
    rows = f"2026-03-01 18:00,2026-03-02 05:00,{counted},31.5\n" * 3

    guess = guessed(f"Start,End,Duration,kWh\n{rows}")

    assert units(guess)["duration_s"] == unit


def test_a_duration_whose_unit_nobody_knows_is_left_out():
    guess = guessed("Start,Duration,kWh,Station\n2026-03-01 18:00,11,31.5,A\n")

    assert guess.kind == "sessions"
    assert "duration_s" not in columns(guess)


def test_what_says_that_nobody_knows_is_found_where_it_is_rare():
    rows = "2026-03-01 18:00,2026-03-02 05:00,31.5\n" * 600

    guess = guessed(f"Start,End,kWh\n{rows}2026-03-01 18:00,#N/A,31.5\n")

    assert guess.unknown == ("#N/A",)


def test_each_guess_says_why():
    guess = guessed("Start,End,Energy (Wh),Odometer\n2026-03-01 18:05,2026-03-02 05:10,31500,x\n")

    reasons = {one.fills: one.reason for one in guess.fields}
    assert reasons["energy_wall_kwh"] == (
        "the name says “energy”, the values are numbers, Wh by its name"
    )
    assert all(0 < one.confidence_share <= 1 for one in guess.fields)


def test_values_that_a_column_cannot_hold_void_its_name():
    guess = guessed("Start,End,Energy,Station\n2026-03-01 18:05,2026-03-02 05:10,a lot,A\n")

    assert "energy_wall_kwh" not in columns(guess)


def test_a_list_of_words_is_nothing():
    assert guess_mapping(sample("Column Name,Description\nStation,Where it stands\n")) is None


def test_a_person_may_say_the_kind():
    guess = guess_mapping(
        sample("Start,End,kWh\n2026-03-01 18:05,2026-03-02 05:10,31.5\n"), kind="meter"
    )

    assert guess is not None
    assert columns(guess) == {
        "interval_start": "Start",
        "interval_end": "End",
        "energy_kwh": "kWh",
    }


def test_a_words_accent_case_and_camel_do_not_matter():
    assert words_of("DuréeTotale (s)") == ("duree", "totale", "s")
    assert words_of("Energy__kWh_") == ("energy", "kwh")
    assert name_match("Ladeende", "plug_end").share == 1.0
    assert name_match("Weather", "plug_end").share == 0.0


def test_a_power_factor_is_no_power():
    factor = name_match("Power factor", "power_kw").share

    assert factor < name_match("Power", "power_kw").share / 2


@pytest.mark.parametrize(
    ("name", "dimension", "unit"),
    [
        ("Energy (Wh)", "energy", "Wh"),
        ("Total_Energy [kWh]", "energy", "kWh"),
        ("Charge batterie (%)", "soc", "%"),
        ("Temp °F", "temperature", "°F"),
        ("Distance (miles)", "distance", "mi"),
        ("Durée (sec)", "duration", "s"),
        ("Energy", "energy", ""),
    ],
)
def test_a_unit_is_read_from_a_name(name, dimension, unit):
    assert unit_in(name, dimension) == unit


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        (["2026-03-01 18:05", ""], "instant"),
        (["01/03/2026", "13/03/2026"], "date"),
        (["2018-02-03T00:00:00", "2018-03-03T00:00:00"], "date"),
        (["18:05", "05:10"], "clock"),
        (["47:42:45", "01:00:00"], "duration"),
        (["1772388300", "1772388360"], "epoch"),
        (["3,5", "4,25"], "number"),
        (["true", "false"], "flag"),
        (["MST", "MDT"], "zone"),
        (["Van 3", "Van 4"], "text"),
        (["", "NA"], "empty"),
        (["Fri Apr 14 2017 00:49:24 GMT+0200 (CEST)"], "instant"),
    ],
)
def test_values_have_a_shape(texts, shape):
    assert shape_of(texts).shape == shape

"""Mappings that are shipped: those without a real file here read a made-up one with its heads.

The heads are those that the vendors publish; the values are made up.
"""

from datetime import UTC, datetime

import pytest

from depotlib.ingest.content import content_of, sample_of
from depotlib.ingest.mapping.shipped_mappings import fitting, shipped_mappings
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES

ZEF = (
    "Name,Sticker,Serial,Initiator,Identity,Start,Plug Duration,Charge Duration,Energy,Cost\n"
    "Yard,12,Z-77,rfid,Card 5,2026-03-13 18:00,11:05:00,4:10:00,31.5,0\n"
)
EV_ENERGY = (
    "Session ID,Car ID,Car Description,Session Start Time,Session Finish Time,"
    "Estimated Energy Delivered (kWh),Average Cost per kWh,Cost,Location\n"
    "s1,van-3,Van,2026-03-13 18:00,2026-03-14 05:05,31.5,0.2,6.3,Home\n"
)
TABEV = (
    "charging_network,session_id,location_name,charger_id,energy_transferred,end_state_of_charge,"
    "max_charging_rate,start_date,end_date,charge_duration,total_duration\n"
    "Net,s1,Yard,Z-77,31.5,80,7.4,2026-03-13 18:00,2026-03-14 05:05,4:10:00,11:05:00\n"
)


@pytest.mark.parametrize(
    ("text", "name"),
    [(ZEF, "zef"), (EV_ENERGY, "ev_energy"), (TABEV, "tabev")],
    ids=["zef", "ev_energy", "tabev"],
)
def test_a_vendors_heads_are_known_and_its_session_is_read(text: str, name: str):
    content = content_of("made-up.csv", text.encode())

    source = recognise(content, sources=SOURCES).source
    rows = source.read(content, ReadOptions(time_zone="UTC"))

    mapping = fitting(sample_of(content.data).header, shipped_mappings())
    assert mapping is not None
    assert (source.name, mapping.name) == ("column_mapping", name)
    assert rows.sessions is not None
    (session,) = rows.sessions.to_dicts()
    # 18:00 and 11 h 5 min later.
    assert session["plug_start"] == datetime(2026, 3, 13, 18, tzinfo=UTC)
    assert session["plug_end"] == datetime(2026, 3, 14, 5, 5, tzinfo=UTC)
    assert session["energy_wall_kwh"] == 31.5


def test_every_shipped_mapping_is_named_after_its_file_and_says_what_a_row_is():
    mappings = shipped_mappings()

    assert len({mapping.name for mapping in mappings}) == len(mappings)
    assert all(mapping.title for mapping in mappings)


def test_an_end_before_2000_is_told_and_the_duration_taken():
    head = (
        "Station_Name,Address,Start_Date___Time,Start_Time_Zone,End_Date___Time,End_Time_Zone,"
        "Total_Duration__hh_mm_ss_,Energy__kWh_,ObjectId\n"
    )
    row = "A,B,2018/01/12 15:54:00+00,MST,1970/01/01 00:00:00+00,MST,1:28:23,6.706,1\n"
    content = content_of("boulder.csv", (head + row).encode())

    rows = recognise(content, sources=SOURCES).source.read(content, ReadOptions())

    assert {one.kind: one.count for one in rows.findings}["epoch_date"] == 1
    assert rows.sessions is not None
    # 15:54:00 at 7 hours behind UTC, and 1:28:23 later.
    assert rows.sessions["plug_end"][0] == datetime(2018, 1, 13, 0, 22, 23, tzinfo=UTC)

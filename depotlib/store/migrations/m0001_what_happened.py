"""Tables of what happened: imports, sessions, readings and the journal.

The big tables have no keys: an index makes an import five times slower and the file four times
larger. What is new is found by an anti-join instead.
"""

from typing import Final

SQL: Final = """
CREATE TABLE ingest_file (
    import_no INTEGER NOT NULL,
    digest VARCHAR NOT NULL UNIQUE,
    file VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    rows_in BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    findings_json VARCHAR NOT NULL,
    imported_at TIMESTAMPTZ NOT NULL,
    CHECK (rows_in = stored + duplicates + rejected)
);
CREATE TABLE rejection (
    digest VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL,
    row BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    raw VARCHAR NOT NULL
);
CREATE TABLE session (
    session_key VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    site VARCHAR,
    station_id VARCHAR,
    connector_id VARCHAR,
    vehicle_id VARCHAR,
    id_tag VARCHAR,
    plug_start TIMESTAMPTZ NOT NULL,
    plug_end TIMESTAMPTZ,
    charge_start TIMESTAMPTZ,
    charge_end TIMESTAMPTZ,
    energy_wall_kwh DOUBLE,
    energy_battery_kwh DOUBLE,
    peak_kw DOUBLE,
    start_soc DOUBLE,
    end_soc DOUBLE,
    is_estimated BOOLEAN NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE telematics (
    vehicle_id VARCHAR NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    soc DOUBLE,
    odometer_km DOUBLE,
    power_kw DOUBLE,
    is_charging BOOLEAN,
    is_plugged BOOLEAN,
    temperature_c DOUBLE,
    source VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE meter (
    meter_id VARCHAR NOT NULL,
    interval_start TIMESTAMPTZ NOT NULL,
    interval_s INTEGER NOT NULL,
    power_kw DOUBLE NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE journal (
    seq BIGINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    kind VARCHAR NOT NULL,
    station_id VARCHAR,
    connector_id VARCHAR,
    payload_json VARCHAR NOT NULL,
    hash VARCHAR NOT NULL
);
"""

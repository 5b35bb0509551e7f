"""Tables of what exports tell beside readings and sessions, and two more measurands."""

from typing import Final

SQL: Final = """
ALTER TABLE telematics ADD COLUMN soh_share DOUBLE;
ALTER TABLE telematics ADD COLUMN charge_limit_soc DOUBLE;
CREATE TABLE trip (
    vehicle_id VARCHAR NOT NULL,
    "start" TIMESTAMPTZ NOT NULL,
    "end" TIMESTAMPTZ,
    distance_km DOUBLE,
    energy_battery_kwh DOUBLE,
    start_odometer_km DOUBLE,
    end_odometer_km DOUBLE,
    source VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE duty (
    duty_id VARCHAR NOT NULL,
    vehicle_id VARCHAR,
    departure TIMESTAMPTZ NOT NULL,
    return_at TIMESTAMPTZ,
    distance_km DOUBLE,
    must_soc DOUBLE,
    target_soc DOUBLE,
    priority INTEGER,
    is_withdrawn BOOLEAN NOT NULL,
    source VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE vehicle (
    vehicle_id VARCHAR NOT NULL,
    name VARCHAR,
    vin VARCHAR,
    licence_plate VARCHAR,
    model VARCHAR,
    battery_kwh DOUBLE,
    source VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE assignment (
    driver_id VARCHAR NOT NULL,
    vehicle_id VARCHAR NOT NULL,
    id_tag VARCHAR,
    "start" TIMESTAMPTZ NOT NULL,
    "end" TIMESTAMPTZ,
    source VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL,
    src_row BIGINT NOT NULL
);
CREATE TABLE price (
    series VARCHAR NOT NULL,
    interval_start TIMESTAMPTZ NOT NULL,
    interval_s INTEGER NOT NULL,
    price_per_kwh DOUBLE NOT NULL,
    currency VARCHAR NOT NULL,
    src_row BIGINT NOT NULL,
    source VARCHAR NOT NULL,
    src_file VARCHAR NOT NULL
);
"""

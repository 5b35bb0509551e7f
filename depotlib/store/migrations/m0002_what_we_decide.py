"""Tables of what we decide about: documents of the catalogue, settings and plans."""

from typing import Final

SQL: Final = """
CREATE TABLE document (
    kind VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    saved_at TIMESTAMPTZ NOT NULL,
    document VARCHAR NOT NULL,
    UNIQUE (kind, document_id, version)
);
CREATE TABLE setting (
    name VARCHAR NOT NULL UNIQUE,
    value VARCHAR NOT NULL
);
CREATE TABLE plan (
    plan_id VARCHAR NOT NULL UNIQUE,
    problem_digest VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    policy VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    occupancy VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    bill_amount DOUBLE NOT NULL,
    energy_amount DOUBLE NOT NULL,
    demand_amount DOUBLE NOT NULL,
    bound_amount DOUBLE NOT NULL,
    gap_share DOUBLE NOT NULL,
    peak_kw DOUBLE NOT NULL,
    billed_peak_kw DOUBLE NOT NULL,
    unmet_kwh DOUBLE NOT NULL,
    vehicles INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    swaps INTEGER NOT NULL,
    build_s DOUBLE NOT NULL,
    solve_s DOUBLE NOT NULL,
    pushable BOOLEAN NOT NULL,
    pushable_reason VARCHAR NOT NULL,
    grid_start TIMESTAMPTZ NOT NULL,
    grid_interval_s INTEGER NOT NULL,
    grid_count INTEGER NOT NULL,
    windows_json VARCHAR NOT NULL,
    moves_json VARCHAR NOT NULL,
    shortfalls_json VARCHAR NOT NULL,
    bindings_json VARCHAR NOT NULL,
    audit_json VARCHAR NOT NULL
);
CREATE TABLE plan_setpoint (
    plan_id VARCHAR NOT NULL,
    vehicle_id VARCHAR NOT NULL,
    connector_id VARCHAR,
    interval_start TIMESTAMPTZ NOT NULL,
    power_kw DOUBLE NOT NULL
);
"""

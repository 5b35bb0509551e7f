"""OCPI 2.2.1 and 2.3 charge detail records (JSON: a list, or a reply's ``data``).

A row is one CDR. CDRs are never changed: a correction is a credit CDR that cancels one, and a new
one. They are netted by session, so that the new one stands alone; a session that was credited and
not billed again counts 0 kWh. Times are UTC even without their ``Z``. ``end_date_time`` is when the
vehicle left; the charging periods tell when energy flowed.

References
----------
.. [1] OCPI 2.2.1, module CDRs, https://github.com/ocpi/ocpi
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.identity import known_tag
from depotlib.ingest.json_records import UTC_READING
from depotlib.ingest.json_text import JsonObject, objects_in, text_at
from depotlib.ingest.normalise.quantities import read_number
from depotlib.ingest.normalise.times import ReadTime, read_time
from depotlib.ingest.record import FieldReader
from depotlib.ingest.session_export import Mapped, json_export, session_account
from depotlib.ingest.session_rows import SessionRow, reject_backward
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding
from depotlib.units import SECONDS_PER_MINUTE, h_to_s, percent_to_soc

_NEEDED: Final = frozenset({"cdr_token", "cdr_location", "start_date_time", "total_energy"})
_CREDITED, _CREDIT, _STANDS = 0, 1, 2
"""Of the CDRs of one session the highest stands."""
_ENERGY: Final = frozenset({"ENERGY", "ENERGY_IMPORT"})


class Ocpi:
    """Reads charge detail records."""

    name = "ocpi"
    title = "OCPI charge detail records (JSON)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of a CDR are in the sample."""
        if not sample.keys >= _NEEDED:
            return NOT_MINE
        return Recognition(1.0, f"it has the fields {', '.join(sorted(_NEEDED))}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions that the CDRs bill, net of credits."""
        del options
        export = json_export(content, lists=("data", "cdrs"))
        credited = frozenset(
            reader.text("credit_reference_id") or ""
            for reader in export.readers
            if _is_credit(reader)
        )
        return session_account(
            export,
            lambda reader: _session(reader, credited=credited, file=content.file),
            notes=lambda kept: _notes(kept, credit_count=len(credited)),
        )


@dataclass(frozen=True, slots=True)
class _Periods:
    """What the charging periods of a CDR say."""

    charge_start: datetime | None = None
    charge_end: datetime | None = None
    peak_kw: float | None = None
    start_soc: float | None = None
    end_soc: float | None = None


def _session(reader: FieldReader, *, credited: frozenset[str], file: str) -> SessionRow | None:
    cdr_id = reader.needed_text("id")
    reader.needed_text("start_date_time")
    start, end = reader.instant("start_date_time"), reader.instant("end_date_time")
    is_credit = _is_credit(reader)
    energy_kwh = 0.0 if is_credit else reader.amount("total_energy", reason="negative_energy")
    reject_backward(reader, start=start, end=end)
    if start is None or reader.rejection is not None:
        return None
    periods = _Periods() if is_credit else _periods(reader, end=end)
    stands = _CREDITED if cdr_id in credited else _STANDS
    return SessionRow(
        session_key=_key(reader, start=start),
        source=Ocpi.name,
        site=reader.text("cdr_location.name") or reader.text("cdr_location.id"),
        station_id=reader.text("cdr_location.evse_uid") or reader.text("cdr_location.evse_id"),
        connector_id=reader.text("cdr_location.connector_id"),
        id_tag=known_tag(reader.text("cdr_token.uid")),
        plug_start=start,
        plug_end=end,
        charge_start=periods.charge_start,
        charge_end=periods.charge_end,
        energy_wall_kwh=energy_kwh,
        peak_kw=periods.peak_kw,
        start_soc=periods.start_soc,
        end_soc=periods.end_soc,
        version=_CREDIT if is_credit else stands,
        src_file=file,
        src_row=reader.record.row,
    )


def _key(reader: FieldReader, *, start: datetime) -> str:
    """Return the same key for a CDR, its credit and its correction: that of the session."""
    party = f"{reader.text('country_code')}-{reader.text('party_id')}"
    session_id = reader.text("session_id")
    if session_id:
        return f"ocpi/{party}/{session_id}"
    place = reader.text("cdr_location.evse_uid") or reader.text("cdr_location.id")
    return f"ocpi/{party}/{place}/{start.isoformat()}"


def _is_credit(reader: FieldReader) -> bool:
    return reader.text("credit") == "True"


def _periods(reader: FieldReader, *, end: datetime | None) -> _Periods:
    periods = objects_in(reader.record.fields.get("charging_periods"))
    starts = [_instant(period) for period in periods]
    if None in starts or not periods:
        return _Periods()
    bounds = [*(each for each in starts if each is not None), end]
    spans = list(zip(pairwise(bounds), periods, strict=True))
    flowing = [span for span, period in spans if _volume(period, kinds=_ENERGY) > 0]
    powers_kw = [_volume(period, kinds={"MAX_POWER"}) for period in periods]
    socs = [soc for period in periods for soc in _socs(period)]
    return _Periods(
        charge_start=flowing[0][0] if flowing else None,
        charge_end=flowing[-1][1] if flowing else None,
        peak_kw=max(powers_kw) or None,
        start_soc=socs[0] if socs else None,
        end_soc=socs[-1] if socs else None,
    )


def _instant(period: JsonObject) -> datetime | None:
    text = text_at(period, "start_date_time") or ""
    read = read_time(text, order="year_month_day", time_zone=UTC_READING.time_zone)
    return read.instant if isinstance(read, ReadTime) else None


def _volumes(period: JsonObject, kinds: frozenset[str] | set[str]) -> list[float]:
    found = [
        read_number(text_at(each, "volume") or "")
        for each in objects_in(period.get("dimensions"))
        if text_at(each, "type") in kinds
    ]
    return [volume for volume in found if volume is not None]


def _volume(period: JsonObject, *, kinds: frozenset[str] | set[str]) -> float:
    return max(_volumes(period, kinds), default=0.0)


def _socs(period: JsonObject) -> list[float]:
    """Return states of charge, which OCPI gives in percent; one beyond empty or full is left out."""
    socs = [percent_to_soc(percent) for percent in _volumes(period, {"STATE_OF_CHARGE"})]
    return [soc for soc in socs if 0 <= soc <= 1]


def _notes(kept: Mapped, *, credit_count: int) -> Sequence[Finding]:
    return counted(
        [
            ("credited", credit_count, "CDRs that a credit CDR cancels, counted no longer"),
            ("home_charging", sum(_is_home(reader) for reader, _ in kept),
             "sessions that are compensated as charging at home, not at a depot"),
            ("end_disagrees_with_duration", sum(_disagrees(reader) for reader, _ in kept),
             "sessions whose total time is not that between start and end, which were taken"),
        ]
    )  # fmt: skip


def _is_home(reader: FieldReader) -> bool:
    return reader.text("home_charging_compensation") == "True"


def _disagrees(reader: FieldReader) -> bool:
    start, end = reader.instant("start_date_time"), reader.instant("end_date_time")
    total_h = reader.number("total_time")
    if start is None or end is None or total_h is None:
        return False
    return abs((end - start).total_seconds() - h_to_s(total_h)) > SECONDS_PER_MINUTE

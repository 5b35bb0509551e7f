"""OCPP message log, 1.6 and 2.0.1 (JSON lines, a JSON list, or a table with a column of frames).

A row is one message that tells of a transaction or of energy: StartTransaction, StopTransaction,
MeterValues, TransactionEvent. A start is a session, and its stop and samples join it; where two
samples of a connector's register follow each other, the later one is a reading of its meter. Other
messages and answers are counted, and are no rows. Instants are those of the messages: a log's own
are often local, and late for what a station sent again.

References
----------
.. [1] Open Charge Alliance, "OCPP 1.6 edition 2" and "OCPP 2.0.1".
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

import polars as pl

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.findings import counted
from depotlib.ingest.identity import identity_findings
from depotlib.ingest.meter_rows import MeterRow, MeterRows, meter_frame
from depotlib.ingest.normalise.quantities import judge_soc_scale
from depotlib.ingest.ocpp_log import version16, version201
from depotlib.ingest.ocpp_log.frames import Frames, Message, holds_frames, read_frames
from depotlib.ingest.ocpp_log.gathering import Gathered, Metering
from depotlib.ingest.ocpp_log.samples import Sample
from depotlib.ingest.ocpp_log.transaction import session_of, soc_values
from depotlib.ingest.readings import MERGED_SCHEMA
from depotlib.ingest.record import in_row_order
from depotlib.ingest.session_rows import IMPLAUSIBLE_KW, SessionRow, session_findings, session_frame
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import SECONDS_PER_HOUR, mean_power_kw

_COLUMNS: Final = ("station", "action", "payload")
_LONGEST: Final = timedelta(seconds=SECONDS_PER_HOUR)
"""Samples farther apart say nothing of the power between them that is worth a reading."""


class OcppLog:
    """Reads logs of OCPP messages."""

    name = "ocpp_log"
    title = "OCPP message log, 1.6 and 2.0.1 (JSON lines, JSON, CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether OCPP calls are in the sample."""
        if not holds_frames(sample.text):
            return NOT_MINE
        return Recognition(1.0, "it holds OCPP frames")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions and meter readings that a log tells of."""
        del options
        frames = read_frames(content)
        gathered = _gathered(frames)
        scale = judge_soc_scale(soc_values(gathered.transactions), documented="percent")
        sessions = [
            session_of(each, scale=scale, source=self.name, file=content.file)
            for each in gathered.transactions
        ]
        pairs = list(_pairs(gathered.metered))
        meter = meter_frame(map(_interval, pairs), file=content.file)
        merged, lone = _joined(gathered, pairs, meter=meter)
        rejections = in_row_order(frames.rejections, gathered.rejections, lone)
        return SourceRows(
            rows_in=len(frames.metered) + len(frames.rejections),
            conventions=Conventions("UTC", "offsets in the file", "year_month_day", _COLUMNS),
            sessions=session_frame(sessions),
            meter=meter.frame,
            merged_rows=pl.DataFrame(merged, schema=MERGED_SCHEMA, orient="row"),
            duplicates=gathered.duplicates,
            rejections=rejections,
            findings=(
                *session_findings(sessions),
                *identity_findings(sessions),
                *_log_findings(frames, gathered, sessions=sessions),
            ),
        )


def _gathered(frames: Frames) -> Gathered:
    """Return what the messages tell; the two versions differ in how they say it."""
    gathered = Gathered()
    events = [each for each in frames.metered if each.action == "TransactionEvent"]
    idle = [each for each in frames.metered if "evseId" in each.payload]
    ids = {id(each) for each in (*events, *idle)}
    version16.gather(
        [each for each in frames.metered if id(each) not in ids], frames.states, into=gathered
    )
    version201.gather(events, gathered)
    version201.gather_idle([each for each in idle if each.action == "MeterValues"], gathered)
    return gathered


_Pair = tuple[str, tuple[Sample, Message], tuple[Sample, Message]]


def _pairs(metered: Sequence[Metering]) -> Iterator[_Pair]:
    """Yield samples of one register that follow each other closely enough to mean a power."""
    series: dict[str, dict[int, tuple[Sample, Message]]] = {}
    for metering in metered:
        readings = series.setdefault(metering.place, {})
        for sample in metering.samples:
            if sample.register_kwh is not None:
                # Whole seconds: those of a meter's intervals.
                readings.setdefault(int(sample.at.timestamp()), (sample, metering.message))
    for place, readings in series.items():
        ordered = [readings[second] for second in sorted(readings)]
        for earlier, later in pairwise(ordered):
            if _follows(earlier[0], later[0]):
                yield place, earlier, later


def _follows(earlier: Sample, later: Sample) -> bool:
    if later.at - earlier.at > _LONGEST:
        return False
    power_kw = _mean_kw(earlier, later)
    return 0 <= power_kw <= IMPLAUSIBLE_KW  # a register that fell was reset


def _mean_kw(earlier: Sample, later: Sample) -> float:
    assert earlier.register_kwh is not None, "only samples of a register are paired"
    assert later.register_kwh is not None, "only samples of a register are paired"
    gain_kwh = later.register_kwh - earlier.register_kwh
    return mean_power_kw(gain_kwh, (later.at - earlier.at).total_seconds())


def _interval(pair: _Pair) -> MeterRow:
    place, (earlier, _), (later, message) = pair
    start, end = (each.at.replace(microsecond=0) for each in (earlier, later))
    return MeterRow(
        meter_id=place,
        interval_start=start,
        interval_s=int((end - start).total_seconds()),
        power_kw=_mean_kw(earlier, later),
        src_row=message.row,
    )


def _joined(
    gathered: Gathered, pairs: Sequence[_Pair], *, meter: MeterRows
) -> tuple[list[tuple[int, int]], list[Rejection]]:
    """Return which messages went into the row of another, and those that stand alone."""
    placed = {each.row for each in gathered.transactions} | set(meter.frame["src_row"])
    opening = {earlier.row: later.row for _, (_, earlier), (_, later) in pairs}
    merged = [
        (row, each.row) for each in gathered.transactions for row in each.rows if row not in placed
    ]
    lone: list[Rejection] = []
    for metering in gathered.metered:
        message = metering.message
        if metering.transaction is not None or message.row in placed:
            continue
        if message.row in opening:
            merged.append((message.row, opening[message.row]))
        else:
            detail = "a sample outside of any session, with no other of its register next to it"
            lone.append(message.reject("lone_reading", detail))
    return merged, lone


def _log_findings(
    frames: Frames, gathered: Gathered, *, sessions: Sequence[SessionRow]
) -> list[Finding]:
    notes = [each.energy.note for each in gathered.transactions]
    idle = sum(each.transaction is None for each in gathered.metered)
    unmetered = sum(each.energy_wall_kwh is None for each in sessions)
    return counted(
        [
            ("other_messages", frames.others + len(frames.states),
             "messages about anything but energy, and answers"),
            ("repeated_start", gathered.repeated_starts,
             "starts that a station sent again, as after a lost connection"),
            ("repeated_stop", gathered.repeated_stops,
             "further stops of a transaction, of which the latest counts"),
            ("register_reset", notes.count("reset"),
             "sessions whose energy register fell, so that the gains before and after add up"),
            ("register_base", notes.count("base"),
             "sessions whose start or stop value counts from another zero than their samples"),
            ("unknown_energy", unmetered, "sessions of which the log does not tell the energy"),
            ("idle_reading", idle, "meter values outside of any session"),
        ]
    )  # fmt: skip

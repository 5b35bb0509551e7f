"""VDV 463 messages between depot and charging management: duties, readings, sessions, counters.

A row is one charging request, or one charging point, of one message; a message of another kind is a
row by itself. Lists of requests are complete: what the next one lacks is withdrawn. Energies and
counters are in Wh, charges in percent, power in kW. `vehicle_id` is the message's.

References
----------
.. [1] VDV recommendation 463, JSON schemas, https://github.com/VDVde/VDV463
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.facts import Fact, Facts, facts_of, source_rows
from depotlib.ingest.findings import counted
from depotlib.ingest.fleet_rows import DutyRow, Origin
from depotlib.ingest.json_records import json_readers, utc_conventions
from depotlib.ingest.json_text import parse_json
from depotlib.ingest.reading_findings import reading_findings
from depotlib.ingest.record import FieldReader
from depotlib.ingest.soc_column import soc_column
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.ingest.vdv463_information import SOC, point_facts, point_state
from depotlib.ingest.vdv463_messages import INFORMATION, REQUESTS, Message, messages_in, records_in
from depotlib.ingest.vdv463_requests import TARGETS, duty_of, list_times, withdrawn
from depotlib.model.import_report import Finding


class Vdv463:
    """Reads logs of VDV 463 messages."""

    name = "vdv463"
    title = "VDV 463 charging requests and information (JSON messages)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the sample names one of the two lists of the standard."""
        found = [action for action in (REQUESTS, INFORMATION) if f'"{action}"' in sample.text]
        if sample.kind != "json" or not found:
            return NOT_MINE
        return Recognition(1.0, f"it holds messages {' and '.join(found)}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return duties, readings, sessions and meter intervals; times without zone are UTC."""
        del options
        messages = list(messages_in(parse_json(content.text, file=content.file)))
        readers = json_readers(item for message in messages for item in records_in(message))
        told = _facts(readers, messages, origin=Origin(self.name, content.file))
        return source_rows(
            told.all,
            conventions=utc_conventions(readers),
            findings=told.findings,
            duties_complete_at=told.complete_at,
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """Facts of requests and of points, and when the last complete list of one system was sent."""

    all: Facts
    findings: tuple[Finding, ...]
    complete_at: datetime | None


def _facts(readers: Sequence[FieldReader], messages: Sequence[Message], *, origin: Origin) -> _Told:
    requests = [reader for reader in readers if reader.text("action") == REQUESTS]
    points = [reader for reader in readers if reader.text("action") == INFORMATION]
    mine = {reader.record.row for reader in (*requests, *points)}
    others = [reader for reader in readers if reader.record.row not in mine]
    lists = list_times(messages)
    targets = soc_column(requests, *TARGETS, documented="percent")
    charge = soc_column(points, SOC, documented="percent")
    duties = facts_of(requests, partial(duty_of, targets=targets, lists=lists), origin=origin)
    gone = withdrawn(duties.of(DutyRow), readers=duties.readers, lists=lists)
    states = [state for reader in points if (state := point_state(reader, charge=charge))]
    told = point_facts(states, readers=points, origin=origin)
    unused = facts_of(others, _not_used, origin=origin)
    every = Facts(
        origin=origin,
        said=(*duties.said, *gone, *told.facts.said),
        readers={**duties.readers, **told.facts.readers, **unused.readers},
        rejections=(*duties.rejections, *told.facts.rejections, *unused.rejections),
    )
    return _Told(
        all=every,
        findings=(
            *counted([("withdrawn", len(gone), "requests that the next list no longer holds")]),
            *targets.findings(),
            *charge.findings(),
            *told.findings,
            *reading_findings(every),
        ),
        complete_at=next(iter(lists.values()))[-1] if len(lists) == 1 else None,
    )


def _not_used(reader: FieldReader) -> list[Fact]:
    reader.reject("not_used", "it is neither a charging request nor a charging point")
    return []

"""The gateway's own journal: its sessions, from the mailbox or from an export (JSON lines).

A row is one session of the journal, whose entries it gathers: ``session_started``,
``identity_resolved``, ``meter`` and ``session_ended`` with the same ``session_id``. A session that
still runs has no end; collecting the journal again replaces it when it has one. Entries about
anything else are not sessions and stay in the journal.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent, FileSample
from depotlib.ingest.json_text import JsonObject, compact, parse_json, text_at
from depotlib.ingest.normalise.times import BadTime, read_time
from depotlib.ingest.session_rows import SessionRow, session_findings, session_frame
from depotlib.ingest.source import NOT_MINE, Conventions, ReadOptions, Recognition, SourceRows
from depotlib.model.frames import JournalFrame
from depotlib.model.import_report import Rejection
from depotlib.model.live import JournalKind

SESSION_KINDS: Final[tuple[JournalKind, ...]] = (
    "session_started",
    "identity_resolved",
    "meter",
    "session_ended",
)
"""The entries that tell of a session; whoever collects needs no others."""

_KEYS: Final = frozenset({"seq", "at", "kind", "hash"})
_TEXTS: Final = ("session_id", "vehicle_id", "id_tag")
_NUMBERS: Final = ("energy_kwh", "power_kw", "soc")
_COLUMNS: Final = ("seq", "at", "kind", "station_id", "connector_id", "payload", "hash")


class Journal:
    """Reads exported lines of the gateway's journal."""

    name = "journal"
    title = "depotlib journal (JSON lines)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the fields of a journal's line are in the sample."""
        if sample.kind != "json" or not sample.keys >= _KEYS:
            return NOT_MINE
        return Recognition(1.0, "its lines are chained journal entries")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the sessions of an exported journal; it writes instants with their offset."""
        del options
        lines = [
            (number, line)
            for number, line in enumerate(content.text.splitlines(), 1)
            if line.strip()
        ]
        rows = [_row(line, where=f"{content.file}, line {number}") for number, line in lines]
        return sessions_of_journal(_checked(rows), file=content.file)


def sessions_of_journal(journal: pl.DataFrame, *, file: str, site: str | None = None) -> SourceRows:
    """Return the sessions that a journal tells of.

    Parameters
    ----------
    journal : polars.DataFrame
        `JournalFrame`; of each session at least the start, or it is rejected. Overlapping what
        was collected before changes nothing: a session's key is its ``session_id``.
    file : str
        What to call the journal in the account.
    site : str, optional
        Name of the depot whose stations wrote it; the journal itself does not tell.
    """
    gathered = _gathered(journal)
    sessions: list[SessionRow] = []
    rejections: list[Rejection] = []
    for row in gathered.iter_rows(named=True):
        fault = _fault(row)
        if fault:
            raw = compact({name: str(value) for name, value in row.items() if value is not None})
            rejections.append(Rejection(row["src_row"], *fault, raw))
        else:
            sessions.append(_session(row, file=file, site=site))
    return SourceRows(
        rows_in=gathered.height,
        conventions=Conventions("UTC", "offsets in the file", "year_month_day", _COLUMNS),
        sessions=session_frame(sessions),
        rejections=tuple(rejections),
        findings=tuple(session_findings(sessions)),
    )


def _gathered(journal: pl.DataFrame) -> pl.DataFrame:
    """Return one row a session: what its entries say, in their order."""
    payload = pl.col("payload_json").str
    is_powered = pl.col("power_kw") > 0
    return (
        journal.filter(pl.col("kind").is_in(SESSION_KINDS))
        .sort("seq")
        .with_columns(
            *(payload.json_path_match(f"$.{name}").alias(name) for name in _TEXTS),
            *(
                payload.json_path_match(f"$.{name}").cast(pl.Float64, strict=False).alias(name)
                for name in _NUMBERS
            ),
        )
        # A resolution that names no session speaks of a plug-in before its session began.
        .filter(pl.col("session_id").is_not_null() | (pl.col("kind") != "identity_resolved"))
        .group_by("session_id", maintain_order=True)
        .agg(
            src_row=pl.col("seq").first(),
            plug_start=pl.col("at").filter(pl.col("kind") == "session_started").first(),
            plug_end=pl.col("at").filter(pl.col("kind") == "session_ended").last(),
            charge_start=pl.col("at").filter(is_powered).first(),
            charge_end=pl.col("at").filter(is_powered).last(),
            peak_kw=pl.col("power_kw").max(),
            start_soc=pl.col("soc").drop_nulls().first(),
            end_soc=pl.col("soc").drop_nulls().last(),
            **{
                name: pl.col(name).drop_nulls().last()
                for name in ("station_id", "connector_id", "vehicle_id", "id_tag")
            },
            # Samples of an offline spell are replayed late: the highest is the latest.
            metered_kwh=pl.col("energy_kwh").max(),
            ended_kwh=pl.col("energy_kwh").filter(pl.col("kind") == "session_ended").last(),
        )
        .with_columns(energy_kwh=pl.coalesce("ended_kwh", "metered_kwh"))
    )


def _checked(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    schema = {name: column.dtype for name, column in JournalFrame.columns().items()}
    return JournalFrame.validate(pl.DataFrame(rows, schema=schema, orient="row"), cast=True)


def _fault(row: dict[str, object]) -> tuple[str, str] | None:
    start, end, energy_kwh = row["plug_start"], row["plug_end"], row["energy_kwh"]
    if row["session_id"] is None:
        return "no_session_id", "entries of a session without its session_id"
    if not isinstance(start, datetime):
        return "no_start", "the journal at hand holds no start of this session"
    if isinstance(end, datetime) and end < start:
        return "ends_before_start", f"it starts at {start} and ends at {end}"
    if isinstance(energy_kwh, float) and energy_kwh < 0:
        return "negative_energy", f"energy_kwh is {energy_kwh:g}"
    return None


def _session(row: dict[str, Any], *, file: str, site: str | None) -> SessionRow:
    has_ended = row["plug_end"] is not None
    return SessionRow(
        session_key=f"journal/{row['session_id']}",
        source=Journal.name,
        site=site,
        station_id=row["station_id"],
        connector_id=row["connector_id"],
        vehicle_id=row["vehicle_id"],
        id_tag=row["id_tag"] or None,
        plug_start=row["plug_start"],
        plug_end=row["plug_end"],
        charge_start=row["charge_start"],
        charge_end=row["charge_end"] if has_ended else None,
        energy_wall_kwh=row["energy_kwh"],
        peak_kw=row["peak_kw"],
        start_soc=row["start_soc"],
        end_soc=row["end_soc"] if has_ended else None,
        src_file=file,
        src_row=row["src_row"],
    )


def _row(line: str, *, where: str) -> tuple[object, ...]:
    """Return a line as a row of the frame; a chain with a broken link is refused as a whole."""
    value = parse_json(line, file=where)
    fields: JsonObject = value if isinstance(value, dict) else {}
    read = read_time(text_at(fields, "at") or "", order="year_month_day", time_zone=None)
    seq, kind, chained = fields.get("seq"), text_at(fields, "kind"), text_at(fields, "hash")
    if isinstance(read, BadTime) or not isinstance(seq, int) or seq < 1 or not (kind and chained):
        raise MalformedFileError(
            "this line is no journal entry: it needs seq, at, kind and hash",
            where=where,
            hint="export the journal again",
        )
    payload = fields.get("payload_json", fields.get("payload"))
    return (
        seq,
        read.instant,
        kind,
        text_at(fields, "station_id"),
        text_at(fields, "connector_id"),
        payload if isinstance(payload, str) else compact(payload),
        chained,
    )

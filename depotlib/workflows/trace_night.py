"""The site's power tonight as the stations metered it: read once, then only what is new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from depotlib.errors import MailboxMissingError
from depotlib.exchange.journal_pages import records_after, seq_before
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.settings import Settings
from depotlib.units import duration_h

KINDS: Final[tuple[JournalKind, ...]] = ("meter", "session_ended")
MINUTE: Final = timedelta(minutes=1)
QUARTER: Final = timedelta(minutes=15)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NightTrace:
    """Power and energy of a night so far; each connector holds its last reading until its next.

    Parameters
    ----------
    since : datetime
        What the stations metered before is left out.
    seq : int
        Last journal record that is in it.
    at : datetime or None
        Of the latest reading.
    power_kw : mapping of str to float
        By connector, as last read.
    highest_kw : mapping of datetime to float
        Highest site power within each minute, by its start.
    energy_kwh : mapping of datetime to float
        Site energy of each quarter of an hour, by its start.
    """

    since: datetime
    seq: int = 0
    at: datetime | None = None
    power_kw: Mapping[str, float] = field(default_factory=dict[str, float])
    highest_kw: Mapping[datetime, float] = field(default_factory=dict[datetime, float])
    energy_kwh: Mapping[datetime, float] = field(default_factory=dict[datetime, float])

    @property
    def peak_kw(self) -> float:
        """Return the highest 15-minute mean so far; a quarter that runs counts what it has."""
        return max(self.energy_kwh.values(), default=0.0) / duration_h(QUARTER)

    @property
    def load(self) -> pl.DataFrame:
        """Return the highest power of each minute: ``at`` (UTC) and ``power_kw``, rising."""
        return pl.DataFrame(
            sorted(self.highest_kw.items()),
            schema={"at": pl.Datetime("us", "UTC"), "power_kw": pl.Float64},
            orient="row",
        )


def trace_night(settings: Settings, *, before: NightTrace) -> NightTrace:
    """Return a trace with everything the journal has gained since it was made.

    Parameters
    ----------
    settings : Settings
    before : NightTrace
        An empty one reads what the journal tells from its `since` on, and nothing older.
    """
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            read = before.seq or seq_before(mailbox, before.since)
            records = list(records_after(mailbox, read, kinds=KINDS))
    except MailboxMissingError:
        return before
    seq = records[-1].seq if records else read
    return _with(before, [one for one in records if one.entry.at >= before.since], seq=seq)


def _with(before: NightTrace, records: list[JournalRecord], *, seq: int) -> NightTrace:
    power_kw, highest_kw = dict(before.power_kw), dict(before.highest_kw)
    energy_kwh = dict(before.energy_kwh)
    at = before.at
    site_kw = sum(power_kw.values())
    for record in records:
        reading_kw = _reading_kw(record)
        if reading_kw is None:
            continue
        now = record.entry.at if at is None else max(at, record.entry.at)
        if at is not None:
            _hold(energy_kwh, site_kw, start=at, end=now)
        power_kw[record.entry.connector_id or ""] = reading_kw
        site_kw = sum(power_kw.values())
        minute = _floor(now, MINUTE)
        highest_kw[minute] = max(highest_kw.get(minute, 0.0), site_kw)
        at = now
    return NightTrace(
        since=before.since,
        seq=seq,
        at=at,
        power_kw=power_kw,
        highest_kw=highest_kw,
        energy_kwh=energy_kwh,
    )


def _reading_kw(record: JournalRecord) -> float | None:
    if record.entry.kind == "session_ended":
        return 0.0
    power_kw = record.entry.payload.get("power_kw")
    return None if power_kw is None else float(power_kw)


def _hold(
    energy_kwh: dict[datetime, float], site_kw: float, *, start: datetime, end: datetime
) -> None:
    """Add the energy of a power that held from one instant to another to its quarters."""
    while start < end:
        quarter = _floor(start, QUARTER)
        until = min(end, quarter + QUARTER)
        energy_kwh[quarter] = energy_kwh.get(quarter, 0.0) + site_kw * duration_h(until - start)
        start = until


def _floor(instant: datetime, step: timedelta) -> datetime:
    return EPOCH + ((instant - EPOCH) // step) * step

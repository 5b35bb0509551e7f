"""Shadow mode: drills judged by what connected stations did of themselves. Nothing is sent.

It reads the depot's mailbox and writes nothing into it: no release, no request, no order; so the
gateway has nothing to tell a station.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from depotlib.drills.drill import Drill, Figure, Verdict
from depotlib.errors import InputError
from depotlib.exchange.journal_pages import records_after
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.brief import Brief
from depotlib.model.live import Distrust, JournalEntry, JournalKind, Lease, StationState
from depotlib.model.release import Release
from depotlib.settings import Settings

KINDS: Final[tuple[JournalKind, ...]] = (
    "gateway_started",
    "station_connected",
    "station_disconnected",
    "session_started",
    "identity_exception",
    "meter",
    "session_ended",
    "limit_sent",
    "limit_answered",
    "disobedience",
    "vehicle_asleep",
    "grid_limit_minute",
)
"""All that judges read."""


@dataclass(frozen=True, slots=True)
class ShadowNight:
    """What a running depot's mailbox says of a span.

    Parameters
    ----------
    start, end : datetime
        Half-open; the end is now.
    brief : Brief
    release : Release or None
        In force now.
    stations : tuple of StationState
    leases : tuple of Lease
        That are held now.
    distrusts : tuple of Distrust
    entries : tuple of JournalEntry
        Of `KINDS`, within the span, as they were written.
    speed_factor : float
        Of the depot's clock: 1 but for a demo.
    """

    start: datetime
    end: datetime
    brief: Brief
    release: Release | None
    stations: tuple[StationState, ...]
    leases: tuple[Lease, ...]
    distrusts: tuple[Distrust, ...]
    entries: tuple[JournalEntry, ...]
    speed_factor: float = 1.0

    def of(self, *kinds: JournalKind) -> list[JournalEntry]:
        """Return the entries of some kinds."""
        return [one for one in self.entries if one.kind in kinds]


Judge = Callable[[ShadowNight], tuple[Figure, ...]]
"""No figures: nothing of the kind happened in the span."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """How a drill is judged without playing it.

    Parameters
    ----------
    judge : callable or None
        None: it cannot be.
    why_not : str
        Why it cannot be at all, or what did not happen where there is nothing to judge.
    """

    judge: Judge | None
    why_not: str


def look_back(settings: Settings, *, start: datetime, end: datetime) -> ShadowNight:
    """Return what a running depot's mailbox says of a span.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has ever run.
    InputError
        If no site was published.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        published = mailbox.brief()
        if published is None:
            raise InputError(
                "the live side has no site yet", where="shadow", hint="publish it (depot publish)"
            )
        entries = tuple(
            record.entry
            for record in records_after(mailbox, kinds=KINDS)
            if start <= record.entry.at < end
        )
        return ShadowNight(
            start=start,
            end=end,
            brief=published[1],
            release=mailbox.current_release(),
            stations=mailbox.station_states(),
            leases=tuple(mailbox.leases()),
            distrusts=mailbox.distrusts(),
            entries=entries,
            speed_factor=settings.depot_clock().speed_factor,
        )


def judge_drill(drill: Drill, night: ShadowNight, *, shadow: Shadow) -> Verdict:
    """Return the verdict on one drill, or why there is none."""
    begun_at = datetime.now(UTC)
    found = shadow.judge(night) if shadow.judge is not None else ()
    figures = tuple(_on_clock(one, night.speed_factor) for one in found)
    return Verdict(
        name=drill.name,
        title=drill.title,
        passes_when=drill.passes_when,
        begun_at=begun_at,
        ended_at=datetime.now(UTC),
        figures=figures,
        not_judged="" if figures else shadow.why_not,
    )


def _on_clock(figure: Figure, speed_factor: float) -> Figure:
    """Return a figure as it can be judged on a clock: a fast one makes the machine look slow."""
    if not figure.is_speed or speed_factor <= 1.0:
        return figure
    name = f"{figure.name} (not judged: the clock runs {speed_factor:g} times as fast)"
    return Figure(name, figure.number, figure.unit, "told")


def by_session(entries: Iterable[JournalEntry]) -> dict[str, list[JournalEntry]]:
    """Return entries by the session that they name."""
    found: dict[str, list[JournalEntry]] = {}
    for one in entries:
        session_id = one.payload.get("session_id")
        if isinstance(session_id, str):
            found.setdefault(session_id, []).append(one)
    return found


def waits_s(
    begins: Sequence[JournalEntry], answers: Sequence[JournalEntry], *, within_s: float
) -> list[float]:
    """Return from each entry to the first answer on its connector [s]; without one it is missing."""
    found: list[float] = []
    for one in begins:
        spans = (
            (other.at - one.at).total_seconds()
            for other in answers
            if other.connector_id == one.connector_id and other.at >= one.at
        )
        first_s = min(spans, default=None)
        if first_s is not None and first_s <= within_s:
            found.append(first_s)
    return found


def number_in(entry: JournalEntry, name: str) -> float:
    """Return a number of an entry; 0 where it says none."""
    told = entry.payload.get(name)
    return float(told) if isinstance(told, int | float) else 0.0

"""How good what each source told is: a score with its arithmetic, and its five worst findings."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from depotlib.errors import StoreMissingError
from depotlib.model.import_report import Finding
from depotlib.settings import Settings
from depotlib.store.matching import session_matches
from depotlib.store.quality import (
    RejectedReason,
    SourceAccount,
    SourceGaps,
    rejected_reasons,
    source_accounts,
    source_gaps,
)
from depotlib.store.sessions import sessions

WORST: Final = 5
FRESH: Final = timedelta(days=7)
"""A source whose last reading is older is stale altogether."""
LEAST_EFFICIENCY_SHARE: Final = 0.80
MOST_EFFICIENCY_SHARE: Final = 1.00
"""Battery energy over wall energy outside of these: one of the two is not what it is called."""

CONFLICTING: Final = frozenset({"conflicting_reading", "overlap", "clock_repeat", "energy_differs"})
HARMLESS: Final = frozenset(
    {
        "joined_readings", "later_version", "restated_reading", "recalculated_trip",
        "changed_duty", "changed_vehicle", "changed_assignment", "restated_price", "assumption",
        "title_rows", "guessed_encoding", "assumed_time_zone", "assumed_date_order",
        "no_plug_times", "withdrawn_duty",
    }
)  # fmt: skip
"""Findings that say how a file was read, or what replaced what: they cost nothing."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """What one kind of fault costs.

    Parameters
    ----------
    name : str
    share : float
        How much of the source it concerns, 0-1.
    all_lost_share : float
        The share from which on all points are lost.
    most_points, points : int
        What it can cost and what it does: ``most_points * share / all_lost_share``, at most
        ``most_points``, rounded.
    """

    name: str
    share: float
    all_lost_share: float
    most_points: int

    @property
    def points(self) -> int:
        """Return what it costs."""
        return round(self.most_points * min(1.0, self.share / self.all_lost_share))

    @property
    def sentence(self) -> str:
        """Return its arithmetic in words."""
        return (
            f"{self.name}: {self.share:.1%} cost {self.points} points "
            f"({self.all_lost_share:.0%} or more cost all {self.most_points})"
        )


@dataclass(frozen=True, slots=True)
class SourceQuality:
    """How good one source is.

    Parameters
    ----------
    source : str
        Registry name.
    score : int
        100 less the points of all deductions.
    deductions : tuple of Deduction
    files, rows_in, stored, duplicates, rejected, gaps : int
    last_at : datetime or None
        The latest instant that it tells of.
    last_import_at : datetime
    worst : tuple of str
        At most five findings in plain words, the worst first.
    """

    source: str
    score: int
    deductions: tuple[Deduction, ...]
    files: int
    rows_in: int
    stored: int
    duplicates: int
    rejected: int
    gaps: int
    last_at: datetime | None
    last_import_at: datetime
    worst: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that is known of a source."""

    account: SourceAccount
    gaps: SourceGaps | None
    rejections: tuple[RejectedReason, ...]
    findings: tuple[Finding, ...]

    def share_of(self, findings: Iterable[Finding]) -> float:
        """Return how many of the rows findings concern."""
        count = sum(finding.count for finding in findings)
        return min(1.0, count / max(1, self.account.rows_in))


def data_quality(settings: Settings, *, now: datetime) -> list[SourceQuality]:
    """Return how good each source in the store is, the worst first; none without a store.

    Parameters
    ----------
    settings : Settings
    now : datetime
        To tell how old the last reading is.
    """
    path = settings.warehouse_path
    try:
        accounts, gaps = source_accounts(path), source_gaps(path)
    except StoreMissingError:
        return []
    rejected = rejected_reasons(path)
    derived = _session_findings(sessions(path, as_told=True), session_matches(path))
    known = [
        _quality(
            _Facts(
                account=account,
                gaps=next((one for one in gaps if one.source == account.source), None),
                rejections=tuple(one for one in rejected if one.source == account.source),
                findings=_summed(account.findings) + derived.get(account.source, ()),
            ),
            now=now,
        )
        for account in accounts
    ]
    return sorted(known, key=lambda quality: (quality.score, quality.source))


def _quality(facts: _Facts, *, now: datetime) -> SourceQuality:
    account = facts.account
    deductions = _deductions(facts, now=now)
    return SourceQuality(
        source=account.source,
        score=100 - sum(one.points for one in deductions),
        deductions=deductions,
        files=account.files,
        rows_in=account.rows_in,
        stored=account.stored,
        duplicates=account.duplicates,
        rejected=account.rejected,
        gaps=facts.gaps.gaps if facts.gaps else 0,
        last_at=account.last_at,
        last_import_at=account.last_import_at,
        worst=_worst(facts, now=now),
    )


def _deductions(facts: _Facts, *, now: datetime) -> tuple[Deduction, ...]:
    account = facts.account
    conflicting = [one for one in facts.findings if one.kind in CONFLICTING]
    flagged = [one for one in facts.findings if one.kind not in CONFLICTING | HARMLESS]
    rejected_share = account.rejected / max(1, account.rows_in)
    return (
        Deduction("rejected rows", rejected_share, 0.2, 40),
        Deduction("conflicting rows", facts.share_of(conflicting), 0.1, 20),
        Deduction(
            "time without readings", facts.gaps.missing_share if facts.gaps else 0.0, 0.2, 20
        ),
        Deduction("flagged rows", facts.share_of(flagged), 0.5, 10),
        Deduction("age of the last reading", _stale_share(account.last_at, now=now), 1.0, 10),
    )


def _stale_share(last_at: datetime | None, *, now: datetime) -> float:
    if last_at is None:
        return 0.0
    return min(1.0, max(timedelta(), now - last_at) / FRESH)


def _worst(facts: _Facts, *, now: datetime) -> tuple[str, ...]:
    """Return the worst findings: what loses rows first, then what contradicts, then the rest."""
    rows_in = max(1, facts.account.rows_in)
    ranked = [(4 * one.count / rows_in, _rejected_sentence(one)) for one in facts.rejections]
    for finding in facts.findings:
        weight = 3 if finding.kind in CONFLICTING else 0.01 if finding.kind in HARMLESS else 1
        ranked.append((weight * min(1.0, finding.count / rows_in), finding.sentence))
    if facts.gaps is not None and facts.gaps.gaps:
        ranked.append((2 * facts.gaps.missing_share, _gap_sentence(facts.gaps)))
    stale_share = _stale_share(facts.account.last_at, now=now)
    if stale_share >= 1 and facts.account.last_at is not None:
        days = (now - facts.account.last_at).days
        ranked.append((0.5, f"its last reading is {days:,} days old"))
    ranked.sort(key=lambda one: (-one[0], one[1]))
    return tuple(sentence for _, sentence in ranked[:WORST])


def _rejected_sentence(one: RejectedReason) -> str:
    return (
        f"{one.count:,} rows were refused ({one.reason}), first {one.file} row {one.row:,}: "
        f"{one.detail}"
    )


def _gap_sentence(gaps: SourceGaps) -> str:
    return (
        f"{gaps.gaps:,} gaps, the longest of {gaps.longest_h or 0:.1f} h at {gaps.longest_of}; "
        f"{gaps.missing_share:.1%} of the time is missing"
    )


def _session_findings(told: pl.DataFrame, matches: pl.DataFrame) -> dict[str, tuple[Finding, ...]]:
    """Return what only the sessions of all sources together show, by the station's source."""
    pairs = matches.join(
        told.select("session_key", "source"), left_on="station_key", right_on="session_key"
    )
    mixed = pl.concat(
        [
            pairs.filter(pl.col("verdict") == "matched").select("source", "efficiency_share"),
            told.select(
                "source",
                efficiency_share=pl.when(pl.col("energy_wall_kwh") > 0).then(
                    pl.col("energy_battery_kwh") / pl.col("energy_wall_kwh")
                ),
            ),
        ]
    ).filter(~pl.col("efficiency_share").is_between(LEAST_EFFICIENCY_SHARE, MOST_EFFICIENCY_SHARE))
    differing = pairs.filter(pl.col("verdict") == "energy_differs")
    proposed = pairs.filter(pl.col("verdict") == "proposed")
    claims = (
        ("implausible_efficiency", mixed, "sessions whose battery energy is outside 80 to 100 % of the wall's, as if the two were mixed up"),
        ("energy_differs", differing, "sessions that telematics saw too, with another energy; both are counted"),
        ("proposed_match", proposed, "sessions that telematics may have seen too; name the vehicle of their card to count them once"),
    )  # fmt: skip
    found: dict[str, list[Finding]] = {}
    for kind, rows, text in claims:
        for source, count in Counter(rows["source"].to_list()).items():
            found.setdefault(source, []).append(Finding(kind, count, f"{text}: {count:,}"))
    return {source: tuple(findings) for source, findings in found.items()}


def _summed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding a kind: the counts of all imports, in the words of the largest."""
    by_kind: dict[str, list[Finding]] = {}
    for finding in findings:
        by_kind.setdefault(finding.kind, []).append(finding)
    summed: list[Finding] = []
    for kind, each in by_kind.items():
        largest = max(each, key=lambda finding: finding.count)
        total = sum(finding.count for finding in each)
        more = f" (and {total - largest.count:,} more like it)" if len(each) > 1 else ""
        summed.append(Finding(kind, total, largest.sentence + more))
    return tuple(summed)

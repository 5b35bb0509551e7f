"""Who charged: tags that name nobody, cards that several vehicles share, vehicles as their own tag."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from depotlib.ingest.findings import counted
from depotlib.ingest.session_rows import SessionRow, Stay, overlaps
from depotlib.model.import_report import Finding

_NOBODY: Final = frozenset(
    {"", "-", "0", "anonymous", "anon", "free", "freevend", "n/a", "na", "none", "null", "unknown"}
)
"""What stations and exports write where nobody was asked for a card."""
_ADDRESS: Final = re.compile(
    r"^(?:VID:)?(?:[0-9A-F]{2}[:-]){5}[0-9A-F]{2}$|^VID:[0-9A-F]{12}$", re.IGNORECASE
)
"""A hardware address: the vehicle named itself on plugging in (Autocharge)."""


def known_tag(text: str | None) -> str | None:
    """Return a tag, or None where the text stands for nobody."""
    bare = (text or "").strip()
    return None if bare.lower().strip("<>") in _NOBODY or not bare.strip("0") else bare


def identity_findings(rows: Sequence[SessionRow]) -> list[Finding]:
    """Return what makes it doubtful whose sessions these were."""
    tagged = [row for row in rows if row.id_tag is not None]
    return counted(
        [
            ("missing_identity", sum(map(_is_nobody, rows)),
             "sessions that name no card and no vehicle"),
            ("card_twice_at_once", overlaps(_spans(tagged)),
             "pairs of sessions that one card ran at the same time, so that at least one was of "
             "another vehicle than the card's"),
            ("shared_card", _shared_cards(tagged), "cards that more than one vehicle charged with"),
            ("vehicle_as_tag", sum(_is_address(row.id_tag) for row in tagged),
             "sessions whose tag is a hardware address: the vehicle named itself"),
        ]
    )  # fmt: skip


def _is_nobody(row: SessionRow) -> bool:
    return row.id_tag is None and row.vehicle_id is None


def _is_address(tag: str | None) -> bool:
    return bool(tag and _ADDRESS.match(tag))


def _spans(rows: Sequence[SessionRow]) -> list[Stay]:
    return [
        Stay(row.id_tag or "", row.plug_start, row.plug_end)
        for row in rows
        if row.plug_end is not None
    ]


def _shared_cards(rows: Sequence[SessionRow]) -> int:
    vehicles: dict[str | None, set[str]] = defaultdict(set)
    for row in rows:
        if row.vehicle_id is not None:
            vehicles[row.id_tag].add(row.vehicle_id)
    return sum(len(seen) > 1 for seen in vehicles.values())

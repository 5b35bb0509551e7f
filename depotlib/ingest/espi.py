"""ESPI feeds (NAESB REQ.21, "Green Button"): interval readings with the type and point they are of.

An Atom feed links its parts: an interval block hangs below (``up``) a meter reading, which names
its reading type (``related``) and hangs below a usage point. Where a file holds one of a kind
only, that one is meant, links or not.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.content import FileContent
from depotlib.ingest.record import RAW_CHARACTERS

_PARTS: Final = frozenset({"UsagePoint", "MeterReading", "ReadingType", "LocalTimeParameters"})
_CUT_MESSAGES: Final = ("no element found", "unclosed token", "unclosed CDATA")


@dataclass(frozen=True, slots=True)
class EspiReading:
    """One interval reading, its texts as they stand.

    Parameters
    ----------
    number : int
        Place in the feed, from 1.
    fields : mapping of str to str
        ``start``, ``duration``, ``value``, ``quality``, where they are filled.
    raw : str
    """

    number: int
    fields: Mapping[str, str]
    raw: str


@dataclass(frozen=True, slots=True)
class EspiFlow:
    """The readings of one interval block, and what they measure where.

    Parameters
    ----------
    usage_point : str or None
        Its id; None where the feed names none.
    reading_type : mapping of str to str or None
        Fields of the reading type; None where the feed does not tell which it is.
    readings : sequence of EspiReading
    """

    usage_point: str | None
    reading_type: Mapping[str, str] | None
    readings: Sequence[EspiReading]


@dataclass(slots=True)
class _Entry:
    """One Atom entry while it is read."""

    parts: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    readings: list[EspiReading] = field(default_factory=list[EspiReading])
    href: str = ""
    up: str = ""
    related: list[str] = field(default_factory=list[str])


def espi_flows(content: FileContent) -> list[EspiFlow]:
    """Return the interval blocks of a feed, in the order of the file.

    Raises
    ------
    TruncatedFileError
        If the text stops before its elements close.
    MalformedFileError
        If it is no XML, or declares entities of its own.
    """
    try:
        entries = list(_entries(content.data.lstrip()))
    except ET.ParseError as error:
        if str(error).startswith(_CUT_MESSAGES):
            raise TruncatedFileError(
                f"the XML ends before its elements close: {error}",
                where=content.file,
                hint="fetch the export again; nothing of it was imported",
            ) from error
        raise MalformedFileError(
            f"this is not XML: {error}", where=content.file, hint="export it again"
        ) from error
    except (DefusedXmlException, LookupError, ValueError) as error:
        raise MalformedFileError(
            f"the XML is not read, since an export has no need of what it declares: {error}",
            where=content.file,
            hint="export it again",
        ) from error
    return _linked(entries)


def _entries(data: bytes) -> Iterator[_Entry]:
    entry = _Entry()
    number = 0
    for _, element in iterparse(io.BytesIO(data), events=("end",)):
        name = _local(element)
        if name == "IntervalReading":
            number += 1
            raw = ET.tostring(element, encoding="unicode").strip()[:RAW_CHARACTERS]
            entry.readings.append(EspiReading(number, _leaves(element), raw))
            element.clear()
        elif name in _PARTS:
            entry.parts[name] = _leaves(element)
        elif name == "link":
            _take_link(entry, element)
        elif name == "entry":
            yield entry
            entry = _Entry()
            element.clear()
    if entry.readings or entry.parts:
        yield entry  # what stands outside of any entry


def _take_link(entry: _Entry, element: ET.Element) -> None:
    relation, href = element.get("rel", ""), element.get("href", "").rstrip("/")
    if relation == "self":
        entry.href = href
    elif relation == "up":
        entry.up = href
    elif relation == "related":
        entry.related.append(href)


def _linked(entries: Sequence[_Entry]) -> list[EspiFlow]:
    points = [entry for entry in entries if "UsagePoint" in entry.parts]
    meters = [entry for entry in entries if "MeterReading" in entry.parts]
    types = [entry for entry in entries if "ReadingType" in entry.parts]
    flows: list[EspiFlow] = []
    for entry in entries:
        if not entry.readings:
            continue
        meter = _above(entry, meters)
        kind = _above(entry, types) if meter is None else _named_by(meter, types)
        point = _above(meter or entry, points)
        flows.append(
            EspiFlow(
                usage_point=point.href.rpartition("/")[2] or None if point else None,
                reading_type=kind.parts["ReadingType"] if kind else None,
                readings=entry.readings,
            )
        )
    return flows


def _above(entry: _Entry, candidates: Sequence[_Entry]) -> _Entry | None:
    """Return the candidate that an entry hangs below; the only one where links do not say."""
    for path in (entry.up, entry.href):
        for candidate in candidates:
            if candidate.href and (path + "/").startswith(candidate.href + "/"):
                return candidate
    return candidates[0] if len(candidates) == 1 else None


def _named_by(meter: _Entry, types: Sequence[_Entry]) -> _Entry | None:
    named = next((kind for kind in types if kind.href and kind.href in meter.related), None)
    if named is not None:
        return named
    return types[0] if len(types) == 1 else None


def _leaves(element: ET.Element) -> dict[str, str]:
    """Return the texts of an element's leaves by their names."""
    return {
        _local(leaf): leaf.text.strip()
        for leaf in element.iter()
        if leaf.text and leaf.text.strip()
    }


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]

"""The feed of an OpenADR 3 server: events in, limits out, reports back one at a time."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from depotlib.errors import FeedCredentialError, FeedDownError, SettingsError
from depotlib.feeds.openadr.client import OpenAdrClient
from depotlib.feeds.openadr.desk import Desk
from depotlib.feeds.openadr.event import Event, Refusal, event_of, targets_in, units_of
from depotlib.feeds.openadr.limits import giver_of, limits_of
from depotlib.feeds.openadr.reports import DueReport, due_reports, is_provided, report_of
from depotlib.feeds.sighting import Look, text_in
from depotlib.feeds.signal import Signal
from depotlib.ingest.json_text import JsonObject
from depotlib.model.depot import Depot
from depotlib.model.openadr import OpenAdrProgram, OpenAdrSource

REPORTED: Final = "report:"
GROUP: Final = "GROUP"
VEN_NAME: Final = "VEN_NAME"


@dataclass(slots=True)
class _Heard:
    """What one round at the server brought."""

    events: list[Event] = field(default_factory=list[Event])
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    program_ids: dict[str, str] = field(default_factory=dict[str, str])


class OpenAdrFeed:
    """Looks at the server that the published site names.

    Parameters
    ----------
    desk : Desk
    client_id, client_secret : str
    monotonic : callable
        The seconds that have passed.
    """

    name = "openadr"
    page_pause_s = 0.2

    def __init__(
        self,
        desk: Desk,
        *,
        client_id: str,
        client_secret: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._secret = (client_id, client_secret)
        self._monotonic = monotonic
        self._source: OpenAdrSource | None = None
        self._client: OpenAdrClient | None = None
        self._due: list[DueReport] = []
        self._program_ids: dict[str, str] = {}
        self._report_note = ""
        self._refusals: list[Refusal] = []

    @property
    def period_s(self) -> float:
        """Return how long to wait after a look [s]."""
        return self._source.period_s if self._source is not None else 30.0

    def look(self, marks: Mapping[str, str], *, now: datetime) -> Look:
        """Return what the server's events limit; after that, one report a look while any is due."""
        depot = self._desk.depot()
        source, client = self._connected(depot)
        if self._due:
            return self._reported(marks, source, client=client, now=now)
        heard = self._heard(source, client)
        limits, refused = limits_of(heard.events, source.programs, depot=depot, now=now)
        refusals = [*heard.refusals, *refused, *_unprovided(heard.events)]
        self._refusals = refusals
        self._program_ids = heard.program_ids
        given = {name for name in marks if name.startswith(REPORTED)}
        due = due_reports(heard.events, now=now)
        self._due = [one for one in due if REPORTED + one.name not in given]
        still = {REPORTED + one.name for one in due}
        kept = {
            name: text
            for name, text in marks.items()
            if not name.startswith(REPORTED) or name in still
        }
        return Look(
            (),
            kept,
            is_more=bool(self._due),
            refused=len(refusals),
            note=self._note(),
            signal=Signal(limits, keeps=_kept_events(refusals), refused=_counted(refusals)),
        )

    def close(self) -> None:
        """Do nothing: each call is a connection of its own."""

    def _connected(self, depot: Depot) -> tuple[OpenAdrSource, OpenAdrClient]:
        if depot.openadr is None:
            raise FeedDownError(
                "the published site names no OpenADR server",
                where="openadr",
                hint="write [openadr] into the site file (docs/openadr.md) and publish it",
            )
        if self._client is None or depot.openadr != self._source:
            client_id, secret = self._secret
            try:
                self._client = OpenAdrClient(
                    depot.openadr,
                    client_id=client_id,
                    client_secret=secret,
                    monotonic=self._monotonic,
                )
            except SettingsError as error:
                raise FeedDownError(error.what, where="openadr", hint=error.hint) from error
            self._source, self._due = depot.openadr, []
        return depot.openadr, self._client

    def _heard(self, source: OpenAdrSource, client: OpenAdrClient) -> _Heard:
        heard = _Heard()
        found = {text_in(one, "programName"): one for one in client.programs()}
        for program in source.programs:
            shown = found.get(program.name)
            program_id = text_in(shown, "id") if shown is not None else None
            if shown is None or program_id is None:
                sentence = f"the server shows no programme {program.name!r}"
                heard.refusals.append(
                    Refusal(program.name, "", "no_programme", sentence, is_unreadable=True)
                )
                continue
            heard.program_ids[program.name] = program_id
            self._hear(heard, client.events(program_id), program=program, shown=shown)
        return heard

    def _hear(
        self,
        heard: _Heard,
        events: Iterable[JsonObject],
        *,
        program: OpenAdrProgram,
        shown: JsonObject,
    ) -> None:
        assert self._source is not None, "a server is asked once it is known"
        for one in events:
            if not _is_for(one, self._source):
                continue
            event = event_of(
                one,
                program=program.name,
                units=units_of(shown.get("payloadDescriptors")),
                ven_name=self._source.ven_name,
            )
            if isinstance(event, Refusal):
                heard.refusals.append(event)
            else:
                heard.events.append(event)

    def _reported(
        self,
        marks: Mapping[str, str],
        source: OpenAdrSource,
        *,
        client: OpenAdrClient,
        now: datetime,
    ) -> Look:
        due = self._due.pop(0)
        giver = giver_of(due.event.program)
        report = report_of(
            due,
            source,
            program_id=self._program_ids[due.event.program],
            minutes=lambda reference: self._desk.minutes(giver, reference),
        )
        try:
            client.post_report(report)
        except (FeedDownError, FeedCredentialError) as error:
            # Limits come first: what one report cannot be given for holds up no event.
            self._due, self._report_note = [], f"report {due.name} was not taken: {error.what}"
            return Look((), marks, refused=len(self._refusals), note=self._note())
        self._report_note = ""
        return Look(
            (),
            {**marks, REPORTED + due.name: now.isoformat()},
            is_more=bool(self._due),
            refused=len(self._refusals),
            note=self._note(),
        )

    def _note(self) -> str:
        """Return what a person should know: limits that may be meant and are not understood."""
        said = [one.sentence for one in self._refusals if one.is_unreadable]
        return "; ".join(filter(None, [*said, self._report_note]))


def _is_for(found: JsonObject, source: OpenAdrSource) -> bool:
    """Return whether an event is for this client, as far as its targets say."""
    targets = targets_in(found)
    named = targets.get(VEN_NAME)
    if named is not None and source.ven_name not in named:
        return False
    groups = targets.get(GROUP, set()) | targets.get("", set())
    mine = {*source.targets, source.ven_name}
    return not (groups and source.targets) or bool(groups & mine)


def _unprovided(events: Iterable[Event]) -> list[Refusal]:
    return [
        Refusal(
            event.program,
            event.event_id,
            "report_not_provided",
            f"event {event.event_id!r} asks for a report of {wish.payload_kind}",
        )
        for event in events
        for wish in event.reports
        if not is_provided(wish)
    ]


def _kept_events(refusals: Iterable[Refusal]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (giver_of(one.program), f"{one.event_id}/" if one.event_id else "")
        for one in refusals
        if one.is_unreadable
    )


def _counted(refusals: Iterable[Refusal]) -> dict[str, int]:
    return dict(Counter(one.reason for one in refusals))

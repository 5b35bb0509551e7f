"""The feed of an OpenADR 3 server: events in, limits out; reports back, beside it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from depotlib.errors import FeedDownError, SettingsError
from depotlib.feeds.openadr.client import OpenAdrClient
from depotlib.feeds.openadr.desk import Desk
from depotlib.feeds.openadr.event import Event, Refusal, event_of, targets_in, units_of
from depotlib.feeds.openadr.limits import giver_of, limits_of, reference_of
from depotlib.feeds.openadr.reporter import Reporter
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
        # Of its own: a token that is renewed there is no business of who asks for events.
        self._report_client: OpenAdrClient | None = None
        self._reporter = Reporter()

    @property
    def period_s(self) -> float:
        """Return how long to wait after a look [s]."""
        return self._source.period_s if self._source is not None else 30.0

    def look(self, marks: Mapping[str, str], *, now: datetime) -> Look:
        """Return what the server's events limit; reports that are due begin to be given beside it."""
        depot = self._desk.depot()
        source, client = self._connected(depot)
        heard = self._heard(source, client)
        limits, refused = limits_of(heard.events, source.programs, depot=depot, now=now)
        refusals = [*heard.refusals, *refused, *_unprovided(heard.events)]
        return Look(
            (),
            self._reported(marks, heard, now=now),
            refused=len(refusals),
            note=self._note(refusals),
            signal=Signal(limits, keeps=_kept_events(refusals), refused=_counted(refusals)),
        )

    def close(self) -> None:
        """Give a report that is on its way a moment; each call is a connection of its own."""
        self._reporter.wait()

    def settle(self, patience_s: float) -> None:
        """Wait until the reports that are on their way were given, no longer than this [s]."""
        self._reporter.wait(patience_s)

    def _connected(self, depot: Depot) -> tuple[OpenAdrSource, OpenAdrClient]:
        if depot.openadr is None:
            raise FeedDownError(
                "the published site names no OpenADR server",
                where="openadr",
                hint="write [openadr] into the site file (docs/openadr.md) and publish it",
            )
        if self._client is None or depot.openadr != self._source:
            try:
                self._client = self._client_of(depot.openadr)
                self._report_client = self._client_of(depot.openadr)
            except SettingsError as error:
                raise FeedDownError(error.what, where="openadr", hint=error.hint) from error
            self._source = depot.openadr
        return depot.openadr, self._client

    def _client_of(self, source: OpenAdrSource) -> OpenAdrClient:
        client_id, secret = self._secret
        return OpenAdrClient(
            source, client_id=client_id, client_secret=secret, monotonic=self._monotonic
        )

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
        self, marks: Mapping[str, str], heard: _Heard, *, now: datetime
    ) -> dict[str, str]:
        """Return the marks with the reports that were given, after those that are due were begun."""
        told = {REPORTED + name: now.isoformat() for name in self._reporter.collect()}
        known = {**marks, **told}
        due = due_reports(heard.events, now=now)
        assert self._source is not None, "a server is asked once it is known"
        assert self._report_client is not None, "it is made with the other one"
        give = partial(
            _give_report,
            source=self._source,
            client=self._report_client,
            desk=self._desk,
            program_ids=heard.program_ids,
        )
        self._reporter.hand_over([one for one in due if REPORTED + one.name not in known], give)
        still = {REPORTED + one.name for one in due}
        return {
            name: text
            for name, text in known.items()
            if not name.startswith(REPORTED) or name in still
        }

    def _note(self, refusals: Iterable[Refusal]) -> str:
        """Return what a person should know: limits that may be meant and are not understood."""
        said = [one.sentence for one in refusals if one.is_unreadable]
        return "; ".join(filter(None, [*said, self._reporter.trouble]))


def _give_report(
    due: DueReport,
    *,
    source: OpenAdrSource,
    client: OpenAdrClient,
    desk: Desk,
    program_ids: Mapping[str, str],
) -> None:
    program = due.event.program
    references = {reference_of(due.event.event_id, one.interval_id) for one in due.intervals}
    minutes = desk.minutes(
        giver_of(program), references, since=min(one.start for one in due.intervals)
    )
    client.post_report(report_of(due, source, program_id=program_ids[program], minutes=minutes))


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

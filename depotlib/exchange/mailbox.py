"""The mailbox: what the processes of a depot tell each other, in one file.

Each process opens its own with `open_mailbox` and uses it from the thread that opened it (SQLite
holds it to that). Calls are synchronous and take well under a millisecond, so an event loop may
make them. A write is durable when its call, or the `transaction` around it, has returned. Readers
poll `data_version`, which changes when somebody else has written.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from depotlib.errors import GenerationLostError
from depotlib.exchange import codec
from depotlib.exchange.answered import Answered
from depotlib.exchange.chain import Head, JournalVerdict
from depotlib.exchange.database import BUSY_TIMEOUT_S, Database, open_database
from depotlib.exchange.facts import CLAIMED_AT, GENERATION, Facts
from depotlib.exchange.grid_limits import GridLimits
from depotlib.exchange.jobs import Jobs
from depotlib.exchange.journal import Journal
from depotlib.exchange.latest import Latest
from depotlib.exchange.leases import Leases
from depotlib.exchange.orders import Orders
from depotlib.exchange.releases import Releases
from depotlib.exchange.requests import Requests
from depotlib.exchange.webhooks import Webhooks
from depotlib.model.brief import Brief
from depotlib.model.job import Job
from depotlib.model.live import (
    Distrust,
    JournalEntry,
    JournalKind,
    JournalRecord,
    Lease,
    PushRequest,
    PushResult,
    RequestState,
    RequestStatus,
    StationState,
)
from depotlib.model.news import DepartureChange, Heartbeat, NodeReserve, VehicleReading
from depotlib.model.release import Release


def open_mailbox(
    path: Path, *, create: bool = True, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> "Mailbox":
    """Return an open mailbox, to be used as a context manager.

    Parameters
    ----------
    path : Path
        The file (`Settings.mailbox_path`).
    create : bool
        Whether to make it where there is none; readers say False.
    busy_timeout_s : float
        How long a write waits for another process's [s].

    Raises
    ------
    MailboxMissingError, MailboxDamagedError, MailboxSchemaError
        If there is no file, it is not a mailbox, or a newer depotlib wrote it.
    MailboxBusyError, MailboxUnwritableError
        If it cannot be opened now, or not at all.
    """
    database = open_database(path, create=create, busy_timeout_s=busy_timeout_s)
    return Mailbox(database, path.with_name(f"{path.name}.head"))


class Mailbox:
    """An open mailbox. Every method may raise `MailboxBusyError` or `MailboxUnwritableError`."""

    def __init__(self, database: Database, head_path: Path) -> None:
        self._database = database
        self._facts = Facts(database)
        self._journal = Journal(database, head_path)
        self._releases = Releases(database, self._facts)
        self._requests = Requests(database)
        self.orders = Orders(database)
        """What operators ask of stations and connectors, beside a push."""
        self.grid_limits = GridLimits(database)
        """What may be drawn for a while, as somebody outside says."""
        self.answered = Answered(database)
        """Calls under a key of their own, so that repeating one does nothing twice."""
        self.webhooks = Webhooks(database)
        """Addresses of other systems that are told of events."""
        self._leases = Leases(database)
        self._jobs = Jobs(database)
        self._stations = Latest(database, "station", codec=codec.STATION_STATE)
        self._nodes = Latest(database, "node", codec=codec.NODE_RESERVE)
        self._readings = Latest(database, "reading", codec=codec.READING)
        self._departures = Latest(database, "departure", codec=codec.DEPARTURE)
        self._distrusts = Latest(database, "distrust", codec=codec.DISTRUST)
        self.dialects = Latest(database, "dialect", codec=codec.DIALECT)
        """How each station was found to take limits."""
        self.site_meter = Latest(database, "site_meter", codec=codec.SITE_METER)
        """The site's meter as the gateway last saw it; nothing where there is none."""
        self.alerts = Latest(database, "alert", codec=codec.ALERT)
        """What people are told, by its id."""
        self.feeds = Latest(database, "feed", codec=codec.FEED)
        self.charges = Latest(database, "charge", codec=codec.CHARGE)
        self.diversions = Latest(database, "diversion", codec=codec.DIVERSION)
        self._beats = Latest(database, "beat", codec=codec.HEARTBEAT)

    # --- the file ---------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Return the mailbox itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; what has returned is kept."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Make everything written in the block durable together, or nothing of it.

        Blocks may be nested; an inner one that fails and is caught leaves the outer one whole.
        """
        with self._database.transaction():
            yield
        self._journal.carry_head()

    def data_version(self) -> int:
        """Return a number that changes when another process (not this one) has written."""
        row = self._database.row("PRAGMA data_version")
        return int(row[0] or 0) if row else 0

    # --- the one gateway --------------------------------------------------------------

    def claim_generation(self, at: datetime) -> int:
        """Return the number of a new gateway; every older one has lost its right to write.

        The claimer also becomes the one process that folds the write-ahead log back.
        """
        with self.transaction():
            generation = int(self._facts.get(GENERATION) or 0) + 1
            self._facts.put(GENERATION, str(generation))
            self._facts.put(CLAIMED_AT, at.astimezone(UTC).isoformat())
        self._database.fold_log_here()
        return generation

    def check_generation(self, generation: int) -> None:
        """Refuse to go on where another gateway has taken over; call it in the transaction.

        Raises
        ------
        GenerationLostError
            If a larger generation was claimed since.
        """
        newest = int(self._facts.get(GENERATION) or 0)
        if newest != generation:
            raise GenerationLostError(
                f"gateway generation {newest} has taken over from {generation}",
                where="gateway",
                hint="only one gateway writes: stop this one",
            )

    # --- brief ------------------------------------------------------------------------

    def publish_brief(self, brief: Brief, *, at: datetime) -> int:
        """Return the version under which a brief was written and journalled."""
        with self.transaction():
            row = self._database.row("SELECT max(version) FROM brief")
            version = int(row[0] or 0) + 1 if row else 1
            self._database.write(
                "INSERT INTO brief (version, body) VALUES (?, ?)",
                (version, codec.BRIEF.text(brief)),
            )
            payload = {"brief_version": version, "stations": len(brief.depot.stations)}
            self.append([JournalEntry(at=at, kind="brief_published", payload=payload)])
        return version

    def brief(self, version: int | None = None) -> tuple[int, Brief] | None:
        """Return a brief with its version: the newest, or a given one; None if there is none."""
        row = self._database.row(
            "SELECT version, body FROM brief WHERE ?1 IS NULL OR version = ?1"
            " ORDER BY version DESC LIMIT 1",
            (version,),
        )
        return (int(row[0] or 0), codec.BRIEF.record(str(row[1]))) if row else None

    def brief_version(self) -> int:
        """Return the version of the newest brief without reading it; 0 before the first."""
        row = self._database.row("SELECT max(version) FROM brief")
        return int(row[0] or 0) if row else 0

    # --- releases ---------------------------------------------------------------------

    def add_release(self, release: Release) -> None:
        """Write a release, once; `RecordConflictError` if its id stands for another."""
        self._releases.add(release)

    def release(self, release_id: str) -> Release | None:
        """Return a release, or None."""
        return self._releases.get(release_id)

    def releases(self, limit: int = 20) -> list[Release]:
        """Return releases, the newest first."""
        return self._releases.newest(limit)

    def set_current_release(self, release_id: str, *, at: datetime) -> None:
        """Make a release the one in force, and journal it as ``release_published``.

        `UnknownRecordError` if it was never added.
        """
        with self.transaction():
            release = self._releases.set_current(release_id)
            payload = {
                "release_id": release_id,
                "origin": release.origin,
                "plan_id": release.plan_id,
                "parent_release_id": release.parent_release_id,
            }
            self.append([JournalEntry(at=at, kind="release_published", payload=payload)])

    def current_release(self) -> Release | None:
        """Return the release in force, or None before the first push."""
        return self._releases.current()

    def current_release_id(self) -> str | None:
        """Return the id of the release in force without reading it, or None."""
        return self._releases.current_id()

    # --- requests and their results -----------------------------------------------------

    def ask(self, request: PushRequest) -> RequestStatus:
        """Return where a request stands; asking again is no new request.

        Its token is stored as a digest: see `operator.is_from_operator`. `RecordConflictError`
        if its id stands for another wish.
        """
        return self._requests.ask(request)

    def next_request(self) -> RequestStatus | None:
        """Return the oldest request that is queued or running, or None."""
        return self._requests.next()

    def set_request(self, request_id: str, state: RequestState, *, note: str, at: datetime) -> None:
        """Write where a request stands; `UnknownRecordError` if nobody asked it."""
        self._requests.set(request_id, state, note=note, at=at)

    def request(self, request_id: str) -> RequestStatus | None:
        """Return where a request stands, or None."""
        return self._requests.get(request_id)

    def requests(self, limit: int = 20) -> list[RequestStatus]:
        """Return requests, the newest first."""
        return self._requests.newest(limit)

    def put_push_result(self, result: PushResult) -> None:
        """Write where one connector of a push stands."""
        self._results(result.request_id).put(result.connector_id, result)

    def push_results(self, request_id: str) -> tuple[PushResult, ...]:
        """Return where every connector of a push stands, by connector."""
        return self._results(request_id).all()

    def _results(self, request_id: str) -> Latest[PushResult]:
        return Latest(self._database, f"push {request_id}", codec=codec.PUSH_RESULT)

    # --- live state -------------------------------------------------------------------

    def put_station_state(self, state: StationState) -> None:
        """Write a station as the gateway sees it now."""
        self._stations.put(state.station_id, state)

    def station_states(self) -> tuple[StationState, ...]:
        """Return every station as the gateway last saw it, by id."""
        return self._stations.all()

    def put_lease(self, lease: Lease) -> None:
        """Write a lease, or its new state (same connector, same number)."""
        self._leases.put(lease)

    def leases(self) -> list[Lease]:
        """Return every lease that is not ``released``, by connector and number."""
        return self._leases.held()

    def last_lease_seq(self, connector_id: str) -> int:
        """Return the largest number a connector's leases ever had, 0 before the first."""
        return self._leases.last_seq(connector_id)

    def drop_lease(self, connector_id: str, seq: int) -> None:
        """Take a lease out that is over; its number stays used."""
        self._leases.drop(connector_id, seq)

    def put_distrust(self, distrust: Distrust) -> None:
        """Write where it stands with a connector that was caught above its limit."""
        self._distrusts.put(distrust.connector_id, distrust)

    def distrusts(self) -> tuple[Distrust, ...]:
        """Return every connector caught above its limit and not cleared since, by id."""
        return self._distrusts.all()

    def drop_distrust(self, connector_id: str) -> None:
        """Forget that a connector was caught: an operator trusts it again."""
        self._distrusts.drop(connector_id)

    def put_ledger(self, nodes: Sequence[NodeReserve]) -> None:
        """Write what the safety ledger holds on every node, in the place of what it held."""
        self._nodes.replace_all((node.node_id, node) for node in nodes)

    def ledger(self) -> tuple[NodeReserve, ...]:
        """Return what the safety ledger last held on every node, by id."""
        return self._nodes.all()

    def put_reading(self, reading: VehicleReading) -> bool:
        """Return whether a telematics reading was news and so written; an older one is not."""
        with self.transaction():
            held = self._readings.get(reading.vehicle_id)
            is_news = held is None or reading.at >= held.at
            if is_news:
                self._readings.put(reading.vehicle_id, reading)
        return is_news

    def readings(self) -> tuple[VehicleReading, ...]:
        """Return the latest telematics reading of every vehicle, by id."""
        return self._readings.all()

    def put_departure(self, change: DepartureChange) -> DepartureChange:
        """Return a vehicle's change after this one was laid over the earlier ones."""
        with self.transaction():
            merged = change.laid_over(self._departures.get(change.vehicle_id))
            self._departures.put(change.vehicle_id, merged)
        return merged

    def departures(self) -> tuple[DepartureChange, ...]:
        """Return every change of a stay, by vehicle."""
        return self._departures.all()

    def drop_departure(self, vehicle_id: str) -> None:
        """Forget a vehicle's changes (its stay is over)."""
        self._departures.drop(vehicle_id)

    def beat(self, process: str, at: datetime, *, note: str = "") -> None:
        """Write that a process is alive."""
        self._beats.put(process, Heartbeat(process=process, at=at, note=note))

    def beats(self) -> tuple[Heartbeat, ...]:
        """Return the last sign of life of every process, by name."""
        return self._beats.all()

    # --- journal ----------------------------------------------------------------------

    def append(self, entries: Sequence[JournalEntry]) -> list[int]:
        """Return the numbers under which entries were written to the chain, all or none."""
        numbers = self._journal.append(entries)
        self._journal.carry_head()
        return numbers

    def journal(
        self,
        after_seq: int = 0,
        limit: int = 1000,
        *,
        kinds: Sequence[JournalKind] | None = None,
    ) -> list[JournalRecord]:
        """Return journal records after a number, oldest first, of all kinds or of some."""
        return self._journal.records(after_seq, limit, kinds=kinds)

    def journal_head(self) -> Head:
        """Return number and hash of the newest journal record; number 0 before the first."""
        return self._journal.head()

    def verify_journal(self) -> JournalVerdict:
        """Return whether the journal is whole: nothing changed, taken out or cut off."""
        return self._journal.verify()

    # --- jobs -------------------------------------------------------------------------

    def add_job(self, job: Job) -> None:
        """Write a new job; `RecordConflictError` if there is one of its id."""
        self._jobs.add(job)

    def job(self, job_id: str) -> Job | None:
        """Return a job as its worker last wrote it, or None."""
        return self._jobs.get(job_id)

    def jobs(self, limit: int = 20) -> list[Job]:
        """Return jobs, the newest first."""
        return self._jobs.newest(limit)

    def set_job(self, job: Job) -> Job:
        """Return a job after its worker wrote state, progress and result; look at its cancel."""
        return self._jobs.set(job)

    def cancel_job(self, job_id: str) -> Job:
        """Return a job that was asked to stop at its next step."""
        return self._jobs.cancel(job_id)

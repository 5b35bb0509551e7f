"""What follows from an event: to be made durable first, then sent."""

from dataclasses import dataclass, field

from depotlib.gateway.messages import Command, Outcome
from depotlib.model.live import DialectFound, Distrust, JournalEntry, Lease
from depotlib.model.order import OrderStatus


@dataclass(frozen=True, slots=True)
class LeaseNews:
    """How a lease fared: sent, answered, read back or seen in the meter.

    Parameters
    ----------
    lease : Lease
    what : str
        ``sent``, ``answered``, ``read_back`` or ``metered``.
    outcome : {'accepted', 'rejected', 'unknown'}
    note : str
    latency_s : float or None
    """

    lease: Lease
    what: str
    outcome: Outcome
    note: str = ""
    latency_s: float | None = None


@dataclass(slots=True)
class Effects:
    """Leases and journal entries to write in one transaction, then commands to send.

    Parameters
    ----------
    leases : list of Lease
        New or changed; those in state ``released`` are dropped.
    journal : list of JournalEntry
    distrusts : list of Distrust
        New or changed.
    cleared : list of str
        Connectors that are trusted again.
    orders : list of OrderStatus
        Of operators, new or changed.
    dialects : list of DialectFound
        New or changed.
    commands : list of (station id, Command)
        In sending order.
    news : list of LeaseNews
        For the push that waits for it.
    stations : set of str
        Whose live state changed.
    """

    leases: list[Lease] = field(default_factory=list[Lease])
    journal: list[JournalEntry] = field(default_factory=list[JournalEntry])
    distrusts: list[Distrust] = field(default_factory=list[Distrust])
    cleared: list[str] = field(default_factory=list[str])
    orders: list[OrderStatus] = field(default_factory=list[OrderStatus])
    dialects: list[DialectFound] = field(default_factory=list[DialectFound])
    commands: list[tuple[str, Command]] = field(default_factory=list[tuple[str, Command]])
    news: list[LeaseNews] = field(default_factory=list[LeaseNews])
    stations: set[str] = field(default_factory=set[str])

    def extend(self, other: "Effects") -> None:
        """Add what follows from something else."""
        self.leases += other.leases
        self.journal += other.journal
        self.distrusts += other.distrusts
        self.cleared += other.cleared
        self.orders += other.orders
        self.dialects += other.dialects
        self.commands += other.commands
        self.news += other.news
        self.stations |= other.stations

"""What a page works with: the depot's settings, its instant, its store, and who is at the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.model.calendar import zone
from depotlib.model.depot import Depot
from depotlib.settings import Settings
from depotlib.workflows.know_person import Person
from depotlib.workflows.review_store import StoreReview

UTC_NAME: Final = "UTC"


@dataclass(frozen=True, slots=True)
class Bench:
    """What a page works with.

    Parameters
    ----------
    settings : Settings
    now : datetime
        The depot's instant when the page was run.
    store : StoreReview or None
        None: there is no store yet.
    person : Person or None
        Who has logged in; None: no login is set up.
    """

    settings: Settings
    now: datetime
    store: StoreReview | None
    person: Person | None = None

    @property
    def depot(self) -> Depot | None:
        """Return the depot that was chosen."""
        return self.store.depot if self.store is not None else None

    @property
    def time_zone(self) -> ZoneInfo:
        """Return the zone of every time on the page: the depot's, or UTC without one."""
        return zone(self.depot.time_zone if self.depot is not None else UTC_NAME)

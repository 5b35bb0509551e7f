"""What the client of OpenADR reads of its depot: the site, and how limits were kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from depotlib.errors import FeedDownError
from depotlib.exchange.limit_desk import minutes_since
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.depot import Depot
from depotlib.model.grid_limit import LimitMinute


@dataclass(frozen=True, slots=True)
class Desk:
    """Opens the mailbox for each question: a site that is published again counts at once.

    Parameters
    ----------
    mailbox_path : Path
    """

    mailbox_path: Path

    def depot(self) -> Depot:
        """Return the depot as it was last published.

        Raises
        ------
        FeedDownError
            If it was not, yet.
        """
        with open_mailbox(self.mailbox_path, create=False) as mailbox:
            published = mailbox.brief()
        if published is None:
            raise FeedDownError(
                "the live side has no site yet", where="openadr", hint="publish it (depot publish)"
            )
        return published[1].depot

    def minutes(
        self, giver: str, references: Collection[str], *, since: datetime
    ) -> dict[str, list[LimitMinute]]:
        """Return the record by minute, from an instant on, of every limit that somebody gave.

        Parameters
        ----------
        giver : str
        references : collection of str
            For what; the answer's keys.
        since : datetime
            The journal before it is not read.
        """
        found: dict[str, list[LimitMinute]] = {one: [] for one in references}
        with open_mailbox(self.mailbox_path, create=False) as mailbox:
            mine = {
                one.limit_id: one.reference
                for one in mailbox.grid_limits.all()
                if one.given_by == giver and one.reference in found
            }
            for minute in minutes_since(mailbox, since):
                if minute.limit_id in mine:
                    found[mine[minute.limit_id]].append(minute)
        return found

"""What the client of OpenADR reads of its depot: the site, and how limits were kept."""

from dataclasses import dataclass
from pathlib import Path

from depotlib.errors import FeedDownError
from depotlib.exchange.limit_desk import minutes_of
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

    def minutes(self, giver: str, reference: str) -> tuple[LimitMinute, ...]:
        """Return the record by minute of every limit that was given by somebody for something."""
        with open_mailbox(self.mailbox_path, create=False) as mailbox:
            mine = [
                one
                for one in mailbox.grid_limits.all()
                if one.given_by == giver and one.reference == reference
            ]
            return tuple(minute for one in mine for minute in minutes_of(mailbox, one.limit_id))

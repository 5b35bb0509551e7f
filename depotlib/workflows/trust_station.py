"""Who was caught above a limit, and an operator's word that a station may be trusted again."""

from datetime import datetime

from depotlib.errors import UnknownRecordError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.model.live import Distrust, JournalEntry
from depotlib.settings import Settings


def distrusted(settings: Settings) -> tuple[Distrust, ...]:
    """Return every connector that was caught and not cleared since, by id.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return mailbox.distrusts()


def trust_station(
    settings: Settings, station_id: str, *, reason: str, token: str, now: datetime
) -> JournalEntry:
    """Return the journal entry by which the gateway ends its distrust of a station.

    Parameters
    ----------
    settings : Settings
    station_id : str
    reason : str
        What was found and mended.
    token : str
        Operator's.
    now : datetime

    Raises
    ------
    OperatorTokenError
        If the token is missing or not an operator's.
    UnknownRecordError
        If no connector of the station was caught.
    """
    # Not what the environment gives: at a terminal that is the token of whoever asks.
    holders = read_holders(settings.operator_token_path)
    holder = require("operator", token=token, holders=holders)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        if all(one.station_id != station_id for one in mailbox.distrusts()):
            raise UnknownRecordError(
                f"no connector of station {station_id!r} was caught above its limit",
                where=f"station {station_id}",
                hint="depot stations shows who was",
            )
        facts = {"action": "trust_again", "by": holder.name, "reason": reason}
        entry = JournalEntry(now, "operator_action", station_id, None, facts)
        mailbox.append([entry])
    return entry

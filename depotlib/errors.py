"""The one tree of errors: each says what happened, where, and what to do.

Rooms raise the leaves; entry points (CLI, pages, HTTP) print the three parts. A bad
*row* of an export is never an error: it is a `Rejection` in the import report.
"""


class DepotError(Exception):
    """Anything depotlib refuses or cannot do, in words a user can act on.

    Parameters
    ----------
    what : str
        The fact, as a sentence: what is wrong, with its value.
    where : str, optional
        File, row, field, station or table the fact belongs to.
    hint : str, optional
        What the reader can do about it.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what, where, hint)

    def __str__(self) -> str:
        """Return the three parts as one line."""
        place = f" [{self.where}]" if self.where else ""
        advice = f"; {self.hint}" if self.hint else ""
        return f"{self.what}{place}{advice}"


# --- input: what a person or a file gave us ------------------------------------------


class InputError(DepotError):
    """Something given to us cannot be used."""


class ModelError(InputError):
    """A depot, fleet, duty, dwell or other noun that cannot exist."""


class SiteFileError(InputError):
    """A site file that cannot be used."""


class SettingsError(InputError):
    """A setting (environment or command line) that cannot be used."""


# --- planning ------------------------------------------------------------------------


class PlanningError(DepotError):
    """A plan cannot be made from what was asked."""


class ProblemError(PlanningError):
    """A planning problem that contradicts itself: lengths, spans, places or numbers."""


# --- storage and hand-over -----------------------------------------------------------


class StoreError(DepotError):
    """The warehouse cannot do what was asked."""


class ExchangeError(DepotError):
    """The mailbox between processes cannot do what was asked."""


class MailboxMissingError(ExchangeError):
    """There is no mailbox where one was expected."""


class MailboxBusyError(ExchangeError):
    """Another process held the mailbox for longer than we wait."""


class MailboxSchemaError(ExchangeError):
    """The mailbox was written by a newer depotlib than this one."""


class MailboxDamagedError(ExchangeError):
    """The mailbox file is not what it should be."""


class MailboxUnwritableError(ExchangeError):
    """The mailbox cannot be written: full disk, no permission, failing device."""


class UnknownRecordError(ExchangeError):
    """The mailbox holds no record of that name."""


class RequestConflictError(ExchangeError):
    """An id that must never stand for two different things was used again."""


class GenerationLostError(ExchangeError):
    """Another gateway has taken over: this one may not write any more."""


class GatewayLockedError(ExchangeError):
    """A gateway already runs on this mailbox."""


# --- the live side -------------------------------------------------------------------


class LiveError(DepotError):
    """The gateway, dispatch or a station cannot do what was asked."""

"""The one tree of errors: each says what happened, where, and what to do.

Entry points print the three parts. A bad *row* is no error but a `Rejection` of its import.
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
        self.what, self.where, self.hint = what, where, hint
        super().__init__(what, where, hint)

    def __str__(self) -> str:
        """Return the three parts as one line."""
        place = f" [{self.where}]" if self.where else ""
        return f"{self.what}{place}" + (f"; {self.hint}" if self.hint else "")

    def __reduce__(self) -> tuple[object, ...]:
        """Return how another process rebuilds the error, whatever its leaf takes."""
        return _rebuilt, (type(self), (self.args, self.__dict__))


def _rebuilt(
    kind: type[DepotError], state: tuple[tuple[object, ...], dict[str, object]]
) -> DepotError:
    error = kind.__new__(kind, *state[0])
    error.args = state[0]
    error.__dict__.update(state[1])
    return error


# --- input: what a person or a file gave us ------------------------------------------


class InputError(DepotError):
    """Something given to us cannot be used."""


class ModelError(InputError):
    """A depot, fleet, duty, dwell or other noun that cannot exist."""


class SiteFileError(InputError):
    """A site file that cannot be used."""


class NightScriptError(InputError):
    """A script for the virtual depot that cannot be used."""


class SettingsError(InputError):
    """A setting (environment or command line) that cannot be used."""


class MissingFileError(InputError):
    """A file that is not there."""


class UnreadableFileError(InputError):
    """A folder, or a file that the system does not let us read."""


class UnwritableFileError(InputError):
    """A file that the system does not let us write."""


class EmptyFileError(InputError):
    """A file without content."""


class FileTooLargeError(InputError):
    """A file above the size that is read in one go."""


class UnknownSourceError(InputError):
    """A file that no source recognises."""


class TruncatedFileError(InputError):
    """A file that ends in the middle of a record."""


class MalformedFileError(InputError):
    """A file that breaks the rules of its own format."""


class ArchiveError(InputError):
    """An archive or a workbook that cannot be opened: broken, encrypted or nested too deep."""


class UnpackLimitError(InputError):
    """An archive out of which more comes than an export ever holds."""


class ReadingLimitError(InputError):
    """A file whose reading took more memory, time or disk than a file may."""


class ReadingFailedError(InputError):
    """A file on which the process that read it ended without a word."""


class RejectionsError(InputError):
    """Rejected records that cannot be given out to be mended."""


class MappingError(InputError):
    """A column mapping cannot be read, or describes what cannot be."""


class PlanFileError(InputError):
    """A table or file of a plan that is incomplete or says what cannot be."""


class DutyError(InputError):
    """A list of duties that cannot be driven or read."""


class AlertFileError(InputError):
    """A file of contacts that cannot be used."""


class TimeZoneNeededError(InputError):
    """Local times whose zone neither the file nor the user names."""


# --- tariffs and bills ---------------------------------------------------------------


class TariffError(InputError):
    """A tariff or a load that cannot be billed."""


class TariffFormatError(TariffError):
    """A tariff record that is damaged, cut off or contradicts itself."""


class TariffRefusedError(TariffError):
    """A tariff record that holds something we cannot bill; each field with its reason."""

    def __init__(self, refusals: tuple[tuple[str, str], ...], *, where: str = "") -> None:
        self.refusals = refusals
        reasons = "; ".join(f"{field}: {reason}" for field, reason in refusals)
        super().__init__(
            f"the tariff holds what we cannot bill, and we leave nothing out: {reasons}",
            where=where,
            hint="choose another record of this tariff",
        )


class TariffTermsError(TariffError):
    """A tariff that can be billed but not be put to a planner as it stands."""


class OptionRefusedError(TariffError):
    """An option of a command that asks for what no tariff component bills."""


class HolidayRegionError(TariffError):
    """A region for which there is no calendar of public holidays."""


class SpotPriceError(TariffError):
    """Market prices that cannot be read, or that do not cover what is billed with them."""


class HistoryError(TariffError):
    """Earlier months that a bill is to look back on cannot be read."""


class LoadError(TariffError):
    """A load profile that cannot be billed: doubled, off its grid, negative or empty."""


class AllocationError(TariffError):
    """A bill that cannot be split by the rules or parties that were given."""


class UtilityBillError(TariffError):
    """A utility's bill, as entered, that cannot be read."""


# --- planning ------------------------------------------------------------------------


class PlanningError(DepotError):
    """A plan cannot be made from what was asked."""


class ProblemError(PlanningError):
    """A planning problem that contradicts itself: lengths, spans, places or numbers."""


class SolverError(PlanningError):
    """A solver gave up on a problem that should have a solution."""


class SolverTimeError(SolverError):
    """A solver whose time was over before it had an answer."""


class PathError(PlanningError):
    """A solver's path that cannot express the problem."""


class PolicyError(PlanningError):
    """A policy that the planner does not have."""


class MonthError(PlanningError):
    """A month cannot be sampled or valued."""


class PlanNotPushableError(PlanningError):
    """A plan that no station can follow."""


class ExplainError(PlanningError):
    """A question about a plan that its facts cannot answer."""


class KnobError(PlanningError):
    """A preference among plans that cannot be, or that the problem does not allow."""


class StudyError(PlanningError):
    """A study that cannot be, or cannot be run as it is asked for."""


class ScenarioError(InputError):
    """A scenario of a night that changes what cannot be changed."""


# --- storage and hand-over -----------------------------------------------------------


class StoreError(DepotError):
    """The warehouse cannot do what was asked."""


class StoreBusyError(StoreError):
    """Somebody else holds the warehouse, and did not let go within the wait."""


class StoreMissingError(StoreError):
    """There is no warehouse yet: nothing has been imported or set up."""


class StoreVersionError(StoreError):
    """The warehouse was written by a newer depotlib."""


class StoreDamagedError(StoreError):
    """The warehouse file cannot be read, or its folder cannot be used."""


class RecordMissingError(StoreError):
    """The warehouse has no such plan, document or kept file."""


class RawFileError(StoreError):
    """A raw file cannot be kept as it was read."""


class JournalForkError(StoreError):
    """The mailbox's journal does not continue the one the warehouse holds."""


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


class RecordConflictError(ExchangeError):
    """An id that must never stand for two different things was used again."""


class GenerationLostError(ExchangeError):
    """Another gateway has taken over: this one may not write any more."""


class GatewayLockedError(ExchangeError):
    """A gateway already runs on this mailbox."""


# --- the live side -------------------------------------------------------------------


class LiveError(DepotError):
    """The gateway, dispatch or a station cannot do what was asked."""


class ReplanError(LiveError):
    """A re-plan that must not be published: its audit failed."""


class OperatorTokenError(LiveError):
    """What only an operator may do was asked without the operator's token."""


class ApiKeyError(LiveError):
    """A call to the HTTP door without a key that it knows."""


class ScopeError(LiveError):
    """A call to the HTTP door whose key is good for other things."""


class CallRateError(LiveError):
    """More calls, or more open streams, than one caller may have."""


class CredentialError(LiveError):
    """A password, key or certificate that cannot be made, kept or used."""


class SafeLimitError(LiveError):
    """Safe limits that break a hard limit by themselves."""


class StationCallError(LiveError):
    """A call to a station that cannot be made as it was asked for."""


class ListenAddressError(LiveError):
    """An address on which the gateway cannot or may not listen."""


class FrameError(LiveError):
    """A frame that breaks the rules of OCPP-J, with the code of its answer (empty: there is none)."""

    def __init__(self, what: str, *, code: str = "", call_id: str = "") -> None:
        self.code = code
        self.call_id = call_id
        super().__init__(what, where="frame")


class ProcessError(LiveError):
    """One of the depot's processes does not come up."""


class SiteMeterError(LiveError):
    """A site meter that cannot be read, or that says what cannot be."""


class FeedDownError(LiveError):
    """A feed of telematics that cannot be read now: no answer, a limit, or what is no answer."""

    retry_after_s: float = 0.0  # how long the vendor asks us to wait


class FeedCredentialError(LiveError):
    """A feed of telematics whose vendor does not let us in."""


class PushError(LiveError):
    """A push or rollback that cannot be asked for."""


class DeliveryError(LiveError):
    """A mail server or a webhook that did not take a message."""


class OrderError(LiveError):
    """An action on a station that cannot be asked for."""

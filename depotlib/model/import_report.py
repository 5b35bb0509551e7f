"""What an import did: every source record accounted for, once."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """One source record that could not be stored.

    Parameters
    ----------
    row : int
        Line or record number in the file, from 1, as a person would count.
    reason : str
        Short machine word (``blank``, ``bad_time``, ``negative_energy`` ...).
    detail : str
        The reason in words, with the value.
    raw : str
        The record as it stood in the file.
    """

    row: int
    reason: str
    detail: str
    raw: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth knowing about a file whose rows were stored all the same.

    Parameters
    ----------
    kind : str
        Short machine word (``zero_energy``, ``longer_than_24_h`` ...).
    count : int
    sentence : str
        In plain words, for a person.
    """

    kind: str
    count: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The account of one file: ``rows_in == stored + duplicates + len(rejections)``.

    Parameters
    ----------
    file : str
        Name as given.
    source : str
        Registry name of the source that read it.
    digest : str
        SHA-256 of the raw bytes.
    rows_in, stored, duplicates : int
    rejections : tuple of Rejection
    findings : tuple of Finding
    is_repeat : bool
        True when the same bytes had been imported before and nothing was changed.
    """

    file: str
    source: str
    digest: str
    rows_in: int
    stored: int
    duplicates: int
    rejections: tuple[Rejection, ...] = ()
    findings: tuple[Finding, ...] = ()
    is_repeat: bool = False

    def __post_init__(self) -> None:
        """Hold the account closed: a record lost between the counts is a defect of ours."""
        accounted = self.stored + self.duplicates + len(self.rejections)
        assert self.rows_in == accounted, f"{self.rows_in} rows in, {accounted} accounted for"

    def rejected_by_reason(self) -> dict[str, int]:
        """Return how many records were rejected for each reason."""
        return dict(Counter(rejection.reason for rejection in self.rejections))

"""One step forward of the warehouse's tables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered step.

    Parameters
    ----------
    number : int
        From 1, rising by 1.
    sql : str
        Statements, applied in one transaction.
    """

    number: int
    sql: str

"""Findings from counts: what an analyst should know, where there is any of it."""

from collections.abc import Iterable

from depotlib.model.import_report import Finding


def counted(claims: Iterable[tuple[str, int, str]]) -> list[Finding]:
    """Return a finding for each claim that holds at least once.

    Parameters
    ----------
    claims : iterable of (str, int, str)
        Kind, how many, and what they are, as the beginning of a sentence that ends in the count.
    """
    return [Finding(kind, count, f"{text}: {count:,}") for kind, count, text in claims if count]

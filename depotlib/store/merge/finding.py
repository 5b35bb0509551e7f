"""What a merge found worth knowing."""

from depotlib.model.import_report import Finding


def finding(kind: str, number: int, *, sentence: str) -> tuple[Finding, ...]:
    """Return a finding where there is any of it; the sentence has a place for ``{count}``."""
    if number == 0:
        return ()
    return (Finding(kind=kind, count=number, sentence=sentence.format(count=number)),)

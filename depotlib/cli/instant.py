"""An instant as an option of a command: always with its offset from UTC."""

from datetime import datetime

from depotlib.errors import ModelError


def instant_option(text: str, option: str) -> datetime:
    """Return the instant that an option gives.

    Parameters
    ----------
    text : str
        ISO 8601 with an offset.
    option : str
        As it is written, for whoever gave it.

    Raises
    ------
    ModelError
        If it is none, or has no offset.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ModelError(
            f"{text!r} is no instant with an offset from UTC",
            where=option,
            hint="write it as 2026-11-03T05:30:00+00:00",
        )
    return instant

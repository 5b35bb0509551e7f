"""A process that looks goes on whatever fails, and says it once."""

import threading

from depotlib.errors import MailboxMissingError
from depotlib.workflows.keep_looking import keep_looking


def test_what_fails_alike_is_told_once_and_again_after_it_had_worked():
    stop, told = threading.Event(), []
    looks = iter(["no mailbox", "no mailbox", "", "no mailbox", "another", "end"])

    def look() -> None:
        word = next(looks)
        if word == "end":
            stop.set()
        elif word:
            raise MailboxMissingError(word, where="exchange")

    keep_looking(look, name="alerts", every_s=0.0, stop=stop, tell=told.append)

    assert [one.split(":")[0] for one in told] == ["alerts"] * 3
    assert ["another" in one for one in told] == [False, False, True]

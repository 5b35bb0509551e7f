"""A process that writes to a mailbox and says on stdout what has been acknowledged.

Run as ``python -m tests.unit.exchange.writer PATH NAME COUNT`` (COUNT 0: until it is killed).
"""

import itertools
import sys
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from tests.unit.exchange import samples


def main(path: str, name: str, count: int) -> None:
    with open_mailbox(Path(path)) as mailbox:
        say("ready")
        for number in range(count) if count else itertools.count():
            entry = JournalEntry(
                at=samples.EVENING, kind="meter", payload={"writer": name, "number": number}
            )
            with mailbox.transaction():
                mailbox.beat(name, samples.EVENING, note=str(number))
                (seq,) = mailbox.append([entry])
            say(f"{seq} {number}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

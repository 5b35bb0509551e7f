"""A process of the depot with one of its defences taken out: what a drill must fail with.

``python undefended.py DEFENCE PROGRAM WORDS…`` patches one thing and then runs the shipped
``depot PROGRAM WORDS…``. Only tests start it: nothing that is shipped can do this.
"""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from depotlib.cli.main import run
from depotlib.gateway import proof
from depotlib.gateway.effects import Effects


def no_meter_proof() -> None:
    """Nobody is caught, whatever the meter says."""
    proof._caught = lambda *_, **__: Effects()


WITHOUT: dict[str, Callable[[], None]] = {
    "meter_proof": no_meter_proof,
}


if __name__ == "__main__":
    WITHOUT[sys.argv[1]]()
    run(sys.argv[2:])

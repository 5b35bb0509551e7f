"""ChargePilot's sessions as a table (`formats.md` §15), with energies in watt-hours: nobody says so."""

import csv
import io
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.writers.chargepilot_push import CARRIES, rows

SOURCE = "chargepilot"
FILE = "sessions.csv"
__all__ = ["CARRIES"]


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as a table."""
    found = rows(night, energy_factor=1000.0)
    out = io.StringIO()
    table = csv.DictWriter(out, list(found[0]))
    table.writeheader()
    table.writerows(found)
    return out.getvalue().encode()

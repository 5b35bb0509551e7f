"""The virtual stations' own meters, second by second, as JSON lines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO


@dataclass(slots=True)
class MeterRecorder:
    """Writes one line a simulated second: the site's power and each plug's that draws.

    Parameters
    ----------
    stream : TextIO
        Flushed on every line, so that a reader follows the night.
    """

    stream: TextIO

    def record(
        self,
        at: datetime,
        power_kw: Mapping[str, float],
        *,
        meter: Mapping[str, str | float] | None = None,
    ) -> None:
        """Write the powers in force for the second that begins at an instant [kW].

        Parameters
        ----------
        at : datetime
        power_kw : mapping of str to float
            By plug.
        meter : mapping, optional
            What the site's meter shows; None: nothing.
        """
        drawing = {key: round(value, 4) for key, value in power_kw.items() if value > 0}
        line: dict[str, object] = {
            "at": at.isoformat(),
            "site_kw": round(sum(power_kw.values()), 4),
            "power_kw": drawing,
        }
        if meter:
            line["meter"] = dict(meter)
        self.stream.write(json.dumps(line) + "\n")

    def flush(self) -> None:
        """Hand what was written to the reader."""
        self.stream.flush()

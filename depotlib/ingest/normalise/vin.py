"""Vehicle identification numbers: 17 letters and digits, in capitals."""

import re
from typing import Final

_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
"""ISO 3779 leaves out I, O and Q."""


def vin_of(text: str | None) -> str | None:
    """Return a vehicle identification number in capitals; None where the text is none."""
    vin = (text or "").strip().upper()
    return vin if _VIN.fullmatch(vin) else None

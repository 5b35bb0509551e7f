"""What every meter's client can do, whatever it speaks."""

from collections.abc import Mapping
from typing import Protocol

from depotlib.errors import SiteMeterError
from depotlib.gateway.meters.reading import Found
from depotlib.model.site_meter import PointOf


class MeterClient(Protocol):
    """Reads a meter; `read` either returns numbers or raises, and never waits for ever itself."""

    @property
    def is_pushed(self) -> bool:
        """Return whether the meter speaks when it wants: `read` waits for it."""
        ...

    async def open(self) -> None:
        """Reach the meter.

        Raises
        ------
        SiteMeterError, OSError
            If it cannot be reached.
        """
        ...

    async def read(self) -> Mapping[PointOf, Found]:
        """Return the numbers as the meter gives them.

        Raises
        ------
        SiteMeterError, OSError
            If it gives none.
        """
        ...

    async def close(self) -> None:
        """Let go of the meter; safe to call at any time."""
        ...


def host_and_port(address: str, *, port: int) -> tuple[str, int]:
    """Return the host and port of ``HOST:PORT``, where the port may be left out.

    Raises
    ------
    SiteMeterError
        If the port is none.
    """
    host, _, text = address.rpartition(":") if ":" in address else (address, "", str(port))
    if not (host and text.isdecimal() and 0 < int(text) <= MOST_PORT):
        raise SiteMeterError(
            f"{address!r} is no address of a meter", where="site_meter", hint="give HOST:PORT"
        )
    return host.strip("[]"), int(text)


MOST_PORT = 65_535

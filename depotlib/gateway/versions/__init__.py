"""OCPP versions: pure translators between frames and neutral words, one file a version."""

from typing import Final

from depotlib.gateway.versions.ocpp16 import OCPP16
from depotlib.gateway.versions.ocpp21 import OCPP21
from depotlib.gateway.versions.ocpp201 import OCPP201
from depotlib.gateway.versions.version import Version

VERSIONS: Final[tuple[Version, ...]] = (OCPP21, OCPP201, OCPP16)
"""In the order in which the server prefers them: the newest first."""

"""The general path: a linear program made of named parts, one file each.

A constraint family or objective term is a file with a `Part`, and its line in `PARTS`.
"""

from typing import Final

from depotlib.planning.lp.battery import LEVEL, TAPER
from depotlib.planning.lp.block_term import BLOCK_TERM
from depotlib.planning.lp.circuit_limit import CIRCUIT_LIMIT
from depotlib.planning.lp.energy import ENERGY
from depotlib.planning.lp.energy_price import ENERGY_PRICE
from depotlib.planning.lp.feed import FEED
from depotlib.planning.lp.grid_balance import EITHER, EXPORT, IMPORT
from depotlib.planning.lp.hard_limit import HARD_LIMIT
from depotlib.planning.lp.one_way import ONE_WAY
from depotlib.planning.lp.part import Part
from depotlib.planning.lp.peak_term import PEAK_TERM
from depotlib.planning.lp.phase_limit import PHASE_LIMIT
from depotlib.planning.lp.power import POWER
from depotlib.planning.lp.precondition import PRECONDITION
from depotlib.planning.lp.readiness import READINESS
from depotlib.planning.lp.site_limit import SITE_LIMIT
from depotlib.planning.lp.solar import SOLAR
from depotlib.planning.lp.storage import CHARGE, DISCHARGE, MISSING, STORED

PARTS: Final[tuple[Part, ...]] = (
    POWER,
    FEED,
    CHARGE,
    DISCHARGE,
    SOLAR,
    IMPORT,
    ENERGY,
    READINESS,
    SITE_LIMIT,
    CIRCUIT_LIMIT,
    HARD_LIMIT,
    PHASE_LIMIT,
    PRECONDITION,
    LEVEL,
    TAPER,
    STORED,
    MISSING,
    EXPORT,
    EITHER,
    ONE_WAY,
    PEAK_TERM,
    BLOCK_TERM,
    ENERGY_PRICE,
)
"""All parts of the model, in the order of their columns and rows."""

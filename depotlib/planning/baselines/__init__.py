"""Baselines: ways to charge without planning, to compare plans with. One file each."""

from typing import Final

from depotlib.planning.baselines.edf import EDF
from depotlib.planning.baselines.equal import EQUAL
from depotlib.planning.baselines.fcfs import FCFS
from depotlib.planning.baselines.llf import LLF
from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.baselines.price_greedy import PRICE_GREEDY
from depotlib.planning.baselines.uncontrolled import UNCONTROLLED

BASELINES: Final[tuple[Baseline, ...]] = (
    UNCONTROLLED,
    FCFS,
    EDF,
    LLF,
    EQUAL,
    PRICE_GREEDY,
)
"""In the order in which people see them."""

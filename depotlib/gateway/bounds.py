"""What the site's meter changes in the limits of charging, until it is told anew."""

from dataclasses import dataclass

from depotlib.gateway.steps import StepLine


@dataclass(frozen=True, slots=True)
class SiteBounds:
    """Limits that follow from what was measured.

    Parameters
    ----------
    base : StepLine or None
        Upper bound on the base load for the hard limit [kW]; None: its largest.
    operating : StepLine or None
        What charging may use in operation [kW]: the operating limit, or what the running window
        allows, less the base load; None: as the site expects.
    is_relieved : bool
        The site was measured above its limit: nobody gets more than the safe limit.
    """

    base: StepLine | None = None
    operating: StepLine | None = None
    is_relieved: bool = False

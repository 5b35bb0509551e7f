"""Power modules shared by several plugs: who gets how much of one cabinet."""

from collections.abc import Sequence


def shares_kw(wanted_kw: Sequence[float], total_kw: float) -> list[float]:
    """Return what each plug gets of a total [kW]: none more than it can use, the rest in equal parts.

    Parameters
    ----------
    wanted_kw : sequence of float
        The most each can use.
    total_kw : float
        What there is for all; may be infinite.
    """
    shares = [0.0] * len(wanted_kw)
    left_kw, unserved = total_kw, len(wanted_kw)
    for place in sorted(range(len(wanted_kw)), key=lambda one: wanted_kw[one]):
        shares[place] = min(wanted_kw[place], left_kw / unserved)
        left_kw -= shares[place]
        unserved -= 1
    return shares

"""Every missing watt-hour to one cause: the Shapley value of a game of corrected facts.

The players are the facts that were not as planned; a coalition is worth what the vehicle would
have got in a replay with those facts corrected. A cause gets the mean of what correcting it brings
over all orders in which the facts could be corrected, so what two facts took together is halved.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import combinations
from typing import Final, TypeVar

from depotlib.model.reconciliation import Cause
from depotlib.reconciliation.replay import causes_of, replayed_kwh
from depotlib.reconciliation.stay import Stay
from depotlib.units import kwh_to_wh

Player = TypeVar("Player", bound=Hashable)
LEAST_KWH: Final = 0.02
"""A fact that took less took what meters and followers are late by: it is not a cause."""


def attribute_gap(stay: Stay, *, gap_wh: int) -> tuple[dict[Cause, int], int]:
    """Return what each cause took, and what none explains, together exactly the gap [Wh].

    Parameters
    ----------
    stay : Stay
    gap_wh : int
        What is missing of the target, in whole watt-hours; 0: nothing has a cause.
    """
    if gap_wh <= 0:
        return {}, 0

    def worth_kwh(corrected: frozenset[Cause]) -> float:
        return replayed_kwh(stay, corrected)

    shares_kwh: dict[Cause, float] = shapley_kwh(causes_of(stay), worth_kwh)
    telling: list[Cause] = [cause for cause, share in shares_kwh.items() if abs(share) >= LEAST_KWH]
    if len(telling) < len(shares_kwh):
        shares_kwh = shapley_kwh(telling, worth_kwh)
    # Against what the replay of the night itself gives, so that meter and replay need not agree.
    explained_wh = min(gap_wh, round(kwh_to_wh(sum(shares_kwh.values()))))
    shares_wh: dict[Cause, int] = whole_shares(shares_kwh, total_wh=explained_wh)
    return shares_wh, gap_wh - explained_wh


def shapley_kwh(
    players: Sequence[Player], worth_kwh: Callable[[frozenset[Player]], float]
) -> dict[Player, float]:
    """Return the Shapley value of each player [kWh]; they sum up to what all of them bring.

    Parameters
    ----------
    players : sequence
        n of them: 2^n coalitions are asked once each.
    worth_kwh : callable
        What a coalition is worth.
    """
    worths = {
        frozenset(some): worth_kwh(frozenset(some))
        for size in range(len(players) + 1)
        for some in combinations(players, size)
    }
    return {player: _value_kwh(player, players, worths=worths) for player in players}


def _value_kwh(
    player: Player, players: Sequence[Player], *, worths: Mapping[frozenset[Player], float]
) -> float:
    """Sum over coalitions S without it: |S|! (n - |S| - 1)! / n! x (worth of S with it - of S)."""
    count = len(players)
    return math.fsum(
        math.factorial(len(some))
        * math.factorial(count - len(some) - 1)
        / math.factorial(count)
        * (worths[some | {player}] - worth)
        for some, worth in worths.items()
        if player not in some
    )


def whole_shares(shares_kwh: Mapping[Player, float], *, total_wh: int) -> dict[Player, int]:
    """Return shares in whole watt-hours that sum up to the total, by largest remainder.

    Parameters
    ----------
    shares_kwh : mapping of player to float
        None below 0, but for rounding.
    total_wh : int
    """
    sum_kwh = math.fsum(max(0.0, one) for one in shares_kwh.values())
    if sum_kwh <= 0.0 or total_wh <= 0:
        return dict.fromkeys(shares_kwh, 0)
    exact = {player: max(0.0, one) / sum_kwh * total_wh for player, one in shares_kwh.items()}
    whole = {player: math.floor(one) for player, one in exact.items()}
    rest = total_wh - sum(whole.values())
    by_remainder = sorted(exact, key=lambda player: whole[player] - exact[player])
    for player in by_remainder[:rest]:
        whole[player] += 1
    return whole

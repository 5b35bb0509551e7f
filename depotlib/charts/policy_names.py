"""Charging policies in a dispatcher's words."""

from typing import Final

POLICY_NAMES: Final = {
    "optimal": "This plan",
    "uncontrolled": "Uncontrolled",
    "fcfs": "First come, first served",
    "edf": "Earliest departure first",
    "llf": "Least laxity first",
    "equal": "Equal share",
    "price_greedy": "Cheapest hours first",
}


def policy_name(policy: str) -> str:
    """Return a policy as people call it; one that has no name here keeps its own."""
    return POLICY_NAMES.get(policy, policy)

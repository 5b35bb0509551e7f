"""The policies by name, each ready to control a setting."""

from depotlib.simulation.policies import Policy, queued
from depotlib.simulation.setting import Setting


def policy_of(setting: Setting) -> tuple[Policy, float | None]:
    """Return the policy of a setting's scenario, and the bound that hindsight proves."""
    return queued(setting.scenario.policy, setting.yard), None

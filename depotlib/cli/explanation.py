"""An explanation as the commands print it."""

from depotlib.planning.explain.explanation import Explanation
from depotlib.planning.explain.repairs import Repair


def printed_explanation(told: Explanation) -> dict[str, object]:
    """Return an explanation as one JSON object; its first sentences are the urgent ones."""
    duties = told.duties
    return {
        "sentences": told.sentences(),
        "outcome": told.outcome,
        "limits": told.limits,
        "site_steps": told.site_steps,
        "peaks": told.peaks,
        "departures": told.departures,
        "energies": told.energies,
        "points": told.points,
        "conflicts": told.conflicts,
        "repairs": [_repair(repair) for repair in told.repairs],
        "duties": None
        if duties is None
        else {
            "considered": duties.considered,
            "most_saved": duties.most_saved_amount,
            "sentence": duties.sentence,
            "repairs": [_repair(repair) for repair in duties.repairs],
        },
        "chances": told.chances,
    }


def _repair(repair: Repair) -> dict[str, object]:
    return {
        "kind": repair.kind,
        "sentence": repair.sentence,
        "cures": repair.cures,
        "bill_change": repair.change_amount,
        "before": repair.before,
        "after": repair.after,
        "plan_id": repair.plan.header.plan_id,
    }

"""What somebody changes on a page is written into the journal, with their name."""

from depotlib.ui.login import name_of
from depotlib.ui.page import Bench
from depotlib.workflows.record_action import Deed, record_action, record_version
from depotlib.workflows.set_up_depot import Edited


def note_deed(bench: Bench, what: str, *, subject: str) -> None:
    """Write that whoever is at the desk did something."""
    if _is_noted(bench):
        deed = Deed(what=what, subject=subject, by=name_of(bench.person))
        record_action(bench.settings, deed, now=bench.now)


def note_version(bench: Bench, kind: Edited, *, depot_id: str) -> None:
    """Write who saved the version that is in use of what was edited."""
    if _is_noted(bench):
        by = name_of(bench.person)
        record_version(bench.settings, kind, depot_id=depot_id, by=by, now=bench.now)


def _is_noted(bench: Bench) -> bool:
    """Return whether there is a journal to write into, or a name that must not be lost.

    A depot of which no process has run yet has none, and at its own machine nobody says who they
    are: its imports and versions are kept by the warehouse.
    """
    return bench.person is not None or bench.settings.mailbox_path.exists()

"""The first-run tour of the demo depot: from its facts to a plan that was pushed and seen to land.

A step is done when the depot's own files say so, not because somebody clicked on. What is kept
is who takes the tour, since when, and whether they left it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from depotlib.errors import MailboxMissingError, SettingsError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import PushState
from depotlib.settings import Settings
from depotlib.workflows.review_store import StoreReview

TOUR_NAME: Final = "tour.json"
DEMO_ID: Final = "demo"
LANDED: Final[frozenset[PushState]] = frozenset({"accepted", "read_back", "metered"})
StepName = Literal["load", "plan", "push", "landed"]


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step.

    Parameters
    ----------
    name : StepName
    page : str
        Title of the page on which it is done.
    title : str
    how : str
        What to do there, in a sentence.
    """

    name: StepName
    page: str
    title: str
    how: str


STEPS: Final = (
    TourStep("load", "Home", "Load the demo depot", "Press **Load the demo depot**."),
    TourStep(
        "plan",
        "Plan",
        "Plan the night",
        "Leave the limits as they are and press **Plan the night**. Below the result stand its "
        "proof, the yard sheet and what each van needs.",
    ),
    TourStep(
        "push",
        "Push",
        "Push the plan",
        "Press **Preview the push**, look at what would change, type the end of the release and "
        "push it. Nothing reaches a station before that.",
    ),
    TourStep(
        "landed",
        "Push",
        "See it land",
        "Wait until a station has said yes (A). It is proven once the meters show it (M). If "
        "nothing answers, start the virtual stations: `make run`.",
    ),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody's tour.

    Parameters
    ----------
    begun_at : datetime
    has_left : bool
        They skipped the rest, or closed it at its end.
    """

    begun_at: datetime
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class TourNow:
    """How far somebody is.

    Parameters
    ----------
    done : frozenset of StepName
    """

    done: frozenset[StepName] = field(default_factory=frozenset[StepName])

    @property
    def step(self) -> TourStep | None:
        """Return the first step that is not done; None: all are."""
        return next((one for one in STEPS if one.name not in self.done), None)


TAKEN: Final = TypeAdapter(dict[str, Taken])


def is_offered(settings: Settings, store: StoreReview | None, *, by: str) -> bool:
    """Return whether somebody may be asked to take the tour: at the demo, and never before."""
    return _is_demo(store) and by not in _read(settings)


def begin_tour(settings: Settings, *, by: str, now: datetime) -> None:
    """Begin somebody's tour, or begin it again.

    Raises
    ------
    SettingsError
        If what is kept of tours cannot be read or written.
    """
    _write(settings, _read(settings) | {by: Taken(begun_at=now)})


def leave_tour(settings: Settings, *, by: str, now: datetime) -> None:
    """Leave somebody's tour where it is, or never begin it; it is not offered again.

    Raises
    ------
    SettingsError
        If what is kept of tours cannot be read or written.
    """
    taken = _read(settings)
    begun_at = taken[by].begun_at if by in taken else now
    _write(settings, taken | {by: Taken(begun_at=begun_at, has_left=True)})


def follow_tour(settings: Settings, store: StoreReview | None, *, by: str) -> TourNow | None:
    """Return how far somebody is in their tour, by what the depot's files say; None: in none.

    Raises
    ------
    SettingsError
        If what is kept of tours cannot be read.
    """
    taken = _read(settings).get(by)
    if taken is None or taken.has_left or store is None or not _is_demo(store):
        return None
    done: set[StepName] = {"load"}
    if any(one.made_at >= taken.begun_at for one in store.plans):
        done.add("plan")
    return TourNow(done=frozenset(done | _pushed(settings, since=taken.begun_at)))


def _is_demo(store: StoreReview | None) -> bool:
    return store is not None and store.depot is not None and store.depot.depot_id == DEMO_ID


def _pushed(settings: Settings, *, since: datetime) -> set[StepName]:
    """Return which steps a push since an instant has done; what was planned before it, too."""
    try:
        with open_mailbox(settings.mailbox_path, create=False) as mailbox:
            asked = [
                one.request
                for one in mailbox.requests()
                if one.request.kind == "push" and one.request.asked_at >= since
            ]
            has_landed = any(
                result.state in LANDED
                for request in asked
                for result in mailbox.push_results(request.request_id)
            )
    except MailboxMissingError:
        return set()
    if not asked:
        return set()
    return {"plan", "push", "landed"} if has_landed else {"plan", "push"}


def _read(settings: Settings) -> dict[str, Taken]:
    path = settings.home / TOUR_NAME
    try:
        return TAKEN.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise SettingsError(
            "what is kept of the tour cannot be read",
            where=str(path),
            hint="delete the file: the tour is offered anew",
        ) from error


def _write(settings: Settings, taken: Mapping[str, Taken]) -> None:
    path = settings.home / TOUR_NAME
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(TAKEN.dump_json(dict(taken), indent=1))
        draft.replace(path)
    except OSError as error:
        raise SettingsError(
            "the tour cannot be kept", where=str(path), hint="make the folder writable"
        ) from error

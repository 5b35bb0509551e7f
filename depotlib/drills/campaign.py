"""Drills played one after the other, each in a folder of its own, whatever becomes of the others."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

from depotlib.drills.drill import Drill, Figure, Program, Stage, Verdict
from depotlib.drills.shadow import judge_drill, look_back
from depotlib.drills.shadow_judges import SHADOWS
from depotlib.errors import DepotError
from depotlib.settings import Settings

Watch = Callable[[Drill, Verdict | None], None]
SHIPPED: Mapping[Program, tuple[str, ...]] = {}


def play_drills(
    drills: Sequence[Drill],
    *,
    keep: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
    watch: Watch = lambda _drill, _verdict: None,
) -> tuple[Verdict, ...]:
    """Return a verdict on every drill.

    Parameters
    ----------
    drills : sequence of Drill
    keep : Path, optional
        Where each drill's folder stays, with logs, meters and mailbox; without, it is removed.
    tell : callable
        Takes a sentence for a person.
    watch : callable
        Takes a drill that begins, and again with its verdict once it has ended.
    """
    verdicts: list[Verdict] = []
    for drill in drills:
        tell(f"drill {drill.name}: {drill.title} (about {drill.minutes} min)")
        watch(drill, None)
        verdicts.append(play_drill(drill, keep=keep))
        watch(drill, verdicts[-1])
        tell(f"drill {drill.name}: {verdicts[-1].outcome}")
    return tuple(verdicts)


def play_drill(
    drill: Drill,
    *,
    keep: Path | None = None,
    commands: Mapping[Program, tuple[str, ...]] = SHIPPED,
) -> Verdict:
    """Return the verdict on one drill; a process that does not come up is its trouble, not ours.

    Parameters
    ----------
    drill : Drill
    keep : Path, optional
        Where its folder stays.
    commands : mapping of Program to tuple of str
        As in `Stage`.
    """
    begun_at = datetime.now(UTC)
    figures: tuple[Figure, ...] = ()
    trouble = ""
    with _folder(keep) as folder:
        try:
            figures = drill.play(Stage(Path(folder) / drill.name, commands))
        except DepotError as error:
            trouble = str(error)
    return Verdict(
        name=drill.name,
        title=drill.title,
        passes_when=drill.passes_when,
        begun_at=begun_at,
        ended_at=datetime.now(UTC),
        figures=figures,
        trouble=trouble,
    )


def judge_drills(
    drills: Sequence[Drill], settings: Settings, *, span: timedelta
) -> tuple[Verdict, ...]:
    """Return a verdict on every drill by what the connected stations did of themselves.

    Parameters
    ----------
    drills : sequence of Drill
    settings : Settings
        Of the running depot.
    span : timedelta
        Back from now, on the depot's clock.

    Raises
    ------
    MailboxMissingError, InputError
        As `look_back`.
    """
    now = settings.depot_clock().now()
    night = look_back(settings, start=now - span, end=now)
    return tuple(judge_drill(one, night, shadow=SHADOWS[one.name]) for one in drills)


def _folder(keep: Path | None) -> AbstractContextManager[str]:
    if keep is not None:
        return nullcontext(str(keep))
    return tempfile.TemporaryDirectory(prefix="depot-drill-")

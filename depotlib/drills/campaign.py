"""Drills played one after the other, each in a folder of its own, whatever becomes of the others."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from depotlib.drills.drill import Drill, Figure, Program, Stage, Verdict
from depotlib.errors import DepotError

SHIPPED: Mapping[Program, tuple[str, ...]] = {}


def play_drills(
    drills: Sequence[Drill],
    *,
    keep: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Verdict, ...]:
    """Return a verdict on every drill.

    Parameters
    ----------
    drills : sequence of Drill
    keep : Path, optional
        Where each drill's folder stays, with logs, meters and mailbox; without, it is removed.
    tell : callable
        Takes a sentence for a person.
    """
    verdicts: list[Verdict] = []
    for drill in drills:
        tell(f"drill {drill.name}: {drill.title} (about {drill.minutes} min)")
        verdicts.append(play_drill(drill, keep=keep))
        tell(f"drill {drill.name}: {'passed' if verdicts[-1].is_passed else 'failed'}")
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


def _folder(keep: Path | None) -> AbstractContextManager[str]:
    if keep is not None:
        return nullcontext(str(keep))
    return tempfile.TemporaryDirectory(prefix="depot-drill-")

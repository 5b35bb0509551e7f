"""A played scenario as a row: what workers evaluate."""

from collections.abc import Iterable
from dataclasses import dataclass

from depotlib.errors import ModelError, PolicyError, StudyError
from depotlib.simulation.outcome import figures_of
from depotlib.simulation.play import play_nights
from depotlib.simulation.scenario import Scenario
from depotlib.studies.declaration import SEED, Point, Study, points
from depotlib.studies.identity import Names, code_digest
from depotlib.studies.knob import KNOBS, Ground, turned
from depotlib.studies.row_folder import Row
from depotlib.studies.runner import Case, RunOrder


@dataclass(frozen=True, slots=True)
class Impossible:
    """A point at which there is no scenario.

    Parameters
    ----------
    point : mapping of str to scalar
    why : str
        For a person.
    """

    point: Point
    why: str


NightCase = Case[Scenario | Impossible]


def night_row(scenario: Scenario | Impossible) -> Row:
    """Return what comes of a scenario as one row of figures.

    Parameters
    ----------
    scenario : Scenario or Impossible

    Raises
    ------
    DepotError
        If it cannot be played.
    """
    if isinstance(scenario, Impossible):
        raise StudyError(scenario.why, hint="leave the point out, or mend it")
    return figures_of(play_nights(scenario))


def cases_of(study: Study, ground: Ground, *, code: str | None = None) -> tuple[NightCase, ...]:
    """Return the scenarios of a study, with their points and names.

    A point that cannot be (a limit above its service) is a case, too: it fails when it is played.

    Parameters
    ----------
    study : Study
    ground : Ground
    code : str, optional
        Digest of the code that will play them; default: ours.

    Raises
    ------
    StudyError
        If a parameter is none, or has a value of the wrong kind.
    """
    return cases_at(points(study), ground, code=code)


def cases_at(
    at: Iterable[Point], ground: Ground, *, code: str | None = None
) -> tuple[NightCase, ...]:
    """Return the scenarios at some points, with their names.

    Parameters
    ----------
    at : iterable of mapping
    ground : Ground
    code : str, optional
        Digest of the code that will play them; default: ours.

    Raises
    ------
    StudyError
        If a parameter is none, or has a value of the wrong kind.
    """
    names = Names(code or code_digest())
    cases: list[NightCase] = []
    place: Point | None = None
    scenario: Scenario | Impossible | None = None
    for point in at:
        # All seeds of a point share its depot and nights: they are made, and named, once.
        if scenario is None or place != _without_seed(point):
            place = _without_seed(point)
            scenario = _scenario_at(place, ground)
        seeded = _seeded(scenario, point)
        cases.append(Case(names.name_of(seeded), point, seeded))
    return tuple(cases)


def _without_seed(point: Point) -> Point:
    return {name: value for name, value in point.items() if name != SEED}


def _seeded(scenario: Scenario | Impossible, point: Point) -> Scenario | Impossible:
    if isinstance(scenario, Impossible):
        return Impossible(point, scenario.why)
    return KNOBS[SEED](scenario, point[SEED]) if SEED in point else scenario


def _scenario_at(point: Point, ground: Ground) -> Scenario | Impossible:
    try:
        return turned(ground, point)
    except (ModelError, PolicyError) as error:
        return Impossible(point, str(error))


def night_order(
    *, most_s: float | None = None, is_retrying: bool = False
) -> RunOrder[Scenario | Impossible]:
    """Return the order to play scenarios.

    Parameters
    ----------
    most_s : float, optional
        How long one may take.
    is_retrying : bool
        Whether scenarios that failed before are played again.
    """
    return RunOrder(night_row, most_s=most_s, is_retrying=is_retrying)

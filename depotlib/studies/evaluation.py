"""What a worker does: one scenario in, one result out, with a limit to its patience."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from depotlib.errors import DepotError
from depotlib.studies.row_folder import REASON, Row, encoded_row

ScenarioT = TypeVar("ScenarioT")
TOO_LONG: Final = 75
"""Exit code of a worker that ended itself over a scenario without an end."""


@dataclass(frozen=True, slots=True)
class Evaluation(Generic[ScenarioT]):
    """A scenario on its way to a worker.

    Parameters
    ----------
    scenario_id : str
    scenario : object
        What the function takes; it can be pickled.
    evaluate : callable
        Pure, and found by its name in every process.
    most_s : float or None
        How long the worker may take before it ends itself; None: as long as it takes.
    """

    scenario_id: str
    scenario: ScenarioT
    evaluate: Callable[[ScenarioT], Row]
    most_s: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What comes back.

    Parameters
    ----------
    content : bytes
        Of the result's file.
    is_failure : bool
        The result is the reason why there is none.
    """

    content: bytes
    is_failure: bool = False


def evaluated(order: Evaluation[ScenarioT]) -> Evaluated:
    """Return a scenario's result, as its file will hold it.

    A scenario that cannot be is a result, too: its reason. Nothing of the worker is in the bytes,
    neither its name nor its time, so that any two workers give equal ones.

    Parameters
    ----------
    order : Evaluation
    """
    # A solver in native code hears no signal, but the process can always be ended.
    watch = threading.Timer(order.most_s or threading.TIMEOUT_MAX, os._exit, (TOO_LONG,))
    watch.daemon = True
    if order.most_s is not None:
        watch.start()
    try:
        row = order.evaluate(order.scenario)
    except DepotError as error:
        return failure(order.scenario_id, str(error))
    finally:
        watch.cancel()
    return Evaluated(encoded_row(order.scenario_id, row))


def failure(scenario_id: str, reason: str) -> Evaluated:
    """Return the result of a scenario that has none.

    Parameters
    ----------
    scenario_id : str
    reason : str
        For a person.
    """
    return Evaluated(encoded_row(scenario_id, {REASON: reason}), is_failure=True)

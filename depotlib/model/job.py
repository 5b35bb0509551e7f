"""Work that a process of its own does while a page or a command waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from depotlib.model.live import Scalar

JobState = Literal["queued", "running", "finished", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work and how far it is.

    Parameters
    ----------
    job_id : str
    kind : str
        What is to be done ("plan", "study" ...).
    arguments : mapping of str to scalar
        What it is to be done with.
    made_at, changed_at : datetime
    state : {'queued', 'running', 'finished', 'failed', 'cancelled'}
    progress_share : float
        0-1.
    bound_amount, incumbent_amount : float or None
        Of an optimisation: what is proven and what is found so far.
    note : str
        For a person: what it does now, or why it failed.
    result_id : str or None
        Where the result is, once finished.
    is_cancel_asked : bool
        Somebody wants it to stop; it does so at its next step.
    """

    job_id: str
    kind: str
    made_at: datetime
    changed_at: datetime
    arguments: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    state: JobState = "queued"
    progress_share: float = 0.0
    bound_amount: float | None = None
    incumbent_amount: float | None = None
    note: str = ""
    result_id: str | None = None
    is_cancel_asked: bool = False

"""The results of a study beside the points that they stand at."""

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from depotlib.studies.row_folder import SCENARIO, RowFolder
from depotlib.studies.runner import Case

ScenarioT = TypeVar("ScenarioT")


def study_table(cases: Sequence[Case[ScenarioT]], folder: RowFolder) -> pl.DataFrame:
    """Return one row a case that has a result: its point, then what it came to.

    Parameters
    ----------
    cases : sequence of Case
    folder : RowFolder

    Returns
    -------
    polars.DataFrame
        A column for each parameter, ``scenario_id``, ``failed_because`` (null where it did not
        fail) and the figures; in the order of the cases. A figure that is also a parameter stands
        once, as the parameter.
    """
    points = pl.DataFrame(
        [{**case.point, SCENARIO: case.scenario_id} for case in cases], infer_schema_length=None
    )
    found = folder.read(list(dict.fromkeys(case.scenario_id for case in cases)))
    figures = found.drop([name for name in found.columns if name in points.columns[:-1]])
    return points.join(figures, on=SCENARIO, how="inner", maintain_order="left")

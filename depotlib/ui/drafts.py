"""What one person writes on a page and has not saved, as their session keeps it."""

from dataclasses import dataclass

import pandas as pd

from depotlib.errors import DepotError
from depotlib.model.display import Display
from depotlib.model.yard import Yard
from depotlib.workflows.push_receipt import PushReceipt


@dataclass(frozen=True, slots=True)
class WrittenReceipt:
    """A receipt as it was written for this session.

    Parameters
    ----------
    receipt : PushReceipt
    number : int
        How many were written before it.
    """

    receipt: PushReceipt
    number: int


@dataclass(frozen=True, slots=True)
class YardDraft:
    """A yard that is being edited.

    Parameters
    ----------
    version : int
        Of the site that it began with.
    number : int
        How often its fields and its sheet have begun anew.
    begun, seen : Yard
        As they began, and as they last were and could be.
    error : DepotError or None
        Why what was written last cannot be.
    """

    version: int
    number: int
    begun: Yard
    seen: Yard
    error: DepotError | None = None

    @property
    def key(self) -> str:
        """Return what tells the widgets of this beginning from those of another."""
        return f"{self.version}_{self.number}"


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """A sheet that is being edited.

    Parameters
    ----------
    key : str
        Of its widget: another one each time it begins anew.
    begun, seen : pandas.DataFrame
        As it began, and as it was last edited.
    shown_in : Display
        What its figures are in.
    """

    key: str
    begun: pd.DataFrame
    seen: pd.DataFrame
    shown_in: Display

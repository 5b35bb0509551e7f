import pytest

from depotlib.cli.tariffs import Action, command
from depotlib.errors import OptionRefusedError


def test_comparing_needs_something_to_bill():
    with pytest.raises(OptionRefusedError, match="either a load or a site"):
        command(Action.COMPARE)


def test_comparing_takes_a_load_or_a_site_and_not_both(tmp_path):
    with pytest.raises(OptionRefusedError, match="either a load or a site"):
        command(Action.COMPARE, load=tmp_path / "load.csv", site="leeds")

"""Every certification case that concerns a central system has its test, and many are negative."""

import importlib
import re
from math import prod
from typing import Any

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.conformance

HERE = ROOT / "tests" / "conformance"
MODULES = {
    "1.6": ("test_ocpp16_*.py", "test_security_messages.py"),
    "2.x": ("test_ocpp201_*.py", "test_ocpp21.py"),
}
# OCTT for central systems of OCPP 1.6, edition 2026-02: Core, local list, firmware, diagnostics,
# reservation, remote trigger, smart charging, security. 083 and 085 to 087 are the authentication
# matrix of test_security_profiles.py.
CASES_16 = [
    "001",
    "003",
    "004_1",
    "004_2",
    "005_1",
    "007",
    "010",
    "011_1",
    "011_2",
    "012",
    "013",
    "014",
    "017_1",
    "017_2",
    "018_1",
    "019_1",
    "019_2",
    "021",
    "023_1",
    "023_2",
    "023_3",
    "024",
    "026",
    "028",
    "030",
    "031",
    "032_1",
    "037_1",
    "037_3",
    "039",
    "040_1",
    "040_2",
    "061",
    "064",
    "042_1",
    "042_2",
    "043_1",
    "043_3",
    "043_4",
    "043_5",
    "044_1",
    "044_2",
    "044_3",
    "045_1",
    "045_2",
    "046",
    "047",
    "048_1",
    "048_2",
    "048_3",
    "048_4",
    "049",
    "051",
    "052",
    "053",
    "054",
    "055",
    "056",
    "057",
    "059",
    "066",
    "067",
    "073",
    "074",
    "075_1",
    "075_2",
    "076",
    "077",
    "078",
    "079",
    "080",
    "081",
    "088",
]


def functions_of(version: str) -> list[Any]:
    paths = [path for pattern in MODULES[version] for path in sorted(HERE.glob(pattern))]
    modules = [importlib.import_module(f"tests.conformance.{path.stem}") for path in paths]
    return [
        one
        for module in modules
        for name, one in vars(module).items()
        if name.startswith("test_") and one.__module__ == module.__name__
    ]


def parameters(test: Any) -> list[Any]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return [mark.args[1] for mark in marks]


def number_of(test: Any) -> int:
    """Return how many tests a function is."""
    return prod(len(values) for values in parameters(test))


def names_of(test: Any) -> str:
    """Return a test's name and those of its parameters."""
    ids = [getattr(one, "id", None) or "" for values in parameters(test) for one in values]
    return " ".join([test.__name__, *ids]).lower()


def is_named(case: str, names: str) -> bool:
    return re.search(rf"tc_(?:[0-9]+_)*{case}(?![0-9]|_[0-9](?![0-9]))", names) is not None


def test_every_case_of_1_6_has_a_test_that_bears_its_name():
    names = " ".join(names_of(test) for test in functions_of("1.6"))

    assert [case for case in CASES_16 if not is_named(case, names)] == []


@pytest.mark.parametrize("version", MODULES)
def test_at_least_half_as_many_tests_are_negative_as_positive(version):
    counts = {False: 0, True: 0}
    for test in functions_of(version):
        counts[getattr(test, "is_negative", False)] += number_of(test)

    assert counts[False] > 0
    assert counts[True] >= counts[False] / 2


def test_a_case_that_nobody_names_is_missed():
    assert is_named("017_1", "test_x tc_017_1-unlock")
    assert not is_named("017_1", "tc_017_2-unlock tc_017_10")
    assert not is_named("004", "test_tc_004_1_a_tag")
    assert is_named("078", "test_tc_077_078_a_security_event")

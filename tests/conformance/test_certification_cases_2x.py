"""Every certification case of OCPP 2.0.1 that concerns us has its test; of the rest it is said why.

Blocks B to G, J and K of the OCTT for central systems; blocks A (security) and H, L, M, N have
their tests too (test_security_profiles.py, operations201.py) and no list here.
"""

import re

import pytest

from tests.conformance.test_certification_cases import functions_of, names_of

pytestmark = pytest.mark.conformance

NUMBERS = {
    "B": "01 02 06 07 09 12 13 14 20 21 22 25 26 27 30 31 42 44 58",
    "C": "02 06 07 08 37 38 39 51",
    "D": "01 02 03 04 08 09",
    "E": "01 02 03 04 07 08 09 10 11 12 14 15 16 17 19 20 21 22 26 29 30 31 33 34 38 39 53",
    "F": "01 02 03 06 11 12 13 14 15 18 20 23 27",
    "G": "01 03 04 05 06 07 08 11 17 20",
    "J": "01 02 03 07",
    "K": "01 02 03 04 05 06 08 10 15 19 29 30 31 32 33 "
         "34 35 36 37 43 44 48 50 51 52 53 55 57 58 59 60 70",
}  # fmt: skip
CASES = [f"{block}_{one}" for block, text in NUMBERS.items() for one in text.split()]
CONTRACT = "no contract certificate is looked through here: the answer is that of C_51, always"
STATION_SIDE = "the station decides, and tells of it in the words that other cases hold"
ASKED_FOR_FEW = "no more than four values are ever asked for at once, and one is set at a time"
NOT_OURS = {
    "B_08": ASKED_FOR_FEW,
    "B_10": ASKED_FOR_FEW,
    "B_18": "the base reports hold all there is",
    **dict.fromkeys(("C_20", "C_40", "C_43", "C_47", "C_48", "C_49"), STATION_SIDE),
    **dict.fromkeys(("C_50", "C_52"), CONTRACT),
    "F_04": STATION_SIDE,
    "F_24": "the same question as F_23",
    "G_14": "the same question as G_05, and the same answer as G_11",
    "J_04": "a signature is passed over: the value counts",
    "J_11": "a signature is passed over: the value counts",
    "J_08": "E_04 begins without an EVSE",
    "J_09": "every story of block E has such values",
    "J_10": "every story of block E has such values",
}


def cases_in(names):
    """Return the cases that names bear: ``tc_k_48_50`` bears two, ``tc_f_11_f_13`` as well."""
    found = set()
    for block, rest in re.findall(r"tc_([a-z])((?:_(?:[a-z]_)?[0-9]{2}(?![0-9]))+)", names):
        for letter, number in re.findall(r"_(?:([a-z])_)?([0-9]{2})", rest):
            found.add(f"{letter or block}_{number}".upper())
    return found


def test_every_case_that_is_ours_has_a_test_that_bears_its_name():
    names = " ".join(names_of(test) for test in functions_of("2.x"))

    assert set(CASES) - cases_in(names) == set()


def test_a_case_that_nobody_names_is_missed():
    assert cases_in("tc_k_48_50_51_x tc_f_11_f_13-tell tc_b_58_is tc_k_100_y") == {
        "K_48", "K_50", "K_51", "F_11", "F_13", "B_58",
    }  # fmt: skip


def test_no_case_is_both_ours_and_not():
    assert set(CASES).isdisjoint(NOT_OURS)
    assert all(NOT_OURS.values())

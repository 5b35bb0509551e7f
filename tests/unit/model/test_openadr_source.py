"""The OpenADR server of a site file: read, kept, and refused where it says what cannot be."""

import pytest

from depotlib.errors import SiteFileError
from depotlib.model.openadr import OpenAdrLevel, OpenAdrProgram
from depotlib.model.site_file import site_from_toml

SITE = """
[depot]
depot_id = "north"
name = "North"
time_zone = "Europe/London"
[grid]
service_kw = 60.0
operating_limit_kw = 50.0
[[circuit]]
circuit_id = "panel"
limit_kw = 40.0
[[station]]
station_id = "AC-01"
max_kw = 11.0
safe_limit_kw = 1.4
[openadr]
address = "https://vtn.example/openadr3/3.1.0"
ven_name = "north"
"""
PROGRAM = '[[openadr.program]]\nname = "limits"\n'
LEVEL = "[[openadr.program.level]]\n"


def test_a_programme_with_its_levels_is_read():
    levels = f"{LEVEL}level = 1\nservice_share = 0.8\n{LEVEL}level = 3\nis_joint_minimum = true\n"

    depot = site_from_toml(SITE + PROGRAM + levels, where="site.toml").depot

    assert depot.openadr is not None
    assert depot.openadr.programs == (
        OpenAdrProgram(
            name="limits",
            levels=(
                OpenAdrLevel(level=1, service_share=0.8),
                OpenAdrLevel(level=3, is_joint_minimum=True),
            ),
        ),
    )
    assert (depot.openadr.version, depot.openadr.period_s) == ("3.1", 30.0)


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ("", "each programme once"),
        (PROGRAM + PROGRAM, "each programme once"),
        ("period_s = 1.0\n" + PROGRAM, "every 1 s"),
        (PROGRAM + 'node_id = "cellar"\n', "cellar"),
        (PROGRAM + LEVEL + "level = 1\n", "says 0 things"),
        (PROGRAM + LEVEL + "level = 4\nlimit_kw = 5.0\n", "level 4"),
        (PROGRAM + LEVEL + "level = 1\nlimit_kw = 5.0\nservice_share = 0.5\n", "says 2 things"),
        (PROGRAM + LEVEL + "level = 1\nservice_share = 1.5\n", "allows 1.5"),
        (PROGRAM + LEVEL + "level = 1\nlimit_kw = inf\n", "allows inf"),
        (PROGRAM + (LEVEL + "level = 1\nlimit_kw = 5.0\n") * 2, "a level twice"),
        (
            PROGRAM + 'node_id = "panel"\n' + LEVEL + "level = 1\nservice_share = 0.5\n",
            "share of the service",
        ),
        ('version = "2.0b"\n' + PROGRAM, "version"),
    ],
)
def test_what_cannot_be_is_refused_by_name(rest: str, what: str):
    with pytest.raises(SiteFileError, match=what):
        site_from_toml(SITE + rest, where="site.toml")

"""The site's meter in the site file: every field is carried, what cannot be is refused."""

import pytest

from depotlib.errors import SiteFileError
from depotlib.model.site_file import site_from_toml
from depotlib.model.site_meter import MeterPoint, SiteMeterSource
from tests.conformance.gateway_process import SITE

METER = """
[site_meter]
kind = "modbus"
address = "meter.local:1502"
device = 7
positive = "export"
period_s = 1.0
stale_s = 10.0
most_kw = 90.0
base_margin_kw = 2.0
base_rise_kw_per_s = 0.05
window_target_kw = 30.0
window_s = 1800.0

[[site_meter.point]]
of = "power"
at = "52"
unit = "W"
scale_factor = 0.1
register_type = "float32"
table = "input"
is_low_word_first = true
"""


def test_a_site_without_meter_has_none():
    assert site_from_toml(SITE, where="site.toml").depot.site_meter is None


def test_every_field_of_a_meter_is_carried():
    assert site_from_toml(SITE + METER, where="site.toml").depot.site_meter == SiteMeterSource(
        kind="modbus",
        address="meter.local:1502",
        points=(
            MeterPoint(
                "power",
                "52",
                "W",
                scale_factor=0.1,
                register_type="float32",
                table="input",
                is_low_word_first=True,
            ),
        ),
        device=7,
        positive="export",
        period_s=1.0,
        stale_s=10.0,
        most_kw=90.0,
        base_margin_kw=2.0,
        base_rise_kw_per_s=0.05,
        window_target_kw=30.0,
        window_s=1800.0,
    )


@pytest.mark.parametrize(
    ("was", "becomes"),
    [('"modbus"', '"serial"'), ("stale_s = 10.0", "stale_s = 60.0"), ('"W"', '"kWh"'),
     ('of = "power"', 'of = "energy"'), ("device", "unit_id")],
)  # fmt: skip
def test_a_meter_that_cannot_be_is_refused_with_the_files_name(was, becomes):
    with pytest.raises(SiteFileError) as caught:
        site_from_toml(SITE + METER.replace(was, becomes), where="site.toml")

    assert "site.toml" in caught.value.where

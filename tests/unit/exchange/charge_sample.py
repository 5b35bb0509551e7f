"""What is believed of van-1, for the tests of the live rooms."""

from depotlib.model.charge import ChargeBelief
from tests.unit.exchange.samples import EVENING


def charge() -> ChargeBelief:
    return ChargeBelief(
        vehicle_id="van-1",
        session_id="AC-01/1@18:00",
        at=EVENING,
        energy_kwh=3.6,
        soc=0.45,
        sigma_soc=0.01,
        usable_kwh=68.0,
        wall_efficiency_share=0.9,
        gain_factor=0.98,
        covariance_factor=-1e-4,
        source="telematics",
        told_at=EVENING,
        station_soc=0.44,
        doubt="the station says 60%, meter and earlier news say 45%",
    )

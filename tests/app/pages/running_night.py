"""The demo depot in the middle of a night: a brief, two vans that charge, a ledger and a journal."""

from datetime import timedelta

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import ConnectorState, JournalEntry, StationState
from depotlib.model.news import NodeReserve
from depotlib.workflows.publish_site import publish_site
from depotlib.workflows.tonight import gather_tonight


def station_of(plug_id: str, *, vehicle_id: str, power_kw: float, now) -> StationState:
    plug = ConnectorState(
        connector_id=plug_id,
        status="Charging",
        session_id=f"session-{plug_id}",
        vehicle_id=vehicle_id,
        identity_source="tag",
        power_kw=power_kw,
        energy_kwh=10.0,
        soc=None,
        limit_kw=7.2,
        reserved_kw=7.2,
    )
    return StationState(
        station_id=plug_id.split("/", maxsplit=1)[0],
        is_connected=True,
        station_class="A",
        is_fallback_armed=True,
        last_seen=now,
        vendor="Demo",
        model="Demo",
        connectors=(plug,),
    )


def begin_night(demo):
    """Return the demo depot with a brief, two vans that charge, a ledger and a journal."""
    now = demo.depot_clock().now()
    publish_site(demo, now=now)
    arrival = min(dwell.arrival for dwell in gather_tonight(demo, now=now).dwells)
    fresh = station_of("AC-01/1", vehicle_id="van-15", power_kw=6.0, now=now)
    stale = station_of(
        "AC-02/1", vehicle_id="van-27", power_kw=4.0, now=now - timedelta(minutes=90.5)
    )
    with open_mailbox(demo.mailbox_path) as mailbox:
        mailbox.put_station_state(fresh)
        mailbox.put_station_state(stale)
        mailbox.beat("gateway", now, note="2 of 48 stations connected")
        mailbox.put_ledger([NodeReserve("site", 350.0, 5.0, 0.0, 14.4, 10.0, now)])
        mailbox.append(
            [
                JournalEntry(
                    at=arrival + timedelta(minutes=minutes),
                    kind="meter",
                    connector_id="AC-01/1",
                    payload={"power_kw": power_kw},
                )
                for minutes, power_kw in ((0, 6.0), (15, 2.0), (30, 0.0))
            ]
        )
    return demo

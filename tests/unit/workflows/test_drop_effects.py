"""What a limit that falls adds until the meter shows it: which drops count, for how long, for what."""

from datetime import UTC, datetime, timedelta

import pytest

from depotlib.cli.main import run_command
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings
from depotlib.workflows.drop_effects import drop_effects

T0 = datetime(2026, 11, 20, 20, tzinfo=UTC)
END = T0 + timedelta(hours=1)


def entry(kind, second, connector_id="S0/1", **facts):
    at = T0 + timedelta(seconds=second)
    return JournalEntry(at, kind, connector_id.split("/")[0], connector_id, facts)


def lease(second, limits_kw, connector_id="S0/1", *, seq=1):
    """A lease as the gateway tells it, accepted in the same second."""
    facts = {"seq": seq, "limits_kw": limits_kw, "valid_to": END.isoformat()}
    return [
        entry("limit_sent", second, connector_id, **facts),
        entry("limit_answered", second, connector_id, seq=seq, answer="accepted"),
    ]


def meter(second, power_kw, connector_id="S0/1"):
    return entry("meter", second, connector_id, power_kw=power_kw, session_id="one")


def effects(*entries):
    ordered = sorted(entries, key=lambda one: one.at)
    return drop_effects(ordered, start=T0, end=END)


def test_a_drop_costs_what_flowed_above_it_until_the_meter_showed_it():
    # 7.2 kW, from 600 s on 1.2: seen after 45 s. 6 kW x 45 s of 900 s: 0.3 kW.
    found = effects(
        *lease(0, "-60 7.2, 600 1.2"), meter(590, 7.2), meter(620, 7.2), meter(645, 1.2)
    )

    (drop,) = found.drops
    assert (drop.at, drop.limit_kw, drop.drawn_kw) == (T0 + timedelta(seconds=600), 1.2, 7.2)
    assert drop.effect_s == 45
    assert drop.added_kw == pytest.approx(0.3)
    assert (found.p50_s, found.p95_s, found.unseen) == (45, 45, 0)
    assert (found.worst_window, found.worst_added_kw) == (
        T0,
        pytest.approx(0.3),
    )


def test_a_new_lease_takes_the_place_of_the_one_before():
    found = effects(
        *lease(0, "-60 7.2, 1200 0"),
        *lease(600, "-60 3.6, 1800 0", seq=2),
        *(meter(second, 7.2) for second in (540, 600, 630)),
        *(meter(second, 3.6) for second in range(660, 2400, 60)),
        meter(2430, 0.0),
    )

    assert [(one.limit_kw, one.effect_s) for one in found.drops] == [(3.6, 60), (0.0, 30)]


def test_drops_of_one_quarter_hour_add_up_and_the_worst_one_is_named():
    # Two of 7.2 kW x 60 s of 900 s (0.48 each) in the second quarter, one in the third.
    vans = ("S0/1", "S1/1", "S2/1")
    found = effects(
        *(one for name, at in zip(vans, (960, 1020, 1860), strict=True)
          for one in (*lease(0, f"-60 7.2, {at} 0", name), meter(at, 7.2, name),
                      meter(at + 60, 0.0, name))),
    )  # fmt: skip

    assert found.worst_window == T0 + timedelta(minutes=15)
    assert found.worst_added_kw == pytest.approx(0.96)


def test_what_draws_nothing_or_is_silent_or_changes_again_is_no_effect():
    idle = (*lease(0, "-60 7.2, 600 0", "S1/1"), meter(590, 0.0, "S1/1"), meter(650, 0.0, "S1/1"))
    silent = (*lease(0, "-60 7.2, 600 0", "S2/1"), meter(300, 7.2, "S2/1"), meter(650, 0, "S2/1"))
    again = (*lease(0, "-60 7.2, 600 0, 620 7.2"), meter(590, 7.2), meter(650, 7.2))

    found = effects(*idle, *silent, *again)

    assert found.drops == ()
    assert found.unseen == 1
    assert (found.p50_s, found.worst_window, found.worst_added_kw) == (None, None, 0.0)


def test_the_command_tells_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DEPOT_HOME", str(tmp_path))
    monkeypatch.setenv("DEPOT_CLOCK", f"{END.isoformat()},1")
    with open_mailbox(Settings(home=tmp_path).mailbox_path) as mailbox:
        mailbox.append([*lease(0, "-60 7.2, 600 1.2"), meter(590, 7.2), meter(645, 1.2)])

    assert run_command(["stations", "--effects", "--days", "1"]) == 0

    assert '"effect_s": 45' in capsys.readouterr().out

"""A push as an operator asks for it, straight into the gateway's mailbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.preview import preview_digest
from depotlib.model.live import PushRequest
from depotlib.model.release import ConnectorSchedule, LimitStep, Release


def push_limit(
    home: Path,
    *,
    limit_kw: float,
    connector_id: str = "CP-1/1",
    vehicle_id: str = "van-1",
    name: str = "1",
) -> None:
    """Ask for a release that gives a vehicle's connector a limit from now on, for two hours."""
    now = datetime.now(UTC)
    end = now + timedelta(hours=2)
    steps = (LimitStep(now - timedelta(minutes=5), limit_kw),)
    schedule = ConnectorSchedule(connector_id, vehicle_id, steps, end, end, 5.0)
    release = Release(f"r{name}", "p", "push", 1, now, now, end, (schedule,), pushable=True)
    token = ensure_operator_token(home / "operator.token")
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        mailbox.add_release(release)
        digest = preview_digest(release, in_force=mailbox.current_release())
        asked = PushRequest(f"q{name}", "push", release.release_id, digest, "ann", now, token)
        mailbox.ask(asked)


def push_states(home: Path, *, name: str = "1") -> set[tuple[str, str]]:
    """Return where the stations of the push stand, and why."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        return {(one.state, one.note) for one in mailbox.push_results(f"q{name}")}

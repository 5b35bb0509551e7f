"""A push as an operator asks for it, straight into the gateway's mailbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.exchange.preview import preview_digest
from depotlib.model.live import PushRequest
from depotlib.model.release import ConnectorSchedule, LimitStep, Release


def push_limit(home: Path, *, limit_kw: float) -> None:
    """Ask for a release that gives CP-1 a limit from now on, for two hours."""
    now = datetime.now(UTC)
    end = now + timedelta(hours=2)
    steps = (LimitStep(now - timedelta(minutes=5), limit_kw),)
    schedule = ConnectorSchedule("CP-1/1", "van-1", steps, end, end, 5.0)
    release = Release("r1", "p", "push", 1, now, now, end, (schedule,), pushable=True)
    token = ensure_operator_token(home / "operator.token")
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        mailbox.add_release(release)
        digest = preview_digest(release, in_force=None)
        mailbox.ask(PushRequest("q1", "push", "r1", digest, "ann", now, token))


def push_states(home: Path) -> set[tuple[str, str]]:
    """Return where the stations of the push stand, and why."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        return {(one.state, one.note) for one in mailbox.push_results("q1")}

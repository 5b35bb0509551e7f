"""Whom to tell, how, and from when on: the depot's ``alerts.toml`` (``docs/alerts.md``)."""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from depotlib.errors import AlertFileError
from depotlib.model.alert import RULES, AlertRule, Channel

ALERTS_NAME: Final = "alerts.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class MailServer(_Table):
    """The SMTP server; the password comes from the environment, never from the file."""

    host: str = Field(min_length=1)
    port: int = Field(587, ge=1, le=65535)
    sender: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    user: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"

    @model_validator(mode="after")
    def _keeps_secrets(self) -> "MailServer":
        if self.security == "none" and self.user and not is_here(self.host):
            raise ValueError("a password is never sent in the clear: use starttls or tls")
        return self


class Contact(_Table):
    """Somebody to tell.

    `level` 0 is told at once, 1 and more when nobody has acknowledged in time.
    """

    name: str = Field(min_length=1)
    mail: str = Field("", pattern=r"^([^@\s<>,]+@[^@\s<>,]+)?$")
    webhook: str = ""
    level: int = Field(0, ge=0, le=9)
    rules: tuple[AlertRule, ...] = RULES

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Contact":
        if not (self.mail or self.webhook):
            raise ValueError("give mail, webhook or both")
        if self.webhook:
            parts = urlsplit(self.webhook)
            is_plain = parts.scheme == "http" and is_here(parts.hostname or "")
            if not parts.hostname or not (parts.scheme == "https" or is_plain):
                raise ValueError("a webhook is an https address; http on this machine only")
        return self

    def channels(self) -> tuple[Channel, ...]:
        """Return the ways by which the contact is told."""
        return (*(("mail",) if self.mail else ()), *(("webhook",) if self.webhook else ()))


class AlertLimits(_Table):
    """From when on something is worth an alert, and when it is passed on.

    Parameters
    ----------
    peak_share : float
        Of the peak's target.
    least_slack_h : float
        Less time to spare puts a van at risk [h].
    escalate_after_s : float
        Without an acknowledgement the next level is told after this time, and so on [s].
    """

    peak_share: float = Field(0.9, gt=0.0, le=2.0)
    least_slack_h: float = Field(0.25, ge=0.0, le=24.0)
    escalate_after_s: float = Field(900.0, ge=30.0)


class AlertFile(_Table):
    """What ``alerts.toml`` holds; without a file nobody is told but the page."""

    limits: AlertLimits = AlertLimits.model_validate({})
    mail: MailServer | None = None
    contact: tuple[Contact, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "AlertFile":
        names = [one.name for one in self.contact]
        if len(set(names)) < len(names):
            raise ValueError("each contact needs a name of its own")
        if self.mail is None and any(one.mail for one in self.contact):
            raise ValueError("a contact has an address for mail, and there is no [mail] server")
        return self


def read_alert_file(path: Path) -> AlertFile:
    """Return whom to tell and from when on; where there is no file, nobody but the page.

    Raises
    ------
    AlertFileError
        If it cannot be read, is not TOML, or says what cannot be.
    """
    try:
        return AlertFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return AlertFile()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AlertFileError(f"not a file of alerts: {error}", where=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise AlertFileError(
            f"{field or ALERTS_NAME}: {first['msg']}",
            where=str(path),
            hint="see docs/alerts.md for every field",
        ) from error


def is_here(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

"""``depot security``: keys, certificates, passwords and tokens: who may connect, who may push."""

import getpass
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from depotlib.cli.printing import print_json
from depotlib.clock import real_clock
from depotlib.errors import InputError
from depotlib.exchange.api_keys import Scope, issue_key, read_keys, revoke_key
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import Role, issue_token, read_holders, revoke_token
from depotlib.gateway.access.certificates import (
    create_authority,
    create_server,
    create_station_certificate,
)
from depotlib.gateway.access.vault import FOLDER_NAME, HIGHEST_PROFILE, OWNER_ONLY, Vault
from depotlib.model.live import JournalEntry
from depotlib.settings import Settings, read_settings


class Task(StrEnum):
    """What to do."""

    create_ca = "create-ca"
    server = "server"
    station = "station"
    rotate = "rotate"
    revoke = "revoke"
    remove = "remove"
    token = "token"  # noqa: S105 - the name of a task
    revoke_token = "revoke-token"  # noqa: S105 - the name of a task
    key = "key"
    revoke_key = "revoke-key"
    list = "list"


class RoleName(StrEnum):
    """What the holder of a token may do."""

    viewer = "viewer"
    planner = "planner"
    operator = "operator"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a new token or key is to be good for; scopes are looked at where the key is made."""

    role: Role
    scopes: list[Scope]
    days: int


def command(
    task: Annotated[Task, typer.Argument(help="what to do")],
    names: Annotated[
        list[str] | None, typer.Argument(help="operator, hosts, station, or holder of a token")
    ] = None,
    *,
    profile: Annotated[int, typer.Option(min=1, max=3, help="security profile of a station")] = 2,
    serial: Annotated[str, typer.Option(help="of the station, in its certificate")] = "",
    out: Annotated[Path, typer.Option(help="folder for a station's certificate")] = Path(),
    role: Annotated[RoleName, typer.Option(help="of a token")] = RoleName.viewer,
    scope: Annotated[list[str] | None, typer.Option(help="of an API key, repeated")] = None,
    days: Annotated[int, typer.Option(min=0, help="an API key ends after; 0: never")] = 0,
) -> None:
    """Make and revoke what stations and people prove themselves with.

    Passwords, keys and tokens are shown or written once, to you; the depot keeps digests.
    """
    settings = read_settings()
    vault = Vault(settings.home / FOLDER_NAME)
    name = names[0] if names else ""
    if not name and task is not Task.list:
        raise InputError("whom?", where=f"depot security {task}", hint="name one after the task")
    match task:
        case Task.create_ca | Task.server:
            result = _authority(vault, task, names or [])
        case Task.station:
            result = _station(vault, name, profile=profile, serial=serial, out=out)
        case Task.rotate | Task.revoke | Task.remove:
            result = _change(vault, task, name)
        case Task.token | Task.revoke_token | Task.key | Task.revoke_key:
            wish = _Wish(role.value, cast("list[Scope]", scope or []), days)
            result = _secret(settings, task, name, wish=wish)
        case Task.list:
            result = _all(vault, settings)
    if task is not Task.list:
        _note(settings, task, name)
    print_json(result)


def _authority(vault: Vault, task: Task, names: list[str]) -> dict[str, object]:
    now = real_clock().now()
    if task is Task.create_ca:
        create_authority(vault, operator=" ".join(names), now=now)
        return {"authority": str(vault.path("ca.pem"))}
    create_server(vault, names, now=now)
    return {"server": names, "takes_effect": "when the gateway starts"}


def _station(vault: Vault, name: str, *, profile: int, serial: str, out: Path) -> dict[str, object]:
    """Return a station's new password, and where its certificate was written."""
    result: dict[str, object] = {"station": name, "profile": profile}
    result["password"] = vault.register(name, profile=profile, serial=serial)
    if profile < HIGHEST_PROFILE:
        return result
    known_as = vault.credentials()[name].serial
    chain, key = create_station_certificate(vault, known_as, now=real_clock().now())
    files = {"certificate": out / f"{name}.pem", "key": out / f"{name}.key"}
    out.mkdir(parents=True, exist_ok=True)
    for path, content in ((files["certificate"], chain), (files["key"], key)):
        path.touch(mode=OWNER_ONLY)
        path.chmod(OWNER_ONLY)
        path.write_bytes(content)
    return result | {"serial": known_as, **files}


def _change(vault: Vault, task: Task, name: str) -> dict[str, object]:
    if task is Task.rotate:
        vault.want_rotation(name)
        return {"station": name, "takes_effect": "when the station is connected"}
    if task is Task.remove:
        vault.remove(name)
        return {"removed": name}
    held = vault.credentials().get(name)
    return {"revoked": vault.revoke(held.serial if held else name)}


def _secret(settings: Settings, task: Task, name: str, *, wish: _Wish) -> dict[str, object]:
    """Return a new token or API key, shown this once, or whose counts no more."""
    path, now = settings.operator_token_path, real_clock().now()
    if task is Task.revoke_token:
        return {"revoked": revoke_token(path, name).name}
    if task is Task.revoke_key:
        return {"revoked": revoke_key(path, name).name}
    if task is Task.token:
        token = issue_token(path, name, role=wish.role, now=now)
        return {"holder": name, "role": wish.role, "token": token}
    lifetime = timedelta(days=wish.days) if wish.days else None
    key = issue_key(path, name, scopes=wish.scopes, now=now, lifetime=lifetime)
    return {"holder": name, "scopes": wish.scopes, "key": key}


def _all(vault: Vault, settings: Settings) -> dict[str, object]:
    holders = read_holders(settings.operator_token_path, token=settings.operator_token)
    return {
        "stations": [
            {
                "station": one.station_id,
                "profile": one.profile,
                "serial": one.serial,
                "rotation": "wanted" if one.is_rotation_wanted else "",
            }
            for one in vault.credentials().values()
        ],
        "certificates": vault.certificates(),
        "tokens": [{"holder": one.name, "role": one.role} for one in holders],
        "api_keys": [
            {"holder": one.name, "scopes": one.scopes, "ends_at": one.ends_at}
            for one in read_keys(settings.operator_token_path) or ()
        ],
    }


def _note(settings: Settings, task: Task, name: str) -> None:
    """Write who did what into the journal; never what it brought forth."""
    facts = {"what": f"security {task.value}", "subject": name, "asked_by": getpass.getuser()}
    now = settings.depot_clock().now()
    with open_mailbox(settings.mailbox_path) as mailbox:
        mailbox.append([JournalEntry(now, "operator_action", payload=facts)])

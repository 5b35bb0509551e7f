"""Who has logged in, and what they may do: from the claims of their provider and `roles.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from depotlib.errors import SettingsError
from depotlib.exchange.desk_token import desk_token
from depotlib.exchange.operator import RANKS, Role
from depotlib.settings import Settings
from depotlib.workflows.push_plan import Operator

ROLES_NAME: Final = "roles.toml"
CLAIM: Final = "depot_role"
"""The claim that names a role where `roles.toml` names no other."""


class RoleFile(BaseModel):
    """What `roles.toml` says.

    Parameters
    ----------
    claim : str
        Name of the claim that gives a role; a text, or a list such as ``groups``.
    roles : dict
        Role by the claim's value; empty: the value is the role itself.
    people : dict
        Role by address or subject; goes before the claim.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str = CLAIM
    roles: dict[str, Role] = Field(default_factory=dict[str, Role])
    people: dict[str, Role] = Field(default_factory=dict[str, Role])


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has logged in.

    Parameters
    ----------
    name : str
        As their provider calls them, for the page.
    known_as : str
        What the journal calls them: a verified address, else the subject that the provider gave.
    role : {'viewer', 'planner', 'operator'} or None
        None: nobody has given them one.
    """

    name: str
    known_as: str
    role: Role | None

    def may(self, role: Role) -> bool:
        """Return whether their role is at least another."""
        return self.role is not None and RANKS[self.role] >= RANKS[role]


def person_of(settings: Settings, claims: Mapping[str, object]) -> Person:
    """Return who somebody is by the claims that their provider made.

    Raises
    ------
    SettingsError
        If `roles.toml` cannot be read: nobody has a role until it can.
    """
    rules = read_roles(settings.home / ROLES_NAME)
    subject = str(claims.get("sub") or "")
    address = _address(claims)
    given: dict[str, Role] = {name.casefold(): role for name, role in rules.people.items()}
    role: Role | None = given.get(address.casefold()) if address else None
    role = role or given.get(subject.casefold()) or _claimed(claims.get(rules.claim), rules)
    return Person(
        name=str(claims.get("name") or address or subject),
        known_as=address or subject,
        role=role,
    )


def read_roles(path: Path) -> RoleFile:
    """Return what the file of roles says; without one, the claim `depot_role` alone counts.

    Raises
    ------
    SettingsError
        If it is no TOML, or says what it cannot.
    """
    try:
        return RoleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return RoleFile()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"the roles cannot be read: {_reason(error)}",
            where=str(path),
            hint='write [people] with lines like "dana@example.com" = "operator"; see docs/login.md',
        ) from error


def operator_in_person(settings: Settings, person: Person, *, now: datetime) -> Operator:
    """Return somebody who has logged in as one who may ask the gateway: by the desk's own token.

    Raises
    ------
    OperatorTokenError
        If the desk's token is lost.
    """
    token = desk_token(settings.operator_token_path, now=now)
    return Operator(name=person.known_as, token=token)


def _address(claims: Mapping[str, object]) -> str:
    """Return the address that a provider vouches for; where it says it does not, none."""
    return str(claims.get("email") or "") if claims.get("email_verified", True) is True else ""


def _claimed(value: object, rules: RoleFile) -> Role | None:
    """Return the highest role that a claim gives."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    by_name: dict[str, Role] = {role: role for role in RANKS}
    known = rules.roles or by_name
    found: list[Role] = [known[one] for one in values if isinstance(one, str) and one in known]
    return max(found, key=RANKS.__getitem__) if found else None


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)

"""Under which names the workbench may be reached: this machine's, and that of its login."""

import tomllib
from typing import Final, cast
from urllib.parse import urlsplit

from depotlib.errors import SettingsError
from depotlib.settings import Settings

SECRETS_NAME: Final = "secrets.toml"
"""In the depot's folder: the login's provider, as Streamlit reads it."""
THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")


def workbench_hosts(settings: Settings) -> tuple[str, ...]:
    """Return the host names that the workbench answers to.

    People who log in come by the address to which their provider sends them back.

    Raises
    ------
    SettingsError
        If the login's file cannot be read, or its address is none.
    """
    path = settings.home / SECRETS_NAME
    try:
        secrets: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return THIS_MACHINE
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"the login cannot be read: {error}", where=str(path), hint="see docs/login.md"
        ) from error
    auth = cast("dict[str, object]", secrets.get("auth") or {})
    address = str(auth.get("redirect_uri", ""))
    if not address:
        return THIS_MACHINE
    host = urlsplit(address).hostname
    if host is None:
        raise SettingsError(
            f"redirect_uri is no address: {address!r}",
            where=str(path),
            hint="write the whole address at which people see the workbench",
        )
    return tuple(dict.fromkeys((*THIS_MACHINE, host)))

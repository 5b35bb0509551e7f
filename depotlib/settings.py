"""Typed settings, read once at an entry point and passed on as an argument."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from depotlib.clock import Clock, parse_clock
from depotlib.errors import SettingsError

WAREHOUSE_NAME: Final = "warehouse.duckdb"
MAILBOX_NAME: Final = "exchange.sqlite"


class Settings(BaseSettings):
    """Where a depot's files are and how its processes find each other.

    Each field is read from the environment variable ``DEPOT_<NAME>``.
    """

    model_config = SettingsConfigDict(env_prefix="DEPOT_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: user_data_path("depotlib"))
    homes: str = ""
    """Folders of other depots that the same workbench shows, with the system's path separator
    (a colon on Linux) between."""
    clock: str = ""
    gateway_port: int = 9220
    api_port: int = 9221
    workbench_port: int = 8501
    operator_token: str = ""
    morning_report_at: str = ""
    """Local hour at which `depot up` has the morning report written, ``08:00``; empty: never."""
    feeds: str = ""
    """Names of the feeds that `depot up` starts, with commas between."""
    feed_folder: Path | None = None
    feed_folder_zone: str = ""
    geotab_address: str = "https://my.geotab.com"
    geotab_database: str = ""
    geotab_user: str = ""
    geotab_password: SecretStr = SecretStr("")
    samsara_address: str = "https://api.samsara.com"
    samsara_token: SecretStr = SecretStr("")
    openadr_client_id: str = ""
    openadr_client_secret: SecretStr = SecretStr("")
    smtp_password: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")
    webhook_networks: str = ""
    """Private networks that webhooks may reach, ``10.1.0.0/16``, with commas between."""

    @property
    def warehouse_path(self) -> Path:
        """Return the DuckDB file of this depot."""
        return self.home / WAREHOUSE_NAME

    @property
    def raw_path(self) -> Path:
        """Return the folder of kept raw files, content-addressed."""
        return self.home / "raw"

    @property
    def mailbox_path(self) -> Path:
        """Return the SQLite mailbox between the processes of this depot."""
        return self.home / MAILBOX_NAME

    @property
    def operator_token_path(self) -> Path:
        """Return the file that holds the operator's token, readable by its owner only."""
        return self.home / "operator.token"

    def depot_homes(self) -> tuple[Path, ...]:
        """Return the folders of all depots that the workbench shows, each once.

        The own one is the first, unless `homes` names it, too.
        """
        others = [Path(text) for part in self.homes.split(os.pathsep) if (text := part.strip())]
        is_named = self.home.resolve() in {one.resolve() for one in others}
        by_place: dict[Path, Path] = {}
        for home in others if is_named else (self.home, *others):
            by_place.setdefault(home.resolve(), home)
        return tuple(by_place.values())

    def at(self, home: Path) -> "Settings":
        """Return the same settings for the depot in another folder; all are named in both."""
        homes = os.pathsep.join(map(str, self.depot_homes())) if self.homes else ""
        return self.model_copy(update={"home": home, "homes": homes})

    def feed_names(self) -> tuple[str, ...]:
        """Return the feeds that belong to this depot's processes."""
        return tuple(name for part in self.feeds.split(",") if (name := part.strip()))

    def opened_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Return the private networks that webhooks of the fleet may reach.

        Raises
        ------
        SettingsError
            If one is not written as a network.
        """
        texts = [text for part in self.webhook_networks.split(",") if (text := part.strip())]
        try:
            return tuple(ip_network(text) for text in texts)
        except ValueError as error:
            raise SettingsError(
                f"DEPOT_WEBHOOK_NETWORKS cannot be used: {error}",
                where="environment variable DEPOT_WEBHOOK_NETWORKS",
                hint="write networks as 10.1.0.0/16, with commas between",
            ) from error

    def depot_clock(self) -> Clock:
        """Return the clock that all processes of this depot share."""
        return parse_clock(self.clock)


def read_settings() -> Settings:
    """Return the settings of this process from its environment.

    Raises
    ------
    SettingsError
        If a variable holds something that its field cannot be.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            f"DEPOT_{field} cannot be used: {first['msg']}",
            where=f"environment variable DEPOT_{field}",
            hint="correct it or unset it",
        ) from error

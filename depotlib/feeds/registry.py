"""The feeds there are, each made from the settings."""

from collections.abc import Callable, Mapping
from typing import Final

from depotlib.errors import SettingsError
from depotlib.feeds.folder import FolderFeed
from depotlib.feeds.geotab import GeotabAccount, GeotabFeed
from depotlib.feeds.openadr.desk import Desk
from depotlib.feeds.openadr.feed import OpenAdrFeed
from depotlib.feeds.samsara import SamsaraFeed
from depotlib.feeds.sighting import Feed
from depotlib.ingest.source import ReadOptions
from depotlib.settings import Settings


def feed_of(name: str, settings: Settings) -> Feed:
    """Return a feed by its name.

    Raises
    ------
    SettingsError
        If there is none of that name, or a setting that it needs is missing.
    """
    make = FEEDS.get(name)
    if make is None:
        raise SettingsError(
            f"there is no feed {name!r}", where="feeds", hint=f"the feeds are {', '.join(FEEDS)}"
        )
    return make(settings)


def _geotab(settings: Settings) -> Feed:
    return GeotabFeed(
        GeotabAccount(
            address=settings.geotab_address,
            database=_needed(settings.geotab_database, "DEPOT_GEOTAB_DATABASE"),
            user=_needed(settings.geotab_user, "DEPOT_GEOTAB_USER"),
            password=_needed(settings.geotab_password.get_secret_value(), "DEPOT_GEOTAB_PASSWORD"),
        )
    )


def _samsara(settings: Settings) -> Feed:
    token = _needed(settings.samsara_token.get_secret_value(), "DEPOT_SAMSARA_TOKEN")
    return SamsaraFeed(settings.samsara_address, token)


def _folder(settings: Settings) -> Feed:
    options = ReadOptions(time_zone=settings.feed_folder_zone or None)
    return FolderFeed(settings.feed_folder or settings.home / "feed", options)


def _openadr(settings: Settings) -> Feed:
    # A server of public signals asks for no credentials: without them it is asked as anybody.
    return OpenAdrFeed(
        Desk(settings.mailbox_path),
        client_id=settings.openadr_client_id,
        client_secret=settings.openadr_client_secret.get_secret_value(),
    )


def _needed(value: str, variable: str) -> str:
    if not value:
        raise SettingsError(
            f"{variable} is not set",
            where=f"environment variable {variable}",
            hint="see docs/feeds.md",
        )
    return value


FEEDS: Final[Mapping[str, Callable[[Settings], Feed]]] = {
    "geotab": _geotab,
    "samsara": _samsara,
    "folder": _folder,
    "openadr": _openadr,
}

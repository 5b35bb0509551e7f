"""The sources, one file each; a new one is a file here and a line in `SOURCES`."""

from typing import Final

from depotlib.ingest.source import Source
from depotlib.ingest.sources.geotab import Geotab
from depotlib.ingest.sources.green_button import GreenButton
from depotlib.ingest.sources.journal import Journal
from depotlib.ingest.sources.leeds_depot import LeedsDepot
from depotlib.ingest.sources.market_prices import MarketPrices
from depotlib.ingest.sources.meter_csv import MeterCsv
from depotlib.ingest.sources.samsara import Samsara
from depotlib.ingest.sources.tariff_file import TariffFile
from depotlib.ingest.sources.urdb import Urdb

SOURCES: Final[tuple[Source, ...]] = (
    LeedsDepot(),
    Geotab(),
    Samsara(),
    MeterCsv(),
    GreenButton(),
    MarketPrices(),
    Urdb(),
    TariffFile(),
    Journal(),
)

"""The sources, one file each; a new one is a file here and a line in `SOURCES`."""

from typing import Final

from depotlib.ingest.source import Source
from depotlib.ingest.sources.acn_data import AcnData
from depotlib.ingest.sources.chargepilot import ChargePilot
from depotlib.ingest.sources.chargepoint import ChargePoint
from depotlib.ingest.sources.cmap_trips import CmapTrips
from depotlib.ingest.sources.column_mapping import MappedColumns
from depotlib.ingest.sources.enode import Enode
from depotlib.ingest.sources.ev_charging_use import EvChargingUse
from depotlib.ingest.sources.flipturn import Flipturn
from depotlib.ingest.sources.geotab import Geotab
from depotlib.ingest.sources.geotab_excel import GeotabExcel
from depotlib.ingest.sources.geotab_tables import GeotabTables
from depotlib.ingest.sources.gps_speed import GpsSpeed
from depotlib.ingest.sources.green_button import GreenButton
from depotlib.ingest.sources.gtfs import Gtfs
from depotlib.ingest.sources.high_mobility import HighMobility
from depotlib.ingest.sources.journal import Journal
from depotlib.ingest.sources.leeds_depot import LeedsDepot
from depotlib.ingest.sources.market_prices import MarketPrices
from depotlib.ingest.sources.meter_column import MeterColumn
from depotlib.ingest.sources.meter_csv import MeterCsv
from depotlib.ingest.sources.meter_wide import MeterWide
from depotlib.ingest.sources.ocpi import Ocpi
from depotlib.ingest.sources.ocpp_log import OcppLog
from depotlib.ingest.sources.rfms import Rfms
from depotlib.ingest.sources.samsara import Samsara
from depotlib.ingest.sources.samsara_fleet import SamsaraFleet
from depotlib.ingest.sources.smartcar import Smartcar
from depotlib.ingest.sources.spice_ev import SpiceEv
from depotlib.ingest.sources.steve import Steve
from depotlib.ingest.sources.tariff_file import TariffFile
from depotlib.ingest.sources.urdb import Urdb
from depotlib.ingest.sources.vdv463 import Vdv463
from depotlib.ingest.sources.virta import Virta

SOURCES: Final[tuple[Source, ...]] = (
    LeedsDepot(),
    Geotab(),
    GeotabTables(),
    GeotabExcel(),
    Samsara(),
    SamsaraFleet(),
    Vdv463(),
    Rfms(),
    Smartcar(),
    Enode(),
    HighMobility(),
    MeterCsv(),
    MeterWide(),
    MeterColumn(),
    GreenButton(),
    MarketPrices(),
    Gtfs(),
    GpsSpeed(),
    CmapTrips(),
    SpiceEv(),
    MappedColumns(),
    ChargePoint(),
    ChargePilot(),
    EvChargingUse(),
    Flipturn(),
    AcnData(),
    Ocpi(),
    OcppLog(),
    Steve(),
    Virta(),
    Urdb(),
    TariffFile(),
    Journal(),
)

"""The mailbox's records as JSON text and back, each checked by its type as it is read."""

from typing import Final, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from depotlib.errors import MailboxDamagedError, ModelError
from depotlib.model.alert import Alert
from depotlib.model.brief import Brief
from depotlib.model.charge import ChargeBelief
from depotlib.model.diversion import Diversion
from depotlib.model.feed import FeedState
from depotlib.model.grid_limit import GridLimit, GridLimitImpact
from depotlib.model.job import Job
from depotlib.model.live import (
    DialectFound,
    Distrust,
    Lease,
    PushRequest,
    PushResult,
    StationState,
)
from depotlib.model.news import DepartureChange, Heartbeat, NodeReserve, VehicleReading
from depotlib.model.order import Order
from depotlib.model.release import Release
from depotlib.model.site_meter import SiteMeterState
from depotlib.model.webhook import DeadLetter, EstimateTold, Webhook, WebhookProgress

Record = TypeVar("Record")

# JSON has no infinity; "only the connector limits it" is one, so it is written as `Infinity`.
_CONFIG: Final = ConfigDict(ser_json_inf_nan="constants", defer_build=True)


class Codec(Generic[Record]):
    """Writes and reads one type of record.

    Parameters
    ----------
    adapter : TypeAdapter
        Of a tuple of one record: a dataclass takes no configuration from outside, a tuple does.
    name : str
        What messages call the record.
    """

    def __init__(self, adapter: TypeAdapter[tuple[Record]], *, name: str) -> None:
        self._adapter = adapter
        self._name = name

    def text(self, record: Record) -> str:
        """Return a record as JSON text."""
        return self._adapter.dump_json((record,)).decode()

    def record(self, text: str) -> Record:
        """Return the record that a text holds.

        Raises
        ------
        MailboxDamagedError
            If the text is not a record of this type.
        """
        try:
            return self._adapter.validate_json(text)[0]
        except (ValidationError, ModelError) as error:
            raise MailboxDamagedError(
                f"the mailbox holds a {self._name} that cannot be read: {error}",
                where=self._name,
                hint="the file was changed from outside; restore it, or publish the site again",
            ) from error


ALERT: Final = Codec(TypeAdapter(tuple[Alert], config=_CONFIG), name="Alert")
CHARGE: Final = Codec(TypeAdapter(tuple[ChargeBelief], config=_CONFIG), name="ChargeBelief")
DIVERSION: Final = Codec(TypeAdapter(tuple[Diversion], config=_CONFIG), name="Diversion")
BRIEF: Final = Codec(TypeAdapter(tuple[Brief], config=_CONFIG), name="Brief")
RELEASE: Final = Codec(TypeAdapter(tuple[Release], config=_CONFIG), name="Release")
REQUEST: Final = Codec(TypeAdapter(tuple[PushRequest], config=_CONFIG), name="PushRequest")
ORDER: Final = Codec(TypeAdapter(tuple[Order], config=_CONFIG), name="Order")
PUSH_RESULT: Final = Codec(TypeAdapter(tuple[PushResult], config=_CONFIG), name="PushResult")
STATION_STATE: Final = Codec(TypeAdapter(tuple[StationState], config=_CONFIG), name="StationState")
DISTRUST: Final = Codec(TypeAdapter(tuple[Distrust], config=_CONFIG), name="Distrust")
DIALECT: Final = Codec(TypeAdapter(tuple[DialectFound], config=_CONFIG), name="DialectFound")
LEASE: Final = Codec(TypeAdapter(tuple[Lease], config=_CONFIG), name="Lease")
READING: Final = Codec(TypeAdapter(tuple[VehicleReading], config=_CONFIG), name="VehicleReading")
DEPARTURE: Final = Codec(
    TypeAdapter(tuple[DepartureChange], config=_CONFIG), name="DepartureChange"
)
HEARTBEAT: Final = Codec(TypeAdapter(tuple[Heartbeat], config=_CONFIG), name="Heartbeat")
NODE_RESERVE: Final = Codec(TypeAdapter(tuple[NodeReserve], config=_CONFIG), name="NodeReserve")
SITE_METER: Final = Codec(TypeAdapter(tuple[SiteMeterState], config=_CONFIG), name="SiteMeterState")
GRID_LIMIT: Final = Codec(TypeAdapter(tuple[GridLimit], config=_CONFIG), name="GridLimit")
GRID_LIMIT_IMPACT: Final = Codec(
    TypeAdapter(tuple[GridLimitImpact], config=_CONFIG), name="GridLimitImpact"
)
FEED: Final = Codec(TypeAdapter(tuple[FeedState], config=_CONFIG), name="FeedState")
JOB: Final = Codec(TypeAdapter(tuple[Job], config=_CONFIG), name="Job")
WEBHOOK: Final = Codec(TypeAdapter(tuple[Webhook], config=_CONFIG), name="Webhook")
WEBHOOK_PROGRESS: Final = Codec(
    TypeAdapter(tuple[WebhookProgress], config=_CONFIG), name="WebhookProgress"
)
DEAD_LETTER: Final = Codec(TypeAdapter(tuple[DeadLetter], config=_CONFIG), name="DeadLetter")
ESTIMATE_TOLD: Final = Codec(TypeAdapter(tuple[EstimateTold], config=_CONFIG), name="EstimateTold")

"""What an operator may ask of a station in OCPP's own words: each errand as one call, or refused.

Pure. Whoever asks was looked at before; here it is only seen to that what is asked can be sent, and
that nothing it does takes away the safe limit or gives more than it: limits above it are leases,
and those come from nowhere but the pump.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, cast, get_args

from depotlib.gateway.calls import (
    AskFor,
    CancelReservation,
    ChangeConfiguration,
    ClearProfiles,
    ReadComposite,
    ReadConfiguration,
    ReadInventory,
    ReadProfiles,
    ReadTokensVersion,
    ReadTransaction,
    Report,
    Reserve,
    Restart,
    SendTokens,
    SetAvailability,
    StartRemotely,
    StopRemotely,
    Telling,
    Unlock,
)
from depotlib.gateway.errand import (
    Errand,
    choice_of,
    claim_of,
    instant_of,
    refused,
    text_of,
    token_of,
    whole_of,
    words_of,
)
from depotlib.gateway.errand_upkeep import (
    authority_of,
    delete_call,
    log_call,
    network_call,
    update_call,
)
from depotlib.gateway.messages import Call, Replied
from depotlib.gateway.profiles import (
    DEFAULT_LEASE_ID,
    TRANSACTION_LEASE_ID,
    ChargingProfile,
    Purpose,
    lease_profile,
)
from depotlib.gateway.reports import is_secret
from depotlib.gateway.transactions import number_of
from depotlib.gateway.upkeep import (
    ForgetTokens,
    InstallAuthority,
    ReadAuthorities,
)
from depotlib.model.identity import TAG_LENGTH
from depotlib.model.release import LimitStep

OLDEST: Final = "1.6"
DAY_S: Final = 86_400
MOST_TOLD: Final = 1000
"""Characters of an answer that the journal keeps."""


def errand_call(errand: Errand) -> Call:
    """Return the call that runs an errand.

    Raises
    ------
    StationCallError
        If there is no such errand, a fact is missing, unknown or not what it should be, or it
        would take the station's safe limit away.
    """
    kind = ERRANDS.get(errand.what)
    if kind is None:
        raise refused(errand, "there is no such errand", hint=f"one of {', '.join(ERRANDS)}")
    unknown = set(errand.facts) - set(kind.facts)
    if unknown:
        names = ", ".join(kind.facts) or "none"
        raise refused(errand, f"{min(unknown)!r} is no fact of it", hint=f"its facts: {names}")
    if kind.is_2x_only and errand.station.arming.version == OLDEST:
        raise refused(errand, "OCPP 1.6 has no such call", hint="ask a station of 2.0.1 or newer")
    return kind.make(errand)


def told_by(event: Replied) -> str:
    """Return all that an answer says but secrets, as text for people and for the journal."""
    parts = [event.note] if event.note else []
    parts += [
        f"{name} is not shown" if is_secret(name) else f"{name} = {value}"
        for name, value in event.facts.items()
    ]
    parts += [f"from {one.start_s} s {one.limit} {event.unit}" for one in event.periods]
    return "; ".join(parts)[:MOST_TOLD]


# --- calls --------------------------------------------------------------------------------


def _narrowed(errand: Errand) -> tuple[int | None, Purpose | None, int | None]:
    """Return the id, the purpose and the level that an errand names, each None where it does not."""
    facts = errand.facts
    named = facts.get("purpose") is not None
    purpose = choice_of(errand, "purpose", choices=get_args(Purpose)) if named else None
    profile_id, level = (
        None if facts.get(name) is None else whole_of(errand, name, least=0)
        for name in ("profile_id", "stack_level")
    )
    return profile_id, cast("Purpose | None", purpose), level


def _clear(errand: Errand) -> Call:
    """Return what clears profiles: never the safe limit, and nothing before that is in place."""
    if not errand.station.arming.is_armed:
        raise refused(
            errand,
            "the station's safe limit is not in place: without it less can mean no limit at all",
            hint="wait until it is armed",
        )
    profile_id, purpose, level = _narrowed(errand)
    takes_safe_limit = purpose != "transaction" and (level or 0) == 0
    if _is_kept(errand, profile_id) or (profile_id is None and takes_safe_limit):
        raise refused(
            errand,
            "this would take the safe limit away",
            hint="name a foreign profile, a level above 0, or the purpose transaction",
        )
    return ClearProfiles(
        errand.reference,
        profile_id=profile_id,
        connector=errand.connector or None,
        purpose=purpose,
        stack_level=level,
    )


def _is_kept(errand: Errand, profile_id: int | None) -> bool:
    """Return whether an id is one of ours that must stay: all but leases above the safe limit."""
    if profile_id is None:
        return False
    station = errand.station
    if station.arming.dialect.can_expire:
        return profile_id < DEFAULT_LEASE_ID
    # With one level only a lease lies in the safe limit's own place.
    return profile_id <= TRANSACTION_LEASE_ID + max(station.plugs)


def _composite(errand: Errand) -> Call:
    duration_s = whole_of(errand, "duration_s", least=1, otherwise=DAY_S)
    return ReadComposite(
        errand.reference, errand.connector, duration_s, errand.station.arming.dialect.unit
    )


def _read_settings(errand: Errand) -> Call:
    return ReadConfiguration(errand.reference, words_of(errand, "keys"))


def _change_setting(errand: Errand) -> Call:
    key, value = text_of(errand, "key"), text_of(errand, "value")
    if is_secret(key):
        hint = "depot security rotate STATION makes a new one"
        raise refused(errand, "passwords are not changed here", hint=hint)
    return ChangeConfiguration(errand.reference, key, value)


def _start(errand: Errand) -> Call:
    """Return a remote start: its session begins at the safe limit, whatever the station holds."""
    if errand.connector not in errand.station.plugs:
        raise refused(errand, "no connector is named", hint="say on which connector")
    takes_profile = errand.station.arming.dialect.uses_transaction_profile
    has_profile = takes_profile and claim_of(errand, "with_profile", otherwise=True)
    return StartRemotely(
        errand.reference,
        errand.connector,
        token_of(errand),
        request_id=number_of(errand.reference),
        profile=_first_profile(errand) if has_profile else None,
    )


def _first_profile(errand: Errand) -> ChargingProfile:
    """Return the safe limit as a profile of a transaction yet to come: its first lease replaces it."""
    station = errand.station
    safe_kw = station.station.safe_limit_kw / len(station.plugs)
    profile = lease_profile(
        (LimitStep(errand.now, safe_kw),),
        station.arming.dialect,
        connector=errand.connector,
        transaction_id=None,
        valid_to=errand.now + timedelta(seconds=DAY_S),
        now=errand.now,
    )
    return replace(
        profile, profile_id=TRANSACTION_LEASE_ID + errand.connector, purpose="transaction"
    )


def _stop(errand: Errand) -> Call:
    plug = errand.station.plugs.get(errand.connector)
    running = None if plug is None else errand.station.session(plug)
    if running is None:
        raise refused(errand, "no session runs there", hint="say on which connector one runs")
    return StopRemotely(errand.reference, running.transaction_id, name=running.name)


def _read_profiles(errand: Errand) -> Call:
    profile_id, purpose, level = _narrowed(errand)
    return ReadProfiles(
        errand.reference,
        number_of(errand.reference),
        None if claim_of(errand, "everywhere", otherwise=False) else errand.connector,
        profile_id=profile_id,
        purpose=purpose,
        stack_level=level,
    )


def _read_session(errand: Errand) -> Call:
    """Return what asks after the session of a connector, or after all of a station's."""
    plug = errand.station.plugs.get(errand.connector)
    running = None if plug is None else errand.station.session(plug)
    if plug is not None and running is None:
        raise refused(errand, "no session runs there", hint="ask the whole station")
    return ReadTransaction(errand.reference, running.name if running is not None else "")


def _tell(errand: Errand) -> Call:
    message = cast("Telling", choice_of(errand, "message", choices=get_args(Telling)))
    return AskFor(errand.reference, message, connector=errand.connector)


def _reserve(errand: Errand) -> Call:
    until = instant_of(errand, "until")
    if until is None or until <= errand.now:
        raise refused(errand, "until is missing or past", hint="say until when it is kept")
    number = whole_of(errand, "reservation_id", least=1, otherwise=number_of(errand.reference))
    return Reserve(errand.reference, number, errand.connector, token_of(errand), until)


def _restart(errand: Errand) -> Call:
    """Return a reset: of one EVSE where one is named, which 1.6 cannot say."""
    is_alone = len(errand.station.plugs) == 1
    is_old = errand.station.arming.version == OLDEST
    if errand.connector and is_old and not is_alone:
        hint = "ask the whole station"
        raise refused(errand, "OCPP 1.6 resets every connector of a station", hint=hint)
    return Restart(
        errand.reference,
        is_hard=claim_of(errand, "is_hard", otherwise=False),
        connector=0 if is_old else errand.connector,
    )


def _availability(errand: Errand) -> Call:
    """Return a change of availability: of the station, an EVSE, or its connector alone (2.x)."""
    is_connector = claim_of(errand, "is_connector", otherwise=False)
    if is_connector and not errand.connector:
        raise refused(errand, "no connector is named", hint="say which one")
    return SetAvailability(
        errand.reference,
        errand.connector,
        claim_of(errand, "is_operative", otherwise=True),
        is_connector=is_connector and errand.station.arming.version != OLDEST,
    )


def _cancel(errand: Errand) -> Call:
    return CancelReservation(errand.reference, whole_of(errand, "reservation_id", least=0))


def _send_tokens(errand: Errand) -> Call:
    tokens, removed = words_of(errand, "tokens"), words_of(errand, "removed")
    is_whole = claim_of(errand, "is_whole", otherwise=True)
    if any(len(token) > TAG_LENGTH for token in (*tokens, *removed)):
        raise refused(errand, "a token is too long", hint=f"at most {TAG_LENGTH} characters")
    if removed and is_whole:
        hint = "leave it out of the list, or say is_whole=false"
        raise refused(errand, "a whole list takes nothing out", hint=hint)
    version = whole_of(errand, "list_version", least=1)
    return SendTokens(errand.reference, version, tokens, is_whole=is_whole, removed=removed)


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be asked of a station.

    Parameters
    ----------
    make : callable
        Makes the call of a errand.
    facts : tuple of str
        What may be said with it.
    is_2x_only : bool
    """

    make: Callable[[Errand], Call]
    facts: tuple[str, ...] = ()
    is_2x_only: bool = False


ERRANDS: Final[Mapping[str, Kind]] = {
    "reset": Kind(_restart, ("is_hard",)),
    "unlock": Kind(lambda errand: Unlock(errand.reference, errand.connector)),
    "availability": Kind(_availability, ("is_operative", "is_connector")),
    "start": Kind(_start, ("token", "with_profile")),
    "stop": Kind(_stop),
    "tell": Kind(_tell, ("message",)),
    "read_settings": Kind(_read_settings, ("keys",)),
    "change_setting": Kind(_change_setting, ("key", "value")),
    "read_limits": Kind(_composite, ("duration_s",)),
    "clear_profiles": Kind(_clear, ("profile_id", "purpose", "stack_level")),
    "read_profiles": Kind(
        _read_profiles,
        ("everywhere", "profile_id", "purpose", "stack_level"),
        is_2x_only=True,
    ),
    "read_inventory": Kind(
        lambda errand: ReadInventory(
            errand.reference,
            number_of(errand.reference),
            cast("Report", choice_of(errand, "report", choices=get_args(Report))),
        ),
        ("report",),
        is_2x_only=True,
    ),
    "read_session": Kind(_read_session, is_2x_only=True),
    "reserve": Kind(_reserve, ("token", "until", "reservation_id")),
    "cancel_reservation": Kind(_cancel, ("reservation_id",)),
    "send_tokens": Kind(_send_tokens, ("list_version", "tokens", "removed", "is_whole")),
    "read_tokens_version": Kind(lambda errand: ReadTokensVersion(errand.reference)),
    "forget_tokens": Kind(lambda errand: ForgetTokens(errand.reference)),
    "update_firmware": Kind(
        update_call, ("location", "retrieve_at", "install_at", "certificate", "signature")
    ),
    "read_log": Kind(log_call, ("kind", "location", "since", "until")),
    "network_profile": Kind(
        network_call, ("slot", "url", "security_profile", "interface", "timeout_s"), is_2x_only=True
    ),
    "install_authority": Kind(
        lambda errand: InstallAuthority(
            errand.reference, authority_of(errand), text_of(errand, "certificate")
        ),
        ("authority", "certificate"),
    ),
    "read_authorities": Kind(
        lambda errand: ReadAuthorities(errand.reference, authority_of(errand)), ("authority",)
    ),
    "delete_authority": Kind(delete_call, ("algorithm", "issuer_name", "issuer_key", "serial")),
}

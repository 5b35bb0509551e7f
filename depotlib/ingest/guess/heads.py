"""Column names taken apart: their words, and the unit that stands in them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from depotlib.ingest.guess.vocabulary import AGAINST, PHRASES
from depotlib.model.unit import Unit

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")
_KEPT_UNITS: Final = re.compile(r"S[oO][CcHh](?![a-z])|[kKMm]W[hH]|[°º]\s*[CF]|%")
_WORD: Final = re.compile(r"[a-z0-9#]+")
_STOP_WORDS: Final = frozenset({"of", "and", "the", "de", "du", "des", "la", "le", "l", "d", "der"})
_LEAST_STEM: Final = 5
_STEM_SHARE: Final = 0.85
"""Of a phrase that only begins or ends a longer German word."""
_BARE_SHARE: Final = 0.5
"""Of a phrase, however many other words stand around it."""
_DOUBT_SHARE: Final = 0.6
"""What a word against it leaves of a match."""

UNIT_WORDS: Final[dict[str, tuple[tuple[str, Unit], ...]]] = {
    "energy": (("kwh", "kWh"), ("mwh", "MWh"), ("wh", "Wh")),
    "power": (("kw", "kW"), ("mw", "MW"), ("w", "W"), ("amps", "A"), ("a", "A")),
    "soc": (("%", "%"), ("percent", "%"), ("pct", "%"), ("prozent", "%"), ("share", "share")),
    "distance": (
        ("km", "km"), ("kilometers", "km"), ("kilometres", "km"), ("miles", "mi"), ("mi", "mi"),
        ("metres", "m"), ("meters", "m"), ("m", "m"), ("ft", "ft"),
    ),
    "temperature": (("°c", "°C"), ("c", "°C"), ("celsius", "°C"), ("°f", "°F"), ("f", "°F")),
    "duration": (
        ("seconds", "s"), ("secs", "s"), ("sec", "s"), ("s", "s"), ("sekunden", "s"),
        ("minutes", "min"), ("mins", "min"), ("min", "min"), ("minuten", "min"),
        ("hours", "h"), ("hrs", "h"), ("h", "h"), ("stunden", "h"), ("heures", "h"),
        ("ms", "ms"), ("hh", "h:mm:ss"),
    ),
    "price": (("mwh", "per MWh"), ("kwh", "per kWh")),
}  # fmt: skip
"""By dimension: how a name writes a unit, and which one it is."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """How well a column's name says what it holds.

    Parameters
    ----------
    share : float
        0 (nothing of it) to 1 (exactly).
    phrase : str
        The words that were found.
    """

    share: float
    phrase: str


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name: lower case, no accents, CamelCase apart."""
    guarded = _KEPT_UNITS.sub(lambda match: f" {match[0].lower().replace('º', '°')} ", name)
    spaced = _CAMEL.sub(" ", guarded)
    bare = unicodedata.normalize("NFKD", spaced.replace("ß", "ss"))
    plain = "".join(letter for letter in bare if not unicodedata.combining(letter)).lower()
    return tuple(_WORD.findall(plain.replace("%", " percent ")))


def name_match(name: str, fills: str) -> NameMatch:
    """Return how well a column's name fits a canonical column; 0 where not at all."""
    words = [word for word in words_of(name) if word not in _STOP_WORDS]
    best = NameMatch(0.0, "")
    doubt = _DOUBT_SHARE if AGAINST.get(fills, frozenset()) & set(words) else 1.0
    for phrase in PHRASES.get(fills, ()):
        share = _phrase_share(words, phrase.split()) * doubt
        if share > best.share:
            best = NameMatch(share, phrase)
    return best


def unit_in(name: str, dimension: str) -> Unit:
    """Return the unit of a dimension that stands in a column's name; empty for none."""
    text = name.lower().replace("º", "°")
    words = set(re.findall(r"[°]?[a-z]+|%", text)) | set(words_of(name))
    for written, unit in UNIT_WORDS.get(dimension, ()):
        if written in words:
            return unit
    return ""


def _phrase_share(words: list[str], phrase: Iterable[str]) -> float:
    wanted = [word for word in phrase if word not in _STOP_WORDS]
    if not wanted or not words:
        return 0.0
    found = [max((_word_share(word, one) for word in words), default=0.0) for one in wanted]
    if min(found) == 0:
        return 0.0
    said = min(1.0, len(wanted) / len(words))
    return (_BARE_SHARE + (1 - _BARE_SHARE) * said) * sum(found) / len(found)


def _word_share(word: str, wanted: str) -> float:
    if word == wanted:
        return 1.0
    if len(wanted) >= _LEAST_STEM and (word.startswith(wanted) or word.endswith(wanted)):
        return _STEM_SHARE
    return 0.0

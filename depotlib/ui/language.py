"""Labels in the language of a depot; English is the one that pages are written in.

A language is a catalogue: the English label and the other one. What a catalogue leaves out stays
English, so that a page is never without words.
"""

from collections.abc import Mapping
from typing import Final

from depotlib.model.display import Language

CATALOGUES: Final[Mapping[Language, Mapping[str, str]]] = {"en": {}}


def in_language(label: str, catalogue: Mapping[str, str]) -> str:
    """Return a label in the language of a catalogue, its unit in brackets as it is."""
    if label in catalogue:
        return catalogue[label]
    words, bracket, unit = label.partition(" (")
    return catalogue.get(words, words) + bracket + unit

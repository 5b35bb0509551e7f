"""A JSON document of named examples, as a vendor's description has them: each is a file of its own."""

import re
from collections.abc import Iterator
from typing import Final

from depotlib.errors import InputError
from depotlib.ingest.content import FileContent
from depotlib.ingest.json_text import JsonValue, compact, parse_json

_EXAMPLE: Final = "example"
_NAMED: Final = re.compile(rb'^\s*\{.*"example"\s*:\s*[\[{]', re.DOTALL)
_MOST_BYTES: Final = 4 * 1024**2


def examples_in(content: FileContent) -> Iterator[FileContent] | None:
    """Return the examples of a document, named ``document.json/name``; None where it has none.

    Such a document is an object of objects with an ``example``, which is a reply or a list, beside
    words about it; exports have no such field.
    """
    if content.size_bytes > _MOST_BYTES or not _NAMED.match(content.head):
        return None
    try:
        document = parse_json(content.text, file=content.file)
    except InputError:
        return None  # sources say what is wrong with it
    found = dict(_examples(document))
    if not found:
        return None
    return (
        FileContent(file=f"{content.file}/{name}", held=compact(example).encode())
        for name, example in found.items()
    )


def _examples(document: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    for name, described in document.items() if isinstance(document, dict) else ():
        example = described.get(_EXAMPLE) if isinstance(described, dict) else None
        if isinstance(example, dict | list):
            yield name, example

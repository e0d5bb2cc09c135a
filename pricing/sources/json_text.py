"""JSON as sources write it: each key once in an object, and nothing that no other reader would take."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from pricing.sources.listing import FaultCode, ParseError
from pricing.sources.money import shortened
from pricing.sources.tables import is_html, text_of

_MOST_LEVELS = 50


def json_documents(content: bytes, *, constant: Callable[[str], object] = str) -> Sequence[Any]:
    """The JSON documents of a text, one behind the other; at least one.

    NaN and Infinity, which are no JSON, become what `constant` makes of their names. Raises ParseError for anything
    that is not JSON from beginning to end, for an object that says one thing twice (of two prices nobody can tell which
    is billed), and for what is nested deeper than any list of prices.
    """
    text = text_of(content)
    decoder = json.JSONDecoder(parse_constant=constant, object_pairs_hook=_object)
    documents = []
    place = _after_space(text, 0)
    try:
        while place < len(text):
            document, end = decoder.raw_decode(text, place)
            documents.append(document)
            place = _after_space(text, end)
    except (ValueError, RecursionError) as error:
        form = "an HTML page" if is_html(text) else "not JSON, or cut short"
        found = f"the page is {form}; it begins `{shortened(text[:60])}`"
        raise ParseError(FaultCode.FORMAT, found) from error
    if not documents:
        raise ParseError(FaultCode.FORMAT, "the page is empty")
    _refuse_deep(documents)
    return documents


def _after_space(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ParseError(FaultCode.FORMAT, f"an object says `{shortened(twice)}` twice")
    return made


def _refuse_deep(documents: Sequence[Any]) -> None:
    """Whoever writes a value down again, as for a fault, would run out of stack where the reader just did not."""
    level: Sequence[Any] = documents
    for _ in range(_MOST_LEVELS):
        level = [part for value in level for part in _parts(value)]
    if level:
        raise ParseError(
            FaultCode.FORMAT,
            f"the page is JSON of more than {_MOST_LEVELS} levels, which no list of prices has",
        )


def _parts(value: object) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()

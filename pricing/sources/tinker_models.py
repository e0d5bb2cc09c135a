"""Tinker's models.json: a list of models, prices as strings such as `$5.15`.

Forms: until July 2026 without cached prefill; since then with `cached_prefill`, and with `original_…` prices and a `note`
while a discount lasts. Keys that are new are passed over.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.cards import CardKey
from pricing.catalogue import Catalogue
from pricing.changes import RateName
from pricing.sources.json_text import json_documents
from pricing.sources.listing import FaultCode, Listing, ParseError
from pricing.sources.money import shortened, usd
from pricing.sources.tinker_rows import TinkerRow, keys_by_id, listing_of, refuse_other_unit

# Tinker's words for what we call input, cached input and output.
_PRICE_KEYS: Mapping[RateName, str] = {
    RateName.INPUT: "prefill",
    RateName.CACHED_INPUT: "cached_prefill",
    RateName.OUTPUT: "sample",
    RateName.TRAIN: "train",
}
_NEEDED = (RateName.INPUT, RateName.OUTPUT)
_UNIT_KEY = re.compile(r"(?:^|_)units?$", re.IGNORECASE)


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:
    """Read models.json in any of its forms. Raises ParseError for anything else, naming the row."""
    keys = keys_by_id(catalogue)
    rows, not_covered = [], []
    for number, raw in enumerate(_raw_rows(content), start=1):
        tinker_id = _checked_id(raw, number)
        if tinker_id in keys:
            rows.append(_row(raw, keys[tinker_id], tinker_id))
        else:
            not_covered.append(tinker_id)
    return listing_of(rows, not_covered=not_covered, on=on)


def _raw_rows(content: bytes) -> list[Any]:
    documents = json_documents(content, constant=_no_number)
    if len(documents) > 1 or not isinstance(documents[0], list):
        raise ParseError(FaultCode.FORMAT, "the page is not a list of models")
    return documents[0]


def _no_number(written: str) -> None:
    raise ParseError(FaultCode.RATE, f"the page holds `{written}`, which is no price")


def _checked_id(raw: object, number: int) -> str:
    """The id of a row that has what every row must have."""
    if not isinstance(raw, dict):
        raise ParseError(FaultCode.FORMAT, f"row {number} is no model: `{shortened(str(raw))}`")
    tinker_id = raw.get("tinker_id")
    name = shortened(str(tinker_id or raw.get("name") or "no name"))
    if not isinstance(tinker_id, str) or not tinker_id:
        raise ParseError(FaultCode.FORMAT, f"row {number} (`{name}`) has no `tinker_id`")
    for key in (_PRICE_KEYS[rate] for rate in _NEEDED):
        if raw.get(key) is None:
            raise ParseError(FaultCode.FORMAT, f"row {number} (`{name}`) has no `{key}`")
    return tinker_id


def _row(raw: Mapping[str, Any], key: CardKey, tinker_id: str) -> TinkerRow:
    for name in filter(_UNIT_KEY.search, raw):
        refuse_other_unit(f"per {raw[name]}", what=f"`{shortened(name)}` of `{tinker_id}`")
    originals = ((rate, f"original_{name}") for rate, name in _PRICE_KEYS.items())
    return TinkerRow(
        key=key,
        billed={rate: _price(raw, name, tinker_id) for rate, name in _PRICE_KEYS.items()},
        original={
            rate: price
            for rate, name in originals
            if (price := _price(raw, name, tinker_id)) is not None
        },
        context=_words(raw.get("context")),
        note=_words(raw.get("note")),
        quote=json.dumps(dict(_quoted(raw)), ensure_ascii=False),
    )


def _price(raw: Mapping[str, Any], name: str, tinker_id: str) -> Decimal | None:
    """The amount of a key; None where the row does not have it."""
    written = raw.get(name)
    if written is None:
        return None
    what = f"`{name}` of `{tinker_id}`"
    if not isinstance(written, str):
        found = shortened(json.dumps(written))
        raise ParseError(FaultCode.RATE, f"{what} is `{found}`, which is no price such as `$5.15`")
    return usd(written, what=what)


def _words(value: object) -> str:
    return "" if value is None else str(value)


def _quoted(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a reviewer needs of a row, in its order; addresses and sizes would push the prices off the line."""
    prices = _PRICE_KEYS.values()
    shown = {"tinker_id", "context", "note", *prices, *(f"original_{name}" for name in prices)}
    return ((name, value) for name, value in raw.items() if name in shown)

"""Fireworks' serverless models API: JSON, one row for each model and serverless mode."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.cards import CardKey, CardPath
from pricing.catalogue import Catalogue, Model
from pricing.changes import RateName
from pricing.sources.json_text import json_documents
from pricing.sources.listing import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.money import amount, shortened

_PATHS = {
    "standard": CardPath.SERVERLESS_STANDARD,
    "priority": CardPath.SERVERLESS_PRIORITY,
    "fast": CardPath.SERVERLESS_FAST,
    "spot": CardPath.SERVERLESS_SPOT,
}
_RATES = {
    "llm input tokens (uncached)": RateName.INPUT,
    "llm input tokens (cached)": RateName.CACHED_INPUT,
    "llm output tokens": RateName.OUTPUT,
}
_UNIT = "1M tokens"

# How an id says that it is not the model itself but one way of serving it, and the mode of that way.
_VARIANT = re.compile(r"-(fast-us|fast|turbo|us|spot|ultrafast)$")
_VARIANT_MODES = {"fast": "fast", "turbo": "fast", "spot": "spot"}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,9}")
_MOST_NANOS = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of a covered model. `name` is the id, for sentences; `raw` all that the row holds."""

    name: str
    model: Model
    mode: str
    raw: Mapping[str, Any]


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:
    """The rates of one or several pages of the API, which stand one behind the other.

    Raises ParseError for whatever is no list of rows, a unit other than a million tokens, a currency
    other than US dollars, a row without input or output rate, and rows that contradict each other.
    """
    models = _ids(catalogue)
    found: dict[CardKey, ListedRates] = {}
    not_covered: dict[str, None] = {}
    for raw in _rows(content):
        row = _covered(raw, models)
        if isinstance(row, str):
            not_covered[row] = None
            continue
        listed = _listed(row, on)
        earlier = found.get(listed.key)
        found[listed.key] = _the_same(earlier, listed) if earlier else listed
    if not found:
        raise ParseError(FaultCode.ROWS, "the list has no row of a covered model and mode")
    return Listing(rates=tuple(found.values()), not_covered=tuple(not_covered))


def next_page_token(content: bytes) -> str | None:
    """What the page after this one is asked for by; None on the last, and where it is no page."""
    try:
        documents = json_documents(content)
    except ParseError:
        return None
    return _token(documents[-1])


def own_ids(catalogue: Catalogue) -> Mapping[str, Model]:
    """Models by the ids that are theirs at Fireworks; those of fast, US and spot ways are left out."""
    return {id_: model for id_, model in _ids(catalogue).items() if not _variant(id_, model)}


def _token(document: Any) -> str | None:
    token = document.get("nextPageToken") if isinstance(document, dict) else None
    return token if isinstance(token, str) and token else None


def _rows(content: bytes) -> Iterable[Mapping[str, Any]]:
    documents = json_documents(content)
    for document in documents:
        if not _is_list(document):
            raise ParseError(FaultCode.FORMAT, "the page is JSON, but no list of models")
    if _token(documents[-1]):
        raise ParseError(FaultCode.ROWS, "the list names a further page, which is not there")
    rows = [row for document in documents for row in document["data"]]
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            raise ParseError(FaultCode.FORMAT, "the list has a row without an `id`")
    return rows


def _is_list(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and document.get("object", "list") == "list"
        and isinstance(document.get("data"), list)
    )


def _covered(raw: Mapping[str, Any], models: Mapping[str, Model]) -> _Row | str:
    """The row with its model and mode; or its name, where either is none that cards are kept of."""
    name = shortened(raw["id"])
    said = (raw["id"], raw.get("usage_identifier"))
    named = [id_ for id_ in said if isinstance(id_, str) and id_ in models]
    if not named:
        return name
    model = models[named[0]]
    if models[named[-1]] is not model:
        raise ParseError(
            FaultCode.ROWS, f"a row is both `{named[0]}` and `{named[-1]}`, two different models"
        )
    mode = raw.get("serverless_mode")
    if not isinstance(mode, str):
        raise ParseError(FaultCode.FORMAT, f"`{name}` has a row without a `serverless_mode`")
    mode = mode.strip().lower()
    # The standard row of a US router is no standard price, whatever its mode says.
    variants = {_variant(id_, model) for id_ in named} - {None}
    if mode not in _PATHS or any(_VARIANT_MODES.get(str(it)) != mode for it in variants):
        return shortened(f"{named[-1]} ({mode})")
    return _Row(name=name, model=model, mode=mode, raw=raw)


def _ids(catalogue: Catalogue) -> Mapping[str, Model]:
    return {id_: model for model in catalogue for id_ in model.fireworks_ids}


def _variant(fireworks_id: str, model: Model) -> str | None:
    last = fireworks_id.rpartition("/")[2]
    match = _VARIANT.search(last)
    return match[1] if match and last != model.key else None


def _listed(row: _Row, on: date) -> ListedRates:
    entries = row.raw.get("pricing")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ParseError(FaultCode.RATE, f"`{row.name}` ({row.mode}) has no `pricing`")
    rates = _rates(row, entries)
    last_day = _last_day(row)
    return ListedRates(
        key=CardKey(_PATHS[row.mode], row.model.key),
        rates={RateName.CACHED_INPUT: None, **rates},
        quote=_quote(row, entries),
        last_day=last_day,
        doubt=_strange_sku(entries)
        or _strange_tier(row)
        or _strange_rates(rates)
        or _strange_end(last_day, on),
    )


def _rates(row: _Row, entries: Sequence[Mapping[str, Any]]) -> Mapping[RateName, Decimal]:
    """The rates that a row gives; input and output are among them."""
    rates: dict[RateName, Decimal] = {}
    for entry in entries:
        rate = _RATES.get(_sku(entry))
        if rate is None:
            continue
        usd = _usd(entry, what=f"`{_sku(entry)}` of `{row.name}` ({row.mode})")
        if rates.setdefault(rate, usd) != usd:
            raise ParseError(
                FaultCode.RATE, f"`{row.name}` ({row.mode}) has two prices of `{_sku(entry)}`"
            )
    for rate in (RateName.INPUT, RateName.OUTPUT):
        if rate not in rates:
            raise ParseError(
                FaultCode.RATE, f"`{row.name}` ({row.mode}) has no price of {rate.value} tokens"
            )
    return rates


def _sku(entry: Mapping[str, Any]) -> str:
    return " ".join(str(entry.get("sku")).lower().split())


def _usd(entry: Mapping[str, Any], *, what: str) -> Decimal:
    """The price of an entry, in US dollars per million tokens."""
    unit = entry.get("unit")
    if not isinstance(unit, str) or " ".join(unit.split()) != _UNIT:
        raise ParseError(
            FaultCode.UNIT, f"{what} is per `{shortened(str(unit))}`, not per `{_UNIT}`"
        )
    price = entry.get("amount")
    money = price if isinstance(price, dict) else {"currencyCode": "USD"}
    for currency in (money.get("currencyCode"), entry.get("currencyCode"), entry.get("currency")):
        if currency not in (None, "USD") or "currencyCode" not in money:
            raise ParseError(
                FaultCode.CURRENCY, f"{what} is in `{shortened(str(currency))}`, not in `USD`"
            )
    return amount(_decimal_text(price) if isinstance(price, dict) else price, what=what)


def _decimal_text(money: Mapping[str, Any]) -> str | None:
    """`{units: "1", nanos: 425000000}` as `1.425`; None for what is no amount."""
    units, nanos = str(money.get("units", "0")), money.get("nanos", 0)
    if not money.keys() & {"units", "nanos"} or not _WHOLE.fullmatch(units):
        return None
    if isinstance(nanos, bool) or not isinstance(nanos, int) or not 0 <= nanos <= _MOST_NANOS:
        return None
    return f"{units}.{nanos:09d}".rstrip("0").rstrip(".")


def _last_day(row: _Row) -> date | None:
    """The day of `deprecationDate`, written as text or as year, month and day."""
    said = row.raw.get("deprecationDate")
    if said is None:
        return None
    try:
        if isinstance(said, dict):
            return date(said["year"], said["month"], said["day"])
        if isinstance(said, str) and _DAY.fullmatch(said):
            return date.fromisoformat(said)
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    raise ParseError(
        FaultCode.FORMAT,
        f"`{row.name}` has the `deprecationDate` `{shortened(str(said))}`, which is no day",
    )


def _strange_sku(entries: Sequence[Mapping[str, Any]]) -> str | None:
    strange = [entry for entry in entries if _sku(entry) not in _RATES]
    if not strange:
        return None
    return f"it charges for `{shortened(str(strange[0].get('sku')))}` too, which no card holds"


def _strange_tier(row: _Row) -> str | None:
    tier = row.raw.get("service_tier")
    if tier in (None, "", row.mode, "default"):
        return None
    return f"its mode is `{row.mode}` and its service tier `{shortened(str(tier))}`"


def _strange_rates(rates: Mapping[RateName, Decimal]) -> str | None:
    prompt, decode = rates[RateName.INPUT], rates[RateName.OUTPUT]
    cached = rates.get(RateName.CACHED_INPUT, prompt)
    if prompt == decode:
        return "input and output cost the same, and a row may outlive the model at the size price"
    if decode < prompt:
        return "output costs less than input"
    if cached > prompt:
        return "cached input costs more than input"
    return None


def _strange_end(last_day: date | None, on: date) -> str | None:
    if last_day is None or last_day >= on:
        return None
    return f"it is still listed after its last day, {last_day}"


def _quote(row: _Row, entries: Sequence[Mapping[str, Any]]) -> str:
    prices = "; ".join(f"{entry.get('sku')} {_written(entry)}" for entry in entries)
    return shortened(f"{row.name} ({row.mode}): {prices}; per {_UNIT}")


def _written(entry: Mapping[str, Any]) -> str:
    price = entry.get("amount")
    return str((_decimal_text(price) if isinstance(price, dict) else price) or "")


def _the_same(one: ListedRates, other: ListedRates) -> ListedRates:
    """Of two rows of one key: they may be a model's old router and its new one, at one price.

    The key lasts as long as the one that lasts longer.
    """
    if one.rates != other.rates:
        raise ParseError(
            FaultCode.ROWS,
            f"the list has two prices of `{one.key.item}` on {one.key.path.value}",
        )
    return max(one, other, key=lambda listed: listed.last_day or date.max)

"""The data of genai-prices, a community's list: a second opinion on Fireworks' standard rates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pricing.cards import CardKey, CardPath
from pricing.catalogue import Catalogue, Model
from pricing.changes import RateName
from pricing.sources.fireworks_models import own_ids
from pricing.sources.json_text import json_documents
from pricing.sources.listing import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.money import amount, shortened

_PROVIDER = "fireworks"
_RATES = {
    "input_mtok": RateName.INPUT,
    "cache_read_mtok": RateName.CACHED_INPUT,
    "output_mtok": RateName.OUTPUT,
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The prices of a model while its constraint is met; an empty one always is."""

    constraint: Mapping[str, Any]
    prices: Mapping[str, Any]


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:
    """The standard rates that the list has for a day; models that it calls deprecated are passed over.

    Prices by the hour or by the length of a prompt are no card's: such a model counts as not covered.
    Raises ParseError for whatever is no list of providers, a list without Fireworks or without any
    covered model of it, a rate that is none, and two entries of one model that differ.
    """
    models = _models_by_name(catalogue)
    found: dict[str, ListedRates] = {}
    not_covered: dict[str, None] = {}
    for raw in _entries(content):
        name, model = raw["id"], models.get(raw["id"])
        steps = _steps(raw) if model else []
        if model is None or any(_depends(step) for step in steps):
            not_covered[shortened(name)] = None
            continue
        step = _in_force(name, steps, on)
        if step is None:
            continue
        listed = _listed(name, model, step.prices)
        if found.setdefault(model.key, listed).rates != listed.rates:
            raise ParseError(FaultCode.ROWS, f"the list has two prices of `{model.key}`")
    if not found:
        raise ParseError(FaultCode.ROWS, "the list prices no covered model of Fireworks")
    return Listing(rates=tuple(found.values()), not_covered=tuple(not_covered))


def _models_by_name(catalogue: Catalogue) -> Mapping[str, Model]:
    """Models by Fireworks' own ids, whole and by their last part alone; nothing looser is a match."""
    ids = own_ids(catalogue)
    return {**{id_.rpartition("/")[2]: model for id_, model in ids.items()}, **ids}


def _entries(content: bytes) -> Sequence[Mapping[str, Any]]:
    """The models of the provider that are not deprecated."""
    documents = json_documents(content)
    listed = documents[0]
    if isinstance(listed, dict):  # the list may stand under its name
        listed = listed.get("providers")
    if len(documents) > 1 or not isinstance(listed, list):
        raise ParseError(FaultCode.FORMAT, "the page is JSON, but no list of providers")
    providers = [it for it in listed if isinstance(it, dict) and it.get("id") == _PROVIDER]
    if len(providers) != 1:
        raise ParseError(
            FaultCode.ROWS, f"the list has `{_PROVIDER}` {len(providers)} times, not once"
        )
    models = providers[0].get("models")
    if not isinstance(models, list):
        raise ParseError(FaultCode.FORMAT, f"`{_PROVIDER}` has no list of `models`")
    for model in models:
        if not isinstance(model, dict) or not isinstance(model.get("id"), str):
            raise ParseError(FaultCode.FORMAT, f"`{_PROVIDER}` has a model without an `id`")
    return [model for model in models if model.get("deprecated") is not True]


def _steps(raw: Mapping[str, Any]) -> Sequence[_Step]:
    """The prices of a model, which are one object, or a list of them with constraints."""
    said = raw.get("prices")
    entries = said if isinstance(said, list) else [{"prices": said}]
    steps = []
    for entry in entries:
        prices = entry.get("prices") if isinstance(entry, dict) else None
        constraint = entry.get("constraint") or {} if isinstance(entry, dict) else None
        if not isinstance(prices, dict) or not isinstance(constraint, dict):
            raise ParseError(FaultCode.FORMAT, f"`{raw['id']}` has `prices` of an unknown form")
        steps.append(_Step(constraint=constraint, prices=prices))
    return steps


def _depends(step: _Step) -> bool:
    """Whether a price depends on more than the day: on the hour, or on the length of the prompt."""
    return bool(step.constraint.keys() - {"start_date"}) or any(
        isinstance(step.prices.get(name), dict) for name in _RATES
    )


def _in_force(name: str, steps: Sequence[_Step], on: date) -> _Step | None:
    """The last step that has begun by a day; None where all begin later."""
    starts = [_start(name, step) for step in steps]
    # Out of order it is open which one should win: the later in the list, or the later in time.
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise ParseError(FaultCode.FORMAT, f"`{name}` has prices out of the order of their days")
    begun = [step for step, start in zip(steps, starts, strict=True) if start <= on]
    return begun[-1] if begun else None


def _start(name: str, step: _Step) -> date:
    if not step.constraint:
        return date.min
    said = step.constraint["start_date"]
    try:
        if isinstance(said, str) and _DAY.fullmatch(said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    raise ParseError(
        FaultCode.FORMAT, f"`{name}` has the `start_date` `{shortened(str(said))}`, which is no day"
    )


def _listed(name: str, model: Model, prices: Mapping[str, Any]) -> ListedRates:
    rates: dict[RateName, Decimal | None] = {}
    for field, rate in _RATES.items():
        price = prices.get(field)
        if price is None and rate is not RateName.CACHED_INPUT:
            raise ParseError(FaultCode.RATE, f"`{name}` has no `{field}`")
        rates[rate] = None if price is None else amount(price, what=f"`{field}` of `{name}`")
    written = "; ".join(
        f"{field} {prices[field]}" for field in _RATES if prices.get(field) is not None
    )
    return ListedRates(
        key=CardKey(CardPath.SERVERLESS_STANDARD, model.key),
        rates=rates,
        quote=shortened(f"{name}: {written}"),
    )

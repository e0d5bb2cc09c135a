"""Writers of pages with the shape of Tinker's, which show the rates of given cards; and cards for them to show."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from pricing.cards import CardKey, Ended, TinkerCard
from pricing.catalogue import Catalogue, window_name
from pricing.changes import RateName, listed_rates_of
from pricing.sources import ListedRates
from tests.pricing.books import ended, tinker_card

_CENTS = st.integers(min_value=1, max_value=100_000)
_LAST_DAY = date(2026, 10, 3)

_MARKDOWN = """# Models

Prices are in US dollars per million tokens.

{table}

A gigabyte of checkpoints costs $0.25 per month.
"""

_HTML = """<!DOCTYPE html>
<html><head><title>Models</title></head><body>
<p>Prices are in US dollars per million tokens.</p>
{table}
<footer>A gigabyte of checkpoints costs $0.25 per month.</footer>
</body></html>
"""


def models_json(cards: Iterable[TinkerCard], catalogue: Catalogue, *, form: str) -> bytes:
    """models.json: `plain` as before July 2026, without cached prefill, or `cached` as since then.

    A card that ends because its model retires has the note that announces its last day.
    """
    if form not in ("plain", "cached"):
        raise ValueError(form)
    rows = [_json_row(card, catalogue, cached=form == "cached") for card in cards]
    return json.dumps(rows, indent=2).encode()


def pricing_markdown(cards: Iterable[TinkerCard], catalogue: Catalogue) -> bytes:
    """The pricing page in Markdown: names stand beside ids, a cached price in its prefill cell, a last day by the name."""
    header = ("Model", "Tinker ID", "Context", "Prefill", "Sample", "Train")
    rows = [header, tuple("---" for _ in header)]
    for card in cards:
        name, tinker_id = _name(card, catalogue), _id(card, catalogue)
        label = f"{name} ({note})" if (note := _note(card)) else name
        rows.append((label, f"`{tinker_id}`", card.variant, *_cells(card)))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return _MARKDOWN.format(table=table).encode()


def pricing_html(cards: Iterable[TinkerCard], catalogue: Catalogue) -> bytes:
    """The older product page, whose rows have names such as `Kimi-K2.6 (128K)` and no ids."""
    headings = ("Model", "Prefill", "Sample", "Train", "Notes")
    rows = [(_name(card, catalogue), *_cells(card), _note(card) or "") for card in cards]
    lines = [_html_row("th", headings), *(_html_row("td", row) for row in rows)]
    return _HTML.format(table="\n".join(["<table>", *lines, "</table>"])).encode()


Said = tuple[CardKey, Mapping[RateName, Decimal | None], date | None, str | None]


def written(card: TinkerCard) -> Said:
    """What a reader should find of a card that a writer was given: key, rates, last day, and no doubt."""
    return card.key, listed_rates_of(card), card.effective_to, None


def found(listed: ListedRates) -> Said:
    return listed.key, listed.rates, listed.last_day, listed.doubt


def rates(
    prefill: str, cached: str | None, sample: str, train: str | None
) -> Mapping[RateName, Decimal | None]:
    """Rates by name, from Tinker's four prices."""
    prices = zip(
        (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT, RateName.TRAIN),
        (prefill, cached, sample, train),
        strict=True,
    )
    return {rate: None if usd is None else Decimal(usd) for rate, usd in prices}


def cards_of(catalogue: Catalogue) -> st.SearchStrategy[list[TinkerCard]]:
    """Cards of different keys, about October 2026, whose cached rate, if any, is a fifth of their input."""
    variants = [(model.key, v.window_tokens) for model in catalogue for v in model.tinker]
    keys = st.lists(st.sampled_from(variants), min_size=1, unique=True)
    return keys.flatmap(lambda chosen: st.tuples(*(_cards(*key) for key in chosen)).map(list))


@st.composite
def _cards(draw: st.DrawFn, model: str, window_tokens: int) -> TinkerCard:
    prefill, more = Decimal(draw(_CENTS)) / 100, Decimal(draw(_CENTS)) / 1000
    return tinker_card(
        window_tokens,
        "1",
        model=model,
        input_usd_per_mtok=prefill,
        cached_input_usd_per_mtok=draw(st.sampled_from([None, prefill / 5])),
        output_usd_per_mtok=prefill + more,
        train_usd_per_mtok=draw(st.sampled_from([None, more])),
        **draw(st.sampled_from([{}, ended(_LAST_DAY)])),
    )


def _json_row(card: TinkerCard, catalogue: Catalogue, *, cached: bool) -> dict[str, Any]:
    prices = {
        "prefill": card.input_usd_per_mtok,
        "cached_prefill": card.cached_input_usd_per_mtok if cached else None,
        "sample": card.output_usd_per_mtok,
        "train": card.train_usd_per_mtok,
    }
    new_keys = {"url": "https://example.com/model", "params": 1_000} if cached else {}
    return {
        "name": _name(card, catalogue),
        "tinker_id": _id(card, catalogue),
        **new_keys,
        "context": card.variant,
        **{key: _price(usd) for key, usd in prices.items() if usd is not None},
        **({"note": note} if (note := _note(card)) else {}),
    }


def _html_row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _cells(card: TinkerCard) -> tuple[str, str, str]:
    prefill = _price(card.input_usd_per_mtok)
    if card.cached_input_usd_per_mtok is not None:
        prefill = f"{prefill} / {_price(card.cached_input_usd_per_mtok)} (cached)"
    train = card.train_usd_per_mtok
    return prefill, _price(card.output_usd_per_mtok), "—" if train is None else _price(train)


def _price(usd: Decimal) -> str:
    return f"${usd:f}"


def _id(card: TinkerCard, catalogue: Catalogue) -> str:
    variants = catalogue.get(card.model).tinker
    return next(v.id for v in variants if v.window_tokens == card.window_tokens)


def _name(card: TinkerCard, catalogue: Catalogue) -> str:
    """The last part of the id; with the window where a shorter one has the bare name."""
    variants = catalogue.get(card.model).tinker
    bare = _id(card, catalogue).rpartition("/")[2].partition(":")[0]
    shortest = min(variant.window_tokens for variant in variants)
    return bare if card.window_tokens == shortest else f"{bare} ({window_name(card.window_tokens)})"


def _note(card: TinkerCard) -> str | None:
    if card.ended is not Ended.RETIRED or card.effective_to is None:
        return None
    return f"Retiring {card.effective_to:%B} {card.effective_to.day}"

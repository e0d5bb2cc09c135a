"""Tinker's pricing page: a table of models, in Markdown, and in the HTML of the older product page.

A cell holds the price before a discount, struck through, and the billed one; the prefill cell a second one, `(cached)`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.cards import CardKey
from pricing.catalogue import Catalogue, Model
from pricing.changes import RateName
from pricing.sources.listing import FaultCode, Listing, ParseError
from pricing.sources.money import shortened, usd
from pricing.sources.tables import (
    Cell,
    PageTable,
    html_page,
    html_tables,
    is_html,
    markdown_tables,
    text_of,
)
from pricing.sources.tinker_rows import (
    CACHED_DISCOUNT_PERCENT,
    TinkerRow,
    keys_by_id,
    listing_of,
    other_units,
    refuse_other_unit,
    says_million,
)

_PRICE_HEADINGS = ("Prefill", "Sample", "Train")
_NO_PRICE = {"—", "–", "-", "n/a"}

_STRIKE = re.compile(r"(~~|</?(?:s|del|strike)\b[^<>]*>)", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_AMOUNT = re.compile(r"\$ ?[\d.,]*\d")
_WITH_CACHED = re.compile(
    rf"({_AMOUNT.pattern})(?: ?(?:/|,|;|·|\.\.\.|…) ?| [-–—] | )({_AMOUNT.pattern}) ?\(cached\)",
    re.IGNORECASE,
)

_SENTENCE_END = re.compile(r"(?<=[.!?]) |\n\s*\n")
_ABOUT_PRICES = re.compile(r"\bprices?\b|\brates?\b|\bUSD\b|\bdollars?\b|\$", re.IGNORECASE)
_CACHED_DISCOUNT = re.compile(r"(\d{1,3}) ?% discount on cached", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Where a table has what we read."""

    name: int
    prefill: int
    sample: int
    train: int
    context: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What is known before the rows are read: the models by the names that rows give them, and the text around."""

    keys: Mapping[str, CardKey]
    cached_discount_percent: int


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:
    """Read the pricing page in any of its forms. Raises ParseError for anything else."""
    text = text_of(content)
    html = is_html(text)
    tables = _priced_tables(text, html=html)
    prose = _html_prose(text) if html else _markdown_prose(text)
    _refuse_other_units(prose, [heading for table, _ in tables for heading in table.header])
    page = _Page(
        keys=_keys_by_name(catalogue) if html else keys_by_id(catalogue),
        cached_discount_percent=_cached_discount_percent(prose),
    )
    rows, not_covered = [], []
    for table, columns in tables:
        for cells, line in zip(table.rows, table.lines, strict=True):
            _refuse_ragged(cells, line, table, columns)
            if cells[columns.name].text in page.keys:
                rows.append(_row(cells, line, columns, page))
            else:
                not_covered.append(cells[columns.name].text)
    return listing_of(rows, not_covered=not_covered, on=on)


def _keys_by_name(catalogue: Catalogue) -> Mapping[str, CardKey]:
    """The key of each Tinker id, and of each name such as `Kimi-K2.6 (128K)`; one without window is the shortest."""
    keys = dict(keys_by_id(catalogue))
    for model in catalogue:
        named = dict(_names(model, keys))
        if any(keys.get(name, key) != key for name, key in named.items()):
            raise ValueError(f"models.toml gives a name of `{model.key}` to another model too")
        keys |= named
    return keys


def _names(model: Model, keys: Mapping[str, CardKey]) -> Iterator[tuple[str, CardKey]]:
    """The names of each window; the last of a name counts, so the shortest window comes last."""
    for variant in sorted(model.tinker, key=lambda variant: -variant.window_tokens):
        last_part = variant.id.rpartition("/")[2].partition(":")[0]
        for name in (last_part, model.label.partition(" (")[0]):
            yield f"{name} ({variant.name})", keys[variant.id]
            yield name, keys[variant.id]


def _priced_tables(text: str, *, html: bool) -> Sequence[tuple[PageTable, _Columns]]:
    """The tables that have the headings. Raises ParseError where none has."""
    tables = list(html_tables(text) if html else markdown_tables(text))
    priced = [
        (table, columns) for table in tables if (columns := _columns(table.header, html=html))
    ]
    if priced:
        return priced
    if tables:
        headings = shortened(" | ".join(tables[0].header))
        raise ParseError(
            FaultCode.HEADING, f"no table has the headings of prices; the first has `{headings}`"
        )
    raise ParseError(FaultCode.FORMAT, f"the page has no table; it begins `{shortened(text[:60])}`")


def _columns(header: Sequence[str], *, html: bool) -> _Columns | None:
    """The columns by their headings, in any order; None for a table of something else.

    Raises ParseError where a heading is missing, or where two could be meant.
    """
    found = {
        word: [n for n, heading in enumerate(header) if re.search(rf"\b{word}", heading, re.I)]
        for word in _PRICE_HEADINGS
    }
    if sum(map(bool, found.values())) < 2:
        return None
    for word, places in found.items():
        if len(places) != 1 or not header[places[0]].lower().startswith(word.lower()):
            raise _heading_fault(word, header)
    context = _places(header, "context", "context length", "context window")
    return _Columns(
        name=_name_column(header, html=html),
        prefill=found["Prefill"][0],
        sample=found["Sample"][0],
        train=found["Train"][0],
        context=context[0] if context else None,
    )


def _name_column(header: Sequence[str], *, html: bool) -> int:
    """The column of the ids, or in the older HTML that of the names."""
    places = _places(header, "tinker id")
    if html and not places:
        places = _places(header, "model", "model name", "name")
    if len(places) != 1:
        raise _heading_fault("Tinker ID", header)
    return places[0]


def _places(header: Sequence[str], *headings: str) -> list[int]:
    return [n for n, heading in enumerate(header) if heading.lower() in headings]


def _heading_fault(wanted: str, header: Sequence[str]) -> ParseError:
    headings = shortened(" | ".join(header))
    return ParseError(
        FaultCode.HEADING, f"there should be one heading `{wanted}`, and they are `{headings}`"
    )


def _refuse_ragged(cells: Sequence[Cell], line: str, table: PageTable, columns: _Columns) -> None:
    """Raises ParseError for a row whose cells are not the headings', or that does not say of what it is."""
    if len(cells) != len(table.header) or not cells[columns.name].text:
        raise ParseError(
            FaultCode.ROWS,
            f"a row does not fit its headings, or names no model: `{shortened(line)}`",
        )


def _row(cells: Sequence[Cell], line: str, columns: _Columns, page: _Page) -> TinkerRow:
    name = cells[columns.name].text
    prefill, cached, listed = _prefill(cells[columns.prefill].text, what=f"prefill of `{name}`")
    sample, listed_sample = _price(cells[columns.sample].text, what=f"sample of `{name}`")
    train, listed_train = _train(cells[columns.train].text, what=f"train of `{name}`")
    rates = (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT, RateName.TRAIN)
    originals = dict(zip(rates, (*listed, listed_sample, listed_train), strict=True))
    return TinkerRow(
        key=page.keys[name],
        billed=dict(zip(rates, (prefill, cached, sample, train), strict=True)),
        original={rate: usd for rate, usd in originals.items() if usd is not None},
        context="" if columns.context is None else cells[columns.context].text,
        note=line,
        quote=line,
        cached_discount_percent=page.cached_discount_percent,
    )


_ListPrices = tuple[Decimal | None, Decimal | None]


def _prefill(text: str, *, what: str) -> tuple[Decimal, Decimal | None, _ListPrices]:
    """The billed price, the cached one where the cell has it, and both before a discount."""
    billed, struck = _split(text)
    full, cached = _list_prices(struck, what=what)
    if pair := _WITH_CACHED.fullmatch(billed):
        return usd(pair[1], what=what), usd(pair[2], what=f"cached {what}"), (full, cached)
    return usd(billed, what=what), None, (full, cached)


def _price(text: str, *, what: str) -> tuple[Decimal, Decimal | None]:
    """The billed price, and the one before a discount."""
    billed, struck = _split(text)
    original, surplus = _list_prices(struck, what=what)
    if surplus is not None:
        raise ParseError(FaultCode.RATE, f"{what} is `{shortened(text)}`, with two list prices")
    return usd(billed, what=what), original


def _train(text: str, *, what: str) -> _ListPrices:
    """As `_price`; a dash stands for a model that cannot be trained."""
    return (None, None) if text.lower() in _NO_PRICE else _price(text, what=what)


def _split(text: str) -> tuple[str, str]:
    """A cell's words, and apart from them those that are struck through."""
    words: dict[bool, list[str]] = {True: [], False: []}
    is_open = {"~~": False, "<>": False}
    for number, part in enumerate(_STRIKE.split(text)):
        if number % 2 == 0:
            words[any(is_open.values())].append(part)
        elif part == "~~":
            is_open["~~"] = not is_open["~~"]
        else:
            is_open["<>"] = not part.startswith("</")
    billed, struck = (" ".join(_TAG.sub(" ", " ".join(words[of])).split()) for of in (False, True))
    return billed, struck


def _list_prices(struck: str, *, what: str) -> _ListPrices:
    prices = [usd(price, what=f"list price of {what}") for price in _AMOUNT.findall(struck)]
    if len(prices) > 2:
        raise ParseError(
            FaultCode.RATE, f"{what} has {len(prices)} list prices: `{shortened(struck)}`"
        )
    return (prices[0] if prices else None), (prices[1] if len(prices) > 1 else None)


def _refuse_other_units(prose: str, headings: Sequence[str]) -> None:
    """Raises ParseError where a heading, or a sentence about prices, is not per million tokens.

    Where the page says somewhere that it is, `billed per token` says how tokens are counted, not what one costs.
    """
    for heading in headings:
        refuse_other_unit(heading, what="a heading")
    sentences = [text for text in _SENTENCE_END.split(prose) if _ABOUT_PRICES.search(text)]
    if any(says_million(text) for text in (*headings, *sentences)):
        sentences = [text for text in sentences if other_units(text) != {""}]
    for sentence in sentences:
        refuse_other_unit(sentence, what="a sentence about prices")


def _cached_discount_percent(prose: str) -> int:
    """What the page says of cached prefill; silent, it is as ever."""
    found = _CACHED_DISCOUNT.search(" ".join(prose.split()))
    return int(found[1]) if found else CACHED_DISCOUNT_PERCENT


def _markdown_prose(text: str) -> str:
    """The text around the tables, without the marks of emphasis."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("|"))
    return re.sub(r"[*_`]", "", "\n".join(lines))


def _html_prose(text: str) -> str:
    tree = html_page(text)
    tree.strip_tags(["script", "style", "table"])
    return " ".join(tree.body.text(separator=" ").split()) if tree.body else ""

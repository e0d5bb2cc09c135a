"""Fireworks' page of serverless prices: one price a column (to mid 2026), or `input / cached / output` in a cell."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pricing.cards import CardKey, CardPath
from pricing.catalogue import Catalogue
from pricing.changes import RateName
from pricing.sources.fireworks_labels import Labels, Named, Variant, id_of_link
from pricing.sources.listing import FaultCode, ListedRates, Listing, ParseError
from pricing.sources.money import shortened, usd
from pricing.sources.tables import (
    Cell,
    PageTable,
    html_tables,
    is_html,
    markdown_tables,
    text_of,
)

_MODEL_HEADINGS = frozenset({"model", "models"})
_STANDARD, _PRIORITY = "standard", "priority"
_MODES = frozenset({_STANDARD, _PRIORITY})
_RATE_HEADINGS = {
    "input": RateName.INPUT,
    "cached input": RateName.CACHED_INPUT,
    "output": RateName.OUTPUT,
}
_KNOWN_HEADINGS = (sorted(_MODES), sorted(_RATE_HEADINGS))
_CELL_ORDER = (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT)
_NOT_OFFERED = frozenset({"", "—", "–", "-", "−", "n/a"})

_UNIT_IN_HEADING = re.compile(
    r"\s*\((?:(?:usd|us dollars|\$) ?(?:/|per) ?|per )?(?:1m|1 million|million) tokens\)"
)
_ORDER_IN_HEADING = re.compile(r"\s*\(input / cached(?: input)? / output\)")
_ONE_PRICE = re.compile(
    r"(?:price )?\(?(?:\$|usd|us dollars) ?(?:/|per) ?(?:1m|1 million|million)(?: input)? tokens\)?"
)
_SIZE_CLASS = re.compile(r"\bparameters\b|\bMoE\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_MARKS = re.compile(r"[*_`\\]")

_RATE_WORD = r"(?:uncached )?(cached|input|output)(?:[ -]input)?(?: tokens| price)?"
_ORDER = re.compile(rf"{_RATE_WORD} ?/ ?{_RATE_WORD} ?/ ?{_RATE_WORD}", re.IGNORECASE)
_KNOWN_ORDER = ("input", "cached", "output")
_PER_TOKENS = re.compile(
    r"(?:(\$ ?[\d.,]*|usd|dollars?) ?\)? ?)?(?:\bper|/) ?((?:[\d.,]+ ?)?(?:thousand|million|billion|trillion|[kmb]\b)?) ?"
    r"(?:(?:input|cached|uncached|output|prompt) )*tokens?\b",
    re.IGNORECASE,
)
_PER_MILLION = frozenset({"1m", "m", "million", "1million", "1,000,000", "1000000"})
_CENTS = re.compile(r"\b(?:in|us) cents\b|\bcents (?:per|/)|¢ ?(?:per|/)", re.IGNORECASE)
_OTHER_CURRENCY = re.compile(
    r"\b(?:prices?|rates?|amounts?)\b[^.\n|]{0,40}\bin (?:eur|euros?|gbp|pounds?|cny|rmb|yuan|jpy|yen|inr|cad|aud|credits)\b"
    r"|\b(?:eur|gbp|cny|rmb|jpy|inr|cad|aud|euros?|credits) ?(?:per|/) ?1?m",
    re.IGNORECASE,
)

Rates = Mapping[RateName, Decimal | None]


@dataclass(frozen=True, slots=True)
class _Offer:
    """A cell, or in the older form a row, that gives rates: of which label and link, in which column."""

    label: Cell
    column: str
    rates: Sequence[str]
    quote: str

    @property
    def is_priced(self) -> bool:
        return any(text.lower() not in _NOT_OFFERED for text in self.rates)


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:  # noqa: ARG001 - the page names no days
    """Read the page. Raises ParseError for a form, unit, currency or order of prices that is not known.

    A row is its model's only where link and label agree and the label is understood to its last word.
    """
    text = text_of(content)
    tables = _tables(text)
    _refuse_other_meaning(_plain(text))
    labels = Labels(catalogue)
    found: dict[CardKey, ListedRates] = {}
    not_covered: dict[str, None] = {}
    for offer in _offers(tables, labels):
        key = _key(offer, labels)
        if key is None:
            not_covered[_name(offer)] = None
            continue
        row = ListedRates(key=key, rates=_rates(offer), quote=offer.quote)
        if found.setdefault(key, row).rates != row.rates:
            raise ParseError(FaultCode.ROWS, f"the page has two prices for `{_name(offer)}`")
    if not found:
        raise ParseError(FaultCode.ROWS, "no row of the page is about a model that is covered")
    _refuse_swapped(found)
    sizes = _size_rates(tables)
    rates = tuple(replace(row, doubt=_doubt(row, found, sizes)) for row in found.values())
    return Listing(rates=rates, not_covered=tuple(not_covered))


def _tables(text: str) -> tuple[PageTable, ...]:
    tables = (*markdown_tables(text), *html_tables(text))
    if not tables:
        form = "an HTML page" if is_html(text) else "text"
        raise ParseError(FaultCode.FORMAT, f"the page is {form} without a table of prices")
    return tables


def _plain(text: str) -> str:
    """The page's words without tags and marks, line by line."""
    return _MARKS.sub("", _TAG.sub(" ", text))


def _refuse_other_meaning(plain: str) -> None:
    """Sentences and headings that give the same figures another meaning."""
    for match in _ORDER.finditer(plain):
        if tuple(word.lower() for word in match.groups()) != _KNOWN_ORDER:
            raise ParseError(
                FaultCode.HEADING,
                f"the page says `{shortened(match[0])}`, where `input / cached input / output` is known",
            )
    counts = _PER_TOKENS.finditer(plain)
    other_unit = _CENTS.search(plain) or next(filter(_is_other_unit, counts), None)
    if other_unit:
        raise ParseError(
            FaultCode.UNIT,
            f"the page says `{shortened(other_unit[0])}`, where dollars per 1M tokens are known",
        )
    if currency := _OTHER_CURRENCY.search(plain):
        raise ParseError(
            FaultCode.CURRENCY,
            f"the page says `{shortened(currency[0])}`, where US dollars are known",
        )


def _is_other_unit(match: re.Match[str]) -> bool:
    """Whether it is another count of tokens. `per token` alone is how people speak, `$ per token` is a unit."""
    count = match[2].replace(" ", "").lower()
    return count not in _PER_MILLION if count else match[1] is not None


def _offers(tables: Iterable[PageTable], labels: Labels) -> Iterator[_Offer]:
    for table in tables:
        headings = [_heading(text) for text in table.header]
        if headings[0] in _MODEL_HEADINGS and sorted(headings[1:]) in _KNOWN_HEADINGS:
            for row in _rows(table):
                yield from _row_offers(headings, row)
        elif _is_one_price(headings):
            _refuse_models(table, labels)
        elif any("$" in cell.text for row in table.rows for cell in row):
            known = "`Model | Standard | Priority` or `Model | Input | Cached input | Output`"
            raise ParseError(
                FaultCode.HEADING,
                f"a table has the headings `{shortened(' | '.join(table.header))}`, where {known} are known",
            )


def _heading(text: str) -> str:
    lowered = " ".join(text.lower().split())
    return _ORDER_IN_HEADING.sub("", _UNIT_IN_HEADING.sub("", lowered)).strip()


def _is_one_price(headings: Sequence[str]) -> bool:
    return len(headings) == 2 and _ONE_PRICE.fullmatch(headings[1]) is not None


def _rows(table: PageTable) -> Iterator[tuple[Cell, ...]]:
    for row in table.rows:
        if len(row) != len(table.header):
            raise ParseError(
                FaultCode.ROWS,
                f"the row of `{shortened(row[0].text)}` has {len(row)} cells under {len(table.header)} headings",
            )
        yield row


def _row_offers(headings: Sequence[str], row: tuple[Cell, ...]) -> Iterator[_Offer]:
    cells = dict(zip(headings[1:], (cell.text for cell in row[1:]), strict=True))
    quote = shortened(" | ".join(cell.text for cell in row))
    if cells.keys() == _MODES:
        offers = [_Offer(row[0], mode, _pieces(cell), quote) for mode, cell in cells.items()]
    else:
        in_order = [cells[heading] for heading in _RATE_HEADINGS]
        offers = [_Offer(row[0], _STANDARD, in_order, quote)]
    yield from (offer for offer in offers if offer.is_priced)


def _pieces(cell: str) -> Sequence[str]:
    if cell.lower() in _NOT_OFFERED:
        return ()
    return [piece.strip() for piece in cell.split("/")]


def _refuse_models(table: PageTable, labels: Labels) -> None:
    """A table of one price is for sizes and embeddings; a covered model has three."""
    for row in table.rows:
        if labels.of_label(row[0].text) or labels.of_link(row[0].link):
            raise ParseError(
                FaultCode.HEADING,
                f"`{shortened(row[0].text)}` stands in a table of one price, where three are known",
            )


def _key(offer: _Offer, labels: Labels) -> CardKey | None:
    """Which card a row is for; None for a model that is not covered, and for a way of serving that no card has."""
    named = _named(offer.label, labels)
    path = None if named is None else _path(named.variants, offer.column)
    return None if named is None or path is None else CardKey(path, named.model)


def _named(label: Cell, labels: Labels) -> Named | None:
    said, linked = labels.of_label(label.text), labels.of_link(label.link)
    if linked is None:
        # A link to a model that we do not know is no link to the model of that name.
        return said if id_of_link(label.link) is None else None
    if said is None:
        return None
    if said.model != linked.model:
        raise ParseError(
            FaultCode.ROWS, f"the label `{shortened(label.text)}` links to `{linked.model}`"
        )
    # A row of a variant links to its base model. A link to another variant contradicts the label.
    return said if linked.variants in (frozenset(), said.variants) else None


def _path(variants: frozenset[Variant], column: str) -> CardPath | None:
    priority = {Variant.PRIORITY} if column == _PRIORITY else set()
    match sorted(variants | priority):
        case []:
            return CardPath.SERVERLESS_STANDARD
        case [Variant.PRIORITY]:
            return CardPath.SERVERLESS_PRIORITY
        case [Variant.FAST]:
            return CardPath.SERVERLESS_FAST
        case [Variant.US]:
            return CardPath.SERVERLESS_US
        case [Variant.PRIORITY, Variant.US]:
            return CardPath.SERVERLESS_US_PRIORITY
        case [Variant.SPOT]:
            return CardPath.SERVERLESS_SPOT
        case [Variant.ULTRA_FAST]:
            return CardPath.SERVERLESS_ULTRA_FAST
        case _:
            return None


def _name(offer: _Offer) -> str:
    name = shortened(offer.label.text)
    return f"{name}, priority" if offer.column == _PRIORITY else name


def _rates(offer: _Offer) -> Rates:
    if len(offer.rates) != len(_CELL_ORDER):
        raise ParseError(
            FaultCode.RATE,
            f"`{_name(offer)}` has {len(offer.rates)} prices, where `input / cached input / output` are known",
        )
    return {
        rate: None
        if rate is RateName.CACHED_INPUT and text.lower() in _NOT_OFFERED
        else usd(text, what=f"the {rate.replace('_', ' ')} price of `{_name(offer)}`")
        for rate, text in zip(_CELL_ORDER, offer.rates, strict=True)
    }


def _refuse_swapped(found: Mapping[CardKey, ListedRates]) -> None:
    """Figures that belong under each other's headings: cached above input, output below it, priority below standard."""
    rows = found.values()
    for row in rows:
        cached, whole = row.rates[RateName.CACHED_INPUT], row.rates[RateName.INPUT]
        if cached is not None and whole is not None and cached > whole:
            raise ParseError(
                FaultCode.HEADING,
                f"cached input costs more than input in `{row.quote}`: columns may be exchanged",
            )
    if 2 * sum(map(_output_is_cheaper, rows)) > len(rows):
        raise ParseError(
            FaultCode.HEADING, "output costs less than input: columns may be exchanged"
        )
    pairs = [row for row in rows if _standard_of(row, found) is not None]
    if 2 * sum(_priority_is_cheaper(row, found) for row in pairs) > len(pairs):
        raise ParseError(
            FaultCode.HEADING, "priority costs less than standard: columns may be exchanged"
        )


def _doubt(
    row: ListedRates, found: Mapping[CardKey, ListedRates], sizes: Mapping[str, Decimal]
) -> str | None:
    if _output_is_cheaper(row):
        return "output costs less than input"
    if _priority_is_cheaper(row, found):
        return "priority costs less than standard"
    size = next((size for size, usd in sizes.items() if _is_size_rate(row.rates, usd)), None)
    return f"these are the prices of models by size, `{shortened(size)}`" if size else None


def _output_is_cheaper(row: ListedRates) -> bool:
    return _usd(row, RateName.OUTPUT) < _usd(row, RateName.INPUT)


def _standard_of(row: ListedRates, found: Mapping[CardKey, ListedRates]) -> ListedRates | None:
    standard = {
        CardPath.SERVERLESS_PRIORITY: CardPath.SERVERLESS_STANDARD,
        CardPath.SERVERLESS_US_PRIORITY: CardPath.SERVERLESS_US,
    }.get(row.key.path)
    return found.get(CardKey(standard, row.key.item)) if standard else None


def _priority_is_cheaper(row: ListedRates, found: Mapping[CardKey, ListedRates]) -> bool:
    standard = _standard_of(row, found)
    return standard is not None and any(
        _usd(row, rate) < _usd(standard, rate) for rate in (RateName.INPUT, RateName.OUTPUT)
    )


def _usd(row: ListedRates, rate: RateName) -> Decimal:
    usd = row.rates[rate]
    assert usd is not None, "only a cached rate can be unpublished"  # noqa: S101 - for the type checker
    return usd


def _is_size_rate(rates: Rates, size_usd: Decimal) -> bool:
    """Whether a model is at a size's price: input and output alike; cached tokens at the default half, or not apart."""
    cached = rates[RateName.CACHED_INPUT]
    return rates[RateName.INPUT] == rates[RateName.OUTPUT] == size_usd and cached in (
        None,
        size_usd,
        size_usd / 2,
    )


def _size_rates(tables: Iterable[PageTable]) -> Mapping[str, Decimal]:
    sizes: dict[str, Decimal] = {}
    for table in tables:
        is_sizes = all(_SIZE_CLASS.search(row[0].text) for row in table.rows)
        if is_sizes and _is_one_price([_heading(text) for text in table.header]):
            for label, price in _rows(table):
                sizes[label.text] = usd(price.text, what=f"the price of `{shortened(label.text)}`")
    return sizes

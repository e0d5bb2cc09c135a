"""Fireworks' serverless page: every form read right, every damage refused or doubted. The models may be real, pages are not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.cards import CardKey, CardPath, ServerlessCard
from pricing.catalogue import Catalogue, Model, load_catalogue
from pricing.changes import RateName
from pricing.sources.fireworks_serverless import parse
from pricing.sources.listing import FaultCode, Listing, ParseError
from tests.pricing.books import serverless_card
from tests.pricing.sources.fireworks_pages import html_page, html_table, serverless_page

CATALOGUE = load_catalogue()
TODAY = date(2026, 8, 10)
SITE = "https://app.fireworks.ai/models/fireworks"

COLUMNS = """
# Prices

| Model | Input | Cached input | Output |
|---|
| Kimi K2.6 | $0.95 | $0.16 | $4.00 |
| Kimi K2.6 Turbo (Fast, Preview) | $2.00 | $0.30 | $8.00 |
| Ocelot 9 Large | $0.70 | $0.07 | $2.10 |
| OpenAI GPT OSS 20B | $0.07 | $0.035 | $0.30 |
"""

MODES = f"""
Prices are in USD per 1M tokens.

| Model                                | Standard                  | Priority                      |
| ------------------------------------ | ------------------------- | ----------------------------- |
| [Kimi K3]({SITE}/kimi-k3)            | \\$3.00 / \\$0.30 / \\$15.00 | \\$3.75 / \\$0.375 / \\$18.75    |
| [Kimi K3 Fast]({SITE}/kimi-k3)       | \\$4.50 / \\$0.45 / \\$22.50 | —                             |
| [Kimi K3 US]({SITE}/kimi-k3)         | \\$3.30 / \\$0.33 / \\$16.50 | \\$4.125 / \\$0.4125 / \\$20.625 |
| [Ocelot 9 Large]({SITE}/ocelot-9-large) | \\$0.70 / \\$0.07 / \\$2.10 | —                             |
| [GLM 5.3]({SITE}/glm-5p3)            | \\$1.40 / \\$0.26 / \\$4.40  | \\$1.75 / \\$0.325 / \\$5.50     |
| [GLM 5.3 Fast US]({SITE}/glm-5p3)    | \\$2.10 / \\$0.39 / \\$6.60  | —                             |
"""

SIZES = """
| Model | \\$ / 1M tokens |
| --- | --- |
| Under 3B parameters | \\$0.12 |
| 3B – 12B parameters | \\$0.24 |
| Over 12B parameters | \\$0.80 |
| MoE up to 50B parameters (such as Marten 6x8B) | \\$0.40 |
| MoE 50.1B – 150B parameters | \\$1.30 |
"""

Rates = tuple[str, str | None, str]


def read(page: str | bytes) -> Listing:
    return parse(page.encode() if isinstance(page, str) else page, catalogue=CATALOGUE, on=TODAY)


def rates_in(listing: Listing) -> dict[tuple[str, str], tuple[Decimal | None, ...]]:
    return {
        (row.key.item, row.key.path.removeprefix("serverless_")): tuple(
            row.rates[rate] for rate in (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT)
        )
        for row in listing.rates
    }


def usd(*figures: str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if figure is None else Decimal(figure) for figure in figures)


def modes_page(label: str, *, link: str | None = None) -> str:
    """A page of one row, which has a price in each column."""
    name = label if link is None else f"[{label}]({link})"
    return (
        "| Model | Standard | Priority |\n| --- | --- | --- |\n"
        f"| {name} | $1 / $0.10 / $4 | $2 / $0.20 / $8 |\n"
        "| Kimi K2.7 Code | $1 / $0.10 / $4 | — |\n"
    )


def test_the_page_of_columns_is_read() -> None:
    listing = read(COLUMNS)
    assert rates_in(listing) == {
        ("kimi-k2p6", "standard"): usd("0.95", "0.16", "4"),
        ("kimi-k2p6", "fast"): usd("2", "0.30", "8"),
        ("gpt-oss-20b", "standard"): usd("0.07", "0.035", "0.30"),
    }
    assert listing.not_covered == ("Ocelot 9 Large",)


MODES_RATES = {
    ("kimi-k3", "standard"): usd("3", "0.30", "15"),
    ("kimi-k3", "priority"): usd("3.75", "0.375", "18.75"),
    ("kimi-k3", "fast"): usd("4.50", "0.45", "22.50"),
    ("kimi-k3", "us"): usd("3.30", "0.33", "16.50"),
    ("kimi-k3", "us_priority"): usd("4.125", "0.4125", "20.625"),
    ("glm-5p3", "standard"): usd("1.40", "0.26", "4.40"),
    ("glm-5p3", "priority"): usd("1.75", "0.325", "5.50"),
}


def test_the_page_of_modes_is_read_and_what_no_card_is_for_is_named() -> None:
    listing = read(MODES)
    assert rates_in(listing) == MODES_RATES
    assert listing.not_covered == ("Ocelot 9 Large", "GLM 5.3 Fast US")
    assert all(row.doubt is None and row.effective_from is None for row in listing.rates)


@pytest.mark.parametrize(
    "page",
    [
        MODES.replace("[Kimi K3 US]", "[Kimi K3 (US)]"),
        MODES.replace("\\$", "$"),
        MODES.replace("—", "–"),
        MODES.replace("—", "-"),
        MODES.replace("—", "N/A"),
        MODES.replace("—", ""),
        MODES.replace("\n", "\r\n"),
        "\ufeff" + MODES,
        MODES + "\nEach cell is **input / cached input / output** (USD per 1M tokens).\n",
        MODES.replace("Standard   ", "Standard (input / cached input / output)"),
        MODES.replace("| Standard ", "| Standard (USD per 1M tokens)"),
        MODES.replace("/ \\$", "/\\$"),
        MODES + SIZES,
        MODES + "\n| Embeddings | \\$ / 1M input tokens |\n|---|---|\n| Up to 100M | \\$0.009 |\n",
        MODES + "\n| Limit | Value |\n| --- | --- |\n| Requests a minute | 600 |\n",
        MODES + "\nYou are priced per token, and never per hour.\n",
    ],
)
def test_what_does_not_change_the_meaning_of_a_page_does_not_change_its_rates(page: str) -> None:
    assert page != MODES
    assert rates_in(read(page)) == MODES_RATES


def test_the_columns_are_found_by_their_headings_and_not_by_their_places() -> None:
    page = (
        "| Model | Output | Input | Cached input |\n|---|\n| Kimi K3 | $15.00 | $3.00 | $0.30 |\n"
    )
    assert rates_in(read(page)) == {("kimi-k3", "standard"): usd("3", "0.30", "15")}


def test_the_same_table_in_html_is_read() -> None:
    rows = [
        [f'<a href="{SITE}/kimi-k3">Kimi K3</a>', "$3.00 / $0.30 / $15.00", "—"],
        [f'<a href="{SITE}/kimi-k3">Kimi K3 Fast</a>', "$4.50 / $0.45 / $22.50", "—"],
    ]
    page = html_page(html_table(["Model", "Standard", "Priority"], rows))
    assert rates_in(read(page)) == {
        ("kimi-k3", "standard"): usd("3", "0.30", "15"),
        ("kimi-k3", "fast"): usd("4.50", "0.45", "22.50"),
    }


def test_a_cached_price_that_is_not_given_is_not_published() -> None:
    page = "| Model | Input | Cached input | Output |\n|---|\n| Kimi K3 | $3.00 | — | $15.00 |\n"
    assert rates_in(read(page)) == {("kimi-k3", "standard"): usd("3", None, "15")}


def test_the_quote_is_the_row_as_a_reader_sees_it() -> None:
    quotes = {(row.key.item, row.key.path): row.quote for row in read(MODES).rates}
    assert quotes["glm-5p3", CardPath.SERVERLESS_PRIORITY] == (
        "GLM 5.3 | $1.40 / $0.26 / $4.40 | $1.75 / $0.325 / $5.50"
    )


@pytest.mark.parametrize(
    ("size", "price"),
    [
        ("Under 3B parameters", "0.12"),
        ("3B – 12B parameters", "0.24"),
        ("Over 12B parameters", "0.80"),
        ("MoE up to 50B parameters (such as Marten 6x8B)", "0.40"),
        ("MoE 50.1B – 150B parameters", "1.30"),
    ],
)
def test_a_model_at_the_price_of_any_size_is_doubted(size: str, price: str) -> None:
    embeddings = "\n| Embeddings | \\$ / 1M input tokens |\n|---|---|\n| Up to 100M | \\$0.009 |\n"
    cell = " / ".join([f"\\${price}"] * 3)
    page = MODES.replace("\\$1.40 / \\$0.26 / \\$4.40", cell) + SIZES + embeddings
    doubts = [row.doubt for row in read(page).rates if row.doubt]
    assert doubts == [f"these are the prices of models by size, `{size}`"]


@pytest.mark.parametrize(
    ("label", "link", "found"),
    [
        # By label alone: spelling makes no difference, words and figures do.
        ("Kimi K2.6", None, ("kimi-k2p6", "standard", "priority")),
        ("KIMI-K2p6", None, ("kimi-k2p6", "standard", "priority")),
        ("Moonshot AI Kimi K2.6", None, ("kimi-k2p6", "standard", "priority")),
        ("OpenAI GPT OSS 120B", None, ("gpt-oss-120b", "standard", "priority")),
        ("Z.ai GLM 5.3", None, ("glm-5p3", "standard", "priority")),
        ("MiniMax M2.7", None, ("minimax-m2p7", "standard", "priority")),
        ("MiniMax 2.7", None, ("minimax-m2p7", "standard", "priority")),
        ("NVIDIA Nemotron 3 Ultra (Preview)", None, ("nemotron-3-ultra", "standard", "priority")),
        (
            "NVIDIA Nemotron 3.5 Lightning 30B A3B",
            None,
            ("nemotron-3p5-lightning", "standard", "priority"),
        ),
        ("Qwen 3.8 Max", None, ("qwen3p8-max", "standard", "priority")),
        ("Kimi K3 (US)", None, ("kimi-k3", "us", "us_priority")),
        ("GLM 5.3 Flash", None, ("glm-5p3-flash", "standard", "priority")),
        (
            "DeepSeek V4 Flash (0731)",
            None,
            ("deepseek-v4-flash-0731", "standard", "priority"),
        ),
        ("DeepSeek V4 Flash", None, ("deepseek-v4-flash", "standard", "priority")),
        ("GLM 51", None, None),
        ("GLM 5.4", None, None),
        ("Kimi K2", None, None),
        ("Qwen 38B", None, None),
        ("Kimi K3+", None, None),
        ("Kimi K3 Mini", None, None),
        ("Kimi K3 (128K)", None, None),
        ("DeepSeek V4 Flash (0914)", None, None),
        ("Nemotron 3 Ultra-fast", None, None),
        ("V4 Pro", None, None),
        ("Meta V4 Pro", None, None),
        # With a link: it names the model, the label may add nothing but variants.
        ("Kimi K3", f"{SITE}/kimi-k3", ("kimi-k3", "standard", "priority")),
        ("Kimi K3", f"{SITE}/kimi-k3/?tab=serverless", ("kimi-k3", "standard", "priority")),
        ("Kimi K3", "/models/fireworks/kimi-k3", ("kimi-k3", "standard", "priority")),
        ("Kimi K3", "https://example.com/notes", ("kimi-k3", "standard", "priority")),
        ("Kimi K3 US", f"{SITE}/kimi-k3-us", ("kimi-k3", "us", "us_priority")),
        ("Kimi K3", f"{SITE}/kimi-k3-us", None),
        ("Kimi K3 Fast", f"{SITE}/kimi-k3-us", None),
        ("Kimi K3", f"{SITE}/kimi-k3-2", None),
        ("Our newest", f"{SITE}/kimi-k3", None),
        ("Kimi K3 Reserved", f"{SITE}/kimi-k3", None),
        ("Ultramarine 1 Flash", f"{SITE}/ultramarine-1-flash-us", None),
        (
            "Ultramarine 1 Flash US",
            f"{SITE}/ultramarine-1-flash-us",
            ("ultramarine-1-flash", "us", "us_priority"),
        ),
    ],
)
def test_a_row_belongs_to_a_model_only_when_it_is_understood(
    label: str, link: str | None, found: tuple[str, str, str] | None
) -> None:
    listing = read(modes_page(label, link=link))
    others = {key for key in rates_in(listing) if key[0] != "kimi-k2p7-code"}
    if found is None:
        assert others == set()
        assert listing.not_covered == (label, f"{label}, priority")
    else:
        assert others == {(found[0], found[1]), (found[0], found[2])}
        assert listing.not_covered == ()


def test_a_name_that_two_models_share_is_neither() -> None:
    catalogue = Catalogue(
        [
            Model(key="lynx-2", label="Lynx 2 (128K)"),
            Model(key="lynx-2-new", label="Lynx-2"),
            Model(key="kimi-k2p7-code", label="Kimi K2.7 Code"),
        ]
    )
    listing = parse(modes_page("Lynx 2").encode(), catalogue=catalogue, on=TODAY)
    assert {row.key.item for row in listing.rates} == {"kimi-k2p7-code"}
    assert listing.not_covered == ("Lynx 2", "Lynx 2, priority")


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("Kimi K3 Fast", CardPath.SERVERLESS_FAST),
        ("Kimi K3 Turbo (Fast, Preview)", CardPath.SERVERLESS_FAST),
        ("Kimi K3 Spot", CardPath.SERVERLESS_SPOT),
        ("Kimi K3 Ultra-fast", CardPath.SERVERLESS_ULTRA_FAST),
        ("Kimi K3 (Ultra Fast)", CardPath.SERVERLESS_ULTRA_FAST),
        ("DeepSeek V4.1 Flash (1017) Ultra-fast", CardPath.SERVERLESS_ULTRA_FAST),
    ],
)
def test_a_variant_has_a_standard_price_and_no_path_for_a_priority_price(
    label: str, path: CardPath
) -> None:
    listing = read(modes_page(label))
    assert path in {row.key.path for row in listing.rates}
    assert listing.not_covered == (f"{label}, priority",)


def swapped(page: str, one: str, other: str) -> str:
    return page.replace(one, "\0").replace(other, one).replace("\0", other)


def halves(page: str) -> str:
    """The page up to the middle of its last row's last price."""
    return page[: page.rindex("$4.40") + 3]


Damage = Callable[[str], str]

REFUSED: list[tuple[str, str, Damage, FaultCode]] = [
    ("nothing arrives", MODES, lambda _: "", FaultCode.FORMAT),
    ("an error page", MODES, lambda _: html_page("<p>Try again later.</p>"), FaultCode.FORMAT),
    ("a page without tables", MODES, lambda page: page.replace("|", " "), FaultCode.FORMAT),
    (
        "input and output exchanged",
        COLUMNS,
        lambda page: swapped(page, "| Input", "| Output"),
        FaultCode.HEADING,
    ),
    (
        "input and cached input exchanged",
        COLUMNS,
        lambda page: page.replace("Input | Cached input", "Cached input | Input"),
        FaultCode.HEADING,
    ),
    (
        "cached input and output exchanged",
        COLUMNS,
        lambda page: page.replace("Cached input | Output", "Output | Cached input"),
        FaultCode.HEADING,
    ),
    (
        "standard and priority exchanged",
        MODES,
        lambda page: swapped(page, "Standard", "Priority"),
        FaultCode.HEADING,
    ),
    (
        "a sentence gives another order",
        MODES,
        lambda page: page + "\nA cell is **input / output / cached input**.\n",
        FaultCode.HEADING,
    ),
    (
        "a sentence begins with uncached and ends elsewhere",
        MODES,
        lambda page: page + "\nA cell is output / cached input / uncached input.\n",
        FaultCode.HEADING,
    ),
    ("a heading is renamed", MODES, lambda page: page.replace("Priority", "Premium"), FaultCode.HEADING),
    ("the model heading is gone", MODES, lambda page: page.replace("Model", "     "), FaultCode.HEADING),
    ("a column is added", COLUMNS, lambda page: page.replace("Output |", "Output | Batch |").replace("0 |\n", "0 | $9 |\n"), FaultCode.HEADING),
    ("the cached column is gone", COLUMNS, lambda page: page.replace(" Cached input |", ""), FaultCode.HEADING),
    ("two columns of one name", MODES, lambda page: page.replace("Priority", "Standard"), FaultCode.HEADING),
    ("a model in a table of one price", MODES, lambda page: page + SIZES + "| Kimi K2.6 | \\$0.95 |\n", FaultCode.HEADING),
    ("per 1K tokens, in a sentence", MODES, lambda page: page.replace("per 1M", "per 1K"), FaultCode.UNIT),
    ("per token", MODES, lambda page: page.replace("per 1M tokens", "per token"), FaultCode.UNIT),
    ("per thousand", MODES, lambda page: page.replace("per 1M", "per thousand"), FaultCode.UNIT),
    ("per billion", MODES, lambda page: page.replace("per 1M", "per 1 billion"), FaultCode.UNIT),
    ("per 100,000", MODES, lambda page: page.replace("per 1M", "per 100,000"), FaultCode.UNIT),
    ("another unit in a heading", COLUMNS, lambda page: page.replace("| Input", "| Input (per 1K tokens)"), FaultCode.UNIT),
    ("another unit in the table of sizes", MODES + SIZES, lambda page: page.replace("/ 1M", "/ 1K"), FaultCode.UNIT),
    ("cents, said in a sentence", MODES, lambda page: page.replace("in USD", "in cents"), FaultCode.UNIT),
    ("cents, as a sign", COLUMNS, lambda page: page.replace("$0.95", "95¢"), FaultCode.RATE),
    ("euros", COLUMNS, lambda page: page.replace("$", "€"), FaultCode.CURRENCY),
    ("euros in one cell", MODES, lambda page: page.replace("\\$3.30 /", "€3.30 /"), FaultCode.CURRENCY),
    ("euros, said in a sentence", MODES, lambda page: page.replace("in USD", "in EUR"), FaultCode.CURRENCY),
    ("Canadian dollars", COLUMNS, lambda page: page.replace("$0.95", "CA$0.95"), FaultCode.RATE),
    ("no number", MODES, lambda page: page.replace("\\$0.375", "NaN"), FaultCode.RATE),
    ("no number with a dollar sign", MODES, lambda page: page.replace("\\$0.375", "\\$NaN"), FaultCode.RATE),
    ("endless", MODES, lambda page: page.replace("\\$0.375", "\\$Infinity"), FaultCode.RATE),
    ("a negative price", MODES, lambda page: page.replace("\\$0.375", "\\$-0.375"), FaultCode.RATE),
    ("an exponent", MODES, lambda page: page.replace("\\$0.375", "\\$3.75e-1"), FaultCode.RATE),
    ("a decimal comma", COLUMNS, lambda page: page.replace("$0.95", "$0,95"), FaultCode.RATE),
    ("a price that no rate can be", COLUMNS, lambda page: page.replace("$4.00", "$40,000.00"), FaultCode.RATE),
    ("a struck price beside the billed one", COLUMNS, lambda page: page.replace("$4.00", "~~$5.00~~ $4.00"), FaultCode.RATE),
    ("only input and output in a cell", MODES, lambda page: page.replace("\\$1.40 / \\$0.26 /", "\\$1.40 /"), FaultCode.RATE),
    ("four prices in a cell", MODES, lambda page: page.replace("\\$4.40", "\\$4.40 / \\$5.00"), FaultCode.RATE),
    ("input is missing", COLUMNS, lambda page: page.replace("$0.95", "—"), FaultCode.RATE),
    ("a row lost a cell", COLUMNS, lambda page: page.replace("| $0.16 ", ""), FaultCode.ROWS),
    ("a row gained a cell", COLUMNS, lambda page: page.replace("| $0.16 ", "| $0.16 | $9 "), FaultCode.ROWS),
    ("cut inside a price", MODES, halves, FaultCode.ROWS),
    ("cut inside a link", MODES, lambda page: page[: page.rindex("glm-5p3)")], FaultCode.ROWS),
    ("cut inside a sign of the alphabet", MODES, lambda page: page, FaultCode.ENCODING),
    ("one model twice, at two prices", MODES, lambda page: page.replace("K3 Fast", "K3"), FaultCode.ROWS),
    ("label and link disagree", MODES, lambda page: page.replace("[GLM 5.3]", "[Kimi K2.6]"), FaultCode.ROWS),
    ("no model that is covered", MODES, lambda page: page.replace("Kimi", "Lynx").replace("GLM", "Puma"), FaultCode.ROWS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "damage", "code"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED]
)
def test_a_damaged_page_is_refused(page: str, damage: Damage, code: FaultCode) -> None:
    broken = damage(page).encode()
    if code is FaultCode.ENCODING:
        broken = broken[: broken.index("—".encode()) + 1]
    assert broken != page.encode()
    with pytest.raises(ParseError) as caught:
        read(broken)
    assert caught.value.code is code
    assert caught.value.text


def test_wherever_a_page_is_cut_inside_its_last_row_it_is_refused() -> None:
    page = MODES.encode()
    last = page.rindex(b"| [GLM")
    for end in range(last + 1, page.rindex(b"|")):
        with pytest.raises(ParseError):
            read(page[:end])
    assert rates_in(read(page[:last])) == MODES_RATES


def test_an_html_page_that_ends_inside_its_table_is_refused() -> None:
    rows = [["Kimi K3", "$3.00 / $0.30 / $15.00", "—"]]
    page = html_page(html_table(["Model", "Standard", "Priority"], rows))
    with pytest.raises(ParseError) as caught:
        read(page[: page.index("$15.00") + 2])
    assert caught.value.code is FaultCode.ROWS


def test_cells_merged_in_html_are_refused() -> None:
    rows = [["Kimi K3", "$3.00 / $0.30 / $15.00", "$3.75 / $0.375 / $18.75"], ["Kimi K2.6", "$9"]]
    page = html_page(html_table(["Model", "Standard", "Priority"], rows))
    with pytest.raises(ParseError) as caught:
        read(page.replace("<td>$9</td>", '<td colspan="2">$1.00 / $0.10 / $2.00</td>'))
    assert caught.value.code is FaultCode.ROWS


DOUBTED: list[tuple[str, Damage, tuple[str, str], str]] = [
    (
        "one output price slipped",
        lambda page: page.replace("\\$4.40 ", "\\$0.44 "),
        ("glm-5p3", "standard"),
        "output costs less",
    ),
    (
        "one priority price slipped",
        lambda page: page.replace("\\$5.50", "\\$3.50"),
        ("glm-5p3", "priority"),
        "priority costs less",
    ),
    (
        "a model at the price of its size",
        lambda page: page.replace("\\$1.40 / \\$0.26 / \\$4.40", "\\$1.30 / \\$1.30 / \\$1.30"),
        ("glm-5p3", "standard"),
        "by size, `MoE 50.1B – 150B parameters`",
    ),
    (
        "the same without a cached price",
        lambda page: page.replace("\\$1.40 / \\$0.26 / \\$4.40", "\\$0.80 / — / \\$0.80"),
        ("glm-5p3", "standard"),
        "by size, `Over 12B parameters`",
    ),
    (
        "the same at half for cached tokens",
        lambda page: page.replace("\\$1.40 / \\$0.26 / \\$4.40", "\\$1.30 / \\$0.65 / \\$1.30"),
        ("glm-5p3", "standard"),
        "by size",
    ),
]


@pytest.mark.parametrize(
    ("damage", "key", "doubt"), [pytest.param(*row[1:], id=row[0]) for row in DOUBTED]
)
def test_a_row_that_contradicts_itself_is_doubted_and_no_other(
    damage: Damage, key: tuple[str, str], doubt: str
) -> None:
    listing = read(damage(MODES + SIZES))
    doubts = {
        (row.key.item, row.key.path.removeprefix("serverless_")): row.doubt
        for row in listing.rates
        if row.doubt
    }
    assert set(doubts) == {key}
    assert doubt in doubts[key]
    assert not doubts[key].endswith(".")


def test_without_its_table_of_sizes_a_page_cannot_show_that_a_price_is_of_a_size() -> None:
    page = MODES.replace("\\$1.40 / \\$0.26 / \\$4.40", "\\$1.30 / \\$1.30 / \\$1.30")
    assert all(row.doubt is None for row in read(page).rates)


def test_prices_that_are_all_tenfold_are_read_as_they_stand_for_a_page_cannot_know_better() -> None:
    page = COLUMNS.replace("$0.95 | $0.16 | $4.00", "$9.50 | $1.60 | $40.00")
    assert rates_in(read(page))["kimi-k2p6", "standard"] == usd("9.50", "1.60", "40")


def test_thousands_may_be_separated() -> None:
    page = COLUMNS.replace("$4.00", "$4,000.00")
    assert rates_in(read(page))["kimi-k2p6", "standard"] == usd("0.95", "0.16", "4000")


def test_a_row_that_is_repeated_counts_once() -> None:
    row = "| Kimi K2.6 | $0.95 | $0.16 | $4.00 |\n"
    assert read(COLUMNS + row) == read(COLUMNS)


PRICED_MODELS = [model.key for model in CATALOGUE if model.fireworks_ids]
CENTS = st.decimals("0.001", "30", places=4)


@st.composite
def cards_of_a_page(draw: st.DrawFn) -> list[ServerlessCard]:
    """Cards of some models on some paths: cached at most input, input at most output, priority above standard."""
    cards = []
    for model in draw(
        st.lists(st.sampled_from(PRICED_MODELS), min_size=1, max_size=6, unique=True)
    ):
        paths = draw(
            st.lists(
                st.sampled_from([path for path in CardPath if path.startswith("serverless")]),
                min_size=1,
                unique=True,
            )
        )
        cached, whole, output = sorted(draw(st.tuples(CENTS, CENTS, CENTS)))
        is_cached_published = draw(st.booleans())
        for path in paths:
            factor = Decimal("1.25") if path.endswith("priority") else Decimal(1)
            cards.append(
                serverless_card(
                    "0",
                    model=model,
                    path=path,
                    input_usd_per_mtok=whole * factor,
                    cached_input_usd_per_mtok=cached * factor if is_cached_published else None,
                    output_usd_per_mtok=output * factor,
                )
            )
    return cards


def rates_of(card: ServerlessCard) -> dict[RateName, Decimal | None]:
    return {
        RateName.INPUT: card.input_usd_per_mtok,
        RateName.CACHED_INPUT: card.cached_input_usd_per_mtok,
        RateName.OUTPUT: card.output_usd_per_mtok,
    }


@settings(deadline=None)
@given(cards=cards_of_a_page(), form=st.sampled_from(["columns", "modes", "modes-us"]))
def test_whatever_cards_a_page_is_written_from_are_read_from_it(
    cards: list[ServerlessCard], form: str
) -> None:
    written = {
        card.key: rates_of(card)
        for card in cards
        if form != "columns" or not card.path.endswith("priority")
    }
    page = serverless_page(cards, CATALOGUE, form=form)
    if not written:
        with pytest.raises(ParseError):
            read(page)
        return
    listing = read(page)
    assert {row.key: dict(row.rates) for row in listing.rates} == written
    assert listing.not_covered == ()


@settings(deadline=None)
@given(
    cards=cards_of_a_page(), form=st.sampled_from(["columns", "modes", "modes-us"]), data=st.data()
)
def test_a_page_cut_at_any_byte_gives_right_rates_or_none(
    cards: list[ServerlessCard], form: str, data: st.DataObject
) -> None:
    written: dict[CardKey, dict[RateName, Decimal | None]] = {
        card.key: rates_of(card) for card in cards
    }
    page = serverless_page(cards, CATALOGUE, form=form)
    end = data.draw(st.integers(0, len(page)))
    try:
        listing = read(page[:end])
    except ParseError:
        return
    assert all(row.rates == written[row.key] for row in listing.rates)
    assert listing.rates

"""Fireworks' prices of GPUs: every form read right, every damage refused or doubted. Pages and days are made up."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.cards import CardKey, GpuCard
from pricing.catalogue import GpuType, load_catalogue
from pricing.changes import RateName
from pricing.sources.fireworks_gpu import parse
from pricing.sources.listing import FaultCode, ListedRates, Listing, ParseError
from tests.pricing.books import gpu_card
from tests.pricing.sources.fireworks_pages import gpu_page, html_page, html_table

CATALOGUE = load_catalogue()
TODAY = date(2026, 6, 20)
H100, H200, B200 = GpuType.H100_80GB, GpuType.H200_141GB, GpuType.B200_180GB


def read(page: str | bytes, *, on: date = TODAY) -> Listing:
    return parse(page.encode() if isinstance(page, str) else page, catalogue=CATALOGUE, on=on)


def usd(row: ListedRates) -> Decimal:
    rate = row.rates[RateName.GPU_HOUR]
    assert rate is not None
    return rate


def rates_in(listing: Listing) -> list[tuple[str, str, date | None]]:
    """Type, dollars an hour and first day of each row."""
    return [(row.key.item, f"{usd(row):.2f}", row.effective_from) for row in listing.rates]


def page_of(heading: str, *rows: tuple[str, str]) -> str:
    return html_page(html_table(["GPU Type", heading], rows))


def dated_page(until: str, first: str, *rows: tuple[str, str, str]) -> str:
    headings = [f"Price ($) per hour — up to {until}", f"Price ($) per hour — from {first}"]
    return html_page(html_table(["GPU Type", *headings], rows))


HOURS = page_of(
    "Price ($) per hour",
    ("H100 80 GB GPU", "$4.00"),
    ("H200 141GB", "$6.50"),
    ("NVIDIA B200 180 GB", "$9.25"),
    ("MI300X 192 GB GPU", "$4.99"),
)
HOUR_RATES = [(H100, "4.00", None), (H200, "6.50", None), (B200, "9.25", None)]

MINUTES = page_of(
    "Price ($) per minute", ("H100 80 GB GPU", "$0.117"), ("B200 180 GB GPU", "$0.217")
)

DATED = dated_page(
    "Jul 31", "Aug 1", ("H100 80 GB GPU", "$4.00", "$5.00"), ("B200 180 GB GPU", "$9.00", "$11.00")
)


def test_the_page_of_hours_is_read() -> None:
    listing = read(HOURS)
    assert rates_in(listing) == HOUR_RATES
    assert listing.not_covered == ("MI300X 192 GB GPU",)
    assert all(row.doubt is None and row.between is None for row in listing.rates)


@pytest.mark.parametrize(
    "page",
    [
        HOURS.replace("Price ($) per hour", "$ / hour (billed per second)"),
        HOURS.replace("Price ($) per hour", "Price per GPU-hour"),
        HOURS.replace("Price ($) per hour", "USD per GPU per hour, billed by the second"),
        HOURS.replace("GPU Type", "GPU"),
        HOURS.replace("</body>", "<table><tr><th>Size</th></tr><tr><td>$0.20</td></tr></table>"),
        HOURS.replace("<td>$4.00</td>", "<td><span>$4.00</span></td>"),
        HOURS.replace("</table>", "</table><script>let rows = 3 < 4;</script>"),
        HOURS + "<p>We charge $9.99 per hour for one NVIDIA H100 80 GB GPU.</p>",
    ],
)
def test_what_does_not_change_the_meaning_of_a_page_does_not_change_its_rates(page: str) -> None:
    assert page != HOURS
    assert rates_in(read(page)) == HOUR_RATES


def test_a_markdown_copy_of_the_table_is_read() -> None:
    page = (
        "# Pricing\n\n| GPU Type | $ / hour (billed per second) |\n|---|\n"
        "| H100 80 GB GPU | \\$4.00 |\n| H200 141 GB GPU | $6.50 |\n"
    )
    assert rates_in(read(page)) == [(H100, "4.00", None), (H200, "6.50", None)]


def test_before_the_day_of_a_change_both_prices_are_listed_and_the_new_one_has_its_day() -> None:
    assert rates_in(read(DATED, on=date(2026, 7, 31))) == [
        (H100, "4.00", None),
        (H100, "5.00", date(2026, 8, 1)),
        (B200, "9.00", None),
        (B200, "11.00", date(2026, 8, 1)),
    ]
    assert all(row.last_day is None for row in read(DATED).rates)  # replaced, not ended


def test_from_the_day_of_a_change_only_the_new_price_is_listed() -> None:
    assert rates_in(read(DATED, on=date(2026, 8, 1))) == [
        (H100, "5.00", date(2026, 8, 1)),
        (B200, "11.00", date(2026, 8, 1)),
    ]


@pytest.mark.parametrize(
    ("until", "first", "on", "first_day"),
    [
        ("Dec 31", "Jan 1", date(2026, 12, 20), date(2027, 1, 1)),
        ("Dec 31", "Jan 1", date(2027, 1, 5), date(2027, 1, 1)),
        ("Jul 31", "Aug 1", date(2027, 1, 5), date(2026, 8, 1)),
        ("Jul 31", "Aug 1", date(2027, 2, 5), date(2027, 8, 1)),
        # Half a year away on either side, the two days still belong to one year.
        ("Aug 31", "Sep 1", date(2026, 3, 2), date(2025, 9, 1)),
        ("Feb 28", "Mar 1", date(2027, 2, 1), date(2027, 3, 1)),
        ("Feb 29", "Mar 1", date(2028, 2, 1), date(2028, 3, 1)),
        ("July 31, 2025", "August 1, 2025", date(2026, 6, 20), date(2025, 8, 1)),
        ("Dec 31", "Jan 1, 2025", date(2026, 6, 20), date(2025, 1, 1)),
        ("Jul 31", "Aug 1, 2028", date(2026, 6, 20), date(2028, 8, 1)),
        ("Jul 31, 2026", "Aug 1", date(2026, 6, 20), date(2026, 8, 1)),
    ],
)
def test_a_day_without_a_year_is_the_nearest(
    until: str, first: str, on: date, first_day: date
) -> None:
    page = dated_page(until, first, ("H100 80 GB GPU", "$4.00", "$5.00"))
    new = (H100, "5.00", first_day)
    expected = [new] if first_day <= on else [(H100, "4.00", None), new]
    assert rates_in(read(page, on=on)) == expected


def test_a_gpu_that_is_offered_only_later_has_only_the_later_price() -> None:
    page = dated_page("Jul 31", "Aug 1", ("H100 80 GB GPU", "—", "$5.00"))
    assert rates_in(read(page)) == [(H100, "5.00", date(2026, 8, 1))]


def test_one_column_may_name_its_first_day() -> None:
    page = page_of("Price ($) per hour — from Jun 1", ("H100 80 GB GPU", "$4.00"))
    assert rates_in(read(page)) == [(H100, "4.00", date(2026, 6, 1))]


@pytest.mark.parametrize(
    ("written", "hourly", "between"),
    [
        # $7.00 is $0.11666 a minute: $0.117, be it rounded up or to the nearest.
        ("$0.117", "7.00", ("6.96", "7.05")),
        # $13.00 is $0.21666, $8.00 is $0.13333 and $0.134 rounded up, $15.00 is $0.25.
        ("$0.217", "13.00", ("12.96", "13.05")),
        ("$0.134", "8.00", ("7.98", "8.07")),
        ("$0.250", "15.00", ("14.94", "15.03")),
        # Two decimals say less, four say more; $0.1333 is above 7.992 and no more than 8.001.
        ("$0.25", "15.00", ("14.40", "15.30")),
        ("$0.1333", "8.00", ("7.992", "8.001")),
        # No whole dollar within: a half, a tenth, a twentieth.
        ("$0.125", "7.50", ("7.44", "7.53")),
        ("$0.120", "7.20", ("7.14", "7.23")),
        ("$0.1159", "6.95", ("6.948", "6.957")),
    ],
)
def test_a_price_per_minute_is_the_roundest_price_per_hour_that_it_can_stand_for(
    written: str, hourly: str, between: tuple[str, str]
) -> None:
    page = page_of("Price ($) per minute", ("H100 80 GB GPU", written))
    (row,) = read(page).rates
    assert usd(row) == Decimal(hourly)
    assert row.between == (Decimal(between[0]), Decimal(between[1]))
    assert row.doubt is None


@pytest.mark.parametrize(
    ("written", "hourly"),
    [
        ("$0.1152", "6.912"),  # above 6.906, at most 6.915: nothing round
        ("$0.1", "6"),  # above 0, at most 9: whole dollars, and no telling which
    ],
)
def test_a_price_per_minute_that_stands_for_nothing_round_is_doubted(
    written: str, hourly: str
) -> None:
    page = page_of("Price ($) per minute", ("H100 80 GB GPU", written))
    (row,) = read(page).rates
    assert usd(row) == Decimal(hourly)
    assert row.doubt is not None
    assert row.doubt.startswith("it is rounded to the minute, and lies between $")
    assert row.doubt.endswith(" an hour")


def test_dated_columns_may_be_per_minute() -> None:
    page = DATED.replace("per hour", "per minute")
    for hourly, minute in {"4": "0.067", "5": "0.084", "9": "0.150", "11": "0.184"}.items():
        page = page.replace(f"${hourly}.00", f"${minute}")
    assert rates_in(read(page)) == [
        (H100, "4.00", None),
        (H100, "5.00", date(2026, 8, 1)),
        (B200, "9.00", None),
        (B200, "11.00", date(2026, 8, 1)),
    ]


def test_without_a_table_the_sentence_is_read() -> None:
    page = html_page("<p>We charge <b>$3.10</b> per hour for one NVIDIA A100 80 GB GPU.</p>")
    listing = read(page)
    assert rates_in(listing) == [(GpuType.A100_80GB, "3.10", None)]
    assert listing.rates[0].quote == "charge $3.10 per hour for one NVIDIA A100 80 GB GPU"


def test_the_quote_is_the_row_and_the_heading_of_its_price() -> None:
    assert [row.quote for row in read(DATED).rates][:2] == [
        "H100 80 GB GPU | $4.00 | $5.00 (Price ($) per hour — up to Jul 31)",
        "H100 80 GB GPU | $4.00 | $5.00 (Price ($) per hour — from Aug 1)",
    ]


@pytest.mark.parametrize(
    "label",
    [
        "8 × H100 80 GB GPU",
        "H100 80 GB GPU (reserved)",
        "H100",
        "B100 180 GB GPU",
        "H100 NVL 80 GB",
    ],
)
def test_a_label_that_says_more_or_less_than_a_type_is_not_guessed(label: str) -> None:
    listing = read(page_of("Price ($) per hour", (label, "$4.00"), ("H200 141 GB GPU", "$6.50")))
    assert rates_in(listing) == [(H200, "6.50", None)]
    assert listing.not_covered == (label,)


def test_gb300_is_not_b300() -> None:
    page = page_of(
        "Price ($) per hour", ("B300 288 GB GPU", "$12.00"), ("GB300 288 GB GPU", "$18.00")
    )
    assert rates_in(read(page)) == [
        (GpuType.B300_288GB, "12.00", None),
        (GpuType.GB300_288GB, "18.00", None),
    ]


Damage = Callable[[str], str]


def heading(text: str) -> Damage:
    return lambda page: page.replace("Price ($) per hour", text)


REFUSED: list[tuple[str, str, Damage, FaultCode]] = [
    ("nothing arrives", HOURS, lambda _: "", FaultCode.FORMAT),
    ("an error page", HOURS, lambda _: html_page("<p>Try again later.</p>"), FaultCode.FORMAT),
    ("a table of something else", HOURS, lambda _: html_page(html_table(["Size"], [["$1"]])), FaultCode.FORMAT),
    ("minute figures under an hour heading", MINUTES, lambda page: page.replace("minute", "hour"), FaultCode.UNIT),
    ("hour figures under a minute heading", HOURS, lambda page: page.replace("hour", "minute"), FaultCode.UNIT),
    ("second figures under a minute heading", MINUTES, lambda page: page.replace("$0.117", "$0.0019").replace("$0.217", "$0.0036"), FaultCode.UNIT),
    ("per second", HOURS, heading("Price ($) per second"), FaultCode.UNIT),
    ("per day", HOURS, heading("Price ($) per day"), FaultCode.UNIT),
    ("per month", HOURS, heading("$ / month"), FaultCode.UNIT),
    ("per cluster", HOURS, heading("Price ($) per hour per cluster"), FaultCode.UNIT),
    ("for eight GPUs", HOURS, heading("Price ($) per hour for 8x GPUs"), FaultCode.UNIT),
    ("hour and minute at once", HOURS, heading("Price ($) per hour / minute"), FaultCode.UNIT),
    ("euros in the heading", HOURS, heading("Price (€) per hour"), FaultCode.CURRENCY),
    ("euros in the heading, in letters", HOURS, heading("EUR per hour"), FaultCode.CURRENCY),
    ("euros in a cell", HOURS, lambda page: page.replace("$4.00", "€4.00"), FaultCode.CURRENCY),
    ("no unit in the heading", HOURS, heading("Price ($)"), FaultCode.HEADING),
    ("a reserved price", HOURS, heading("Reserved price ($) per hour"), FaultCode.HEADING),
    ("a day that is none", HOURS, heading("Price ($) per hour — from Smarch 1"), FaultCode.HEADING),
    ("only a last day", HOURS, heading("Price ($) per hour — up to Jul 31"), FaultCode.HEADING),
    ("the GPU heading is renamed", HOURS, lambda page: page.replace("GPU Type", "Machine"), FaultCode.HEADING),
    ("days that leave a gap", DATED, lambda page: page.replace("Aug 1", "Sep 1"), FaultCode.HEADING),
    ("days that overlap", DATED, lambda page: page.replace("Jul 31", "Aug 1"), FaultCode.HEADING),
    ("days of different years", DATED, lambda page: page.replace("Jul 31", "Jul 31, 2026").replace("Aug 1<", "Aug 1, 2027<"), FaultCode.HEADING),
    ("a day that no month has", DATED, lambda page: page.replace("Jul 31", "Jul 32").replace("Aug 1", "Jul 33"), FaultCode.HEADING),
    ("dated columns exchanged", DATED, lambda page: page.replace("up to Jul 31", "from Aug 1", 1).replace("from Aug 1</th></tr>", "up to Jul 31</th></tr>"), FaultCode.HEADING),
    ("two columns without days", DATED, lambda page: page.replace(" — up to Jul 31", "").replace(" — from Aug 1", ""), FaultCode.HEADING),
    ("prices in cents", HOURS, lambda page: page.replace("$4.00", "400¢"), FaultCode.RATE),
    ("no number", HOURS, lambda page: page.replace("$4.00", "$NaN"), FaultCode.RATE),
    ("a negative price", HOURS, lambda page: page.replace("$4.00", "-$4.00"), FaultCode.RATE),
    ("a range of prices", HOURS, lambda page: page.replace("$4.00", "$4.00 – $5.00"), FaultCode.RATE),
    ("a unit in the cell", HOURS, lambda page: page.replace("$4.00", "$4.00 / day"), FaultCode.RATE),
    ("a struck price beside the billed one", HOURS, lambda page: page.replace("$4.00", "<s>$5.00</s> $4.00"), FaultCode.RATE),
    ("a price that no rate can be", HOURS, lambda page: page.replace("$4.00", "$40,000.00"), FaultCode.RATE),
    ("another memory", HOURS, lambda page: page.replace("H100 80 GB", "H100 94 GB"), FaultCode.ROWS),
    ("merged cells", DATED, lambda page: page.replace("<td>$4.00</td><td>$5.00</td>", '<td colspan="2">$4.00</td>'), FaultCode.ROWS),
    ("one GPU twice, at two prices", HOURS, lambda page: page.replace("H200 141GB", "H100 80GB"), FaultCode.ROWS),
    ("no GPU that is covered", HOURS, lambda page: page.replace("00 ", "11 "), FaultCode.ROWS),
    ("cut inside a price", HOURS, lambda page: page[: page.index("$6.50") + 2], FaultCode.ROWS),
    ("cut between rows", HOURS, lambda page: page[: page.index("<tr><td>H200")], FaultCode.ROWS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "damage", "code"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED]
)
def test_a_damaged_page_is_refused(page: str, damage: Damage, code: FaultCode) -> None:
    broken = damage(page)
    assert broken != page
    with pytest.raises(ParseError) as caught:
        read(broken)
    assert caught.value.code is code
    assert caught.value.text


def test_a_page_of_another_encoding_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        read(DATED.encode("utf-16"))
    assert caught.value.code is FaultCode.ENCODING


@pytest.mark.parametrize("unit", ["second", "day", "token"])
def test_a_sentence_of_another_unit_is_refused(unit: str) -> None:
    page = html_page(f"<p>We charge $3.10 per {unit} for one NVIDIA A100 80 GB GPU.</p>")
    with pytest.raises(ParseError) as caught:
        read(page)
    assert caught.value.code is FaultCode.UNIT


def test_one_figure_too_low_for_an_hour_is_doubted_and_no_other() -> None:
    listing = read(HOURS.replace("$6.50", "$0.109"))
    assert {row.key.item: row.doubt for row in listing.rates} == {
        H100: None,
        H200: "it is below $0.50 an hour, which no GPU was",
        B200: None,
    }


def test_prices_that_are_all_tenfold_are_read_as_they_stand_for_a_page_cannot_know_better() -> None:
    page = HOURS.replace("$4.00", "$40.00").replace("$6.50", "$65.00").replace("$9.25", "$92.50")
    assert [rate for _, rate, _ in rates_in(read(page))] == ["40.00", "65.00", "92.50"]


def test_a_row_that_is_repeated_counts_once() -> None:
    row = "<tr><td>H100 80 GB GPU</td><td>$4.00</td></tr>"
    assert read(HOURS.replace("</tbody>", row + "</tbody>")) == read(HOURS)


def cards_from(dollars: st.SearchStrategy[Decimal]) -> st.SearchStrategy[list[GpuCard]]:
    return st.dictionaries(st.sampled_from(list(GpuType)), dollars, min_size=1).map(
        lambda of_gpu: [gpu_card(str(usd), gpu_type=gpu) for gpu, usd in of_gpu.items()]
    )


HOURLY = cards_from(st.decimals("0.50", "110", places=2))
WHOLE_DOLLARS = cards_from(st.integers(1, 110).map(Decimal))


@settings(deadline=None)
@given(cards=HOURLY)
def test_whatever_hourly_prices_a_page_is_written_from_are_read_from_it(
    cards: list[GpuCard],
) -> None:
    listing = read(gpu_page(cards, form="hour"))
    assert {row.key: usd(row) for row in listing.rates} == {
        card.key: card.usd_per_gpu_hour for card in cards
    }
    assert listing.not_covered == ()


@settings(deadline=None)
@given(cards=WHOLE_DOLLARS)
def test_whole_dollars_an_hour_survive_being_rounded_to_the_minute(cards: list[GpuCard]) -> None:
    listing = read(gpu_page(cards, form="minute"))
    assert {row.key: (usd(row), row.doubt) for row in listing.rates} == {
        card.key: (card.usd_per_gpu_hour, None) for card in cards
    }


@settings(deadline=None)
@given(cards=HOURLY)
def test_the_bounds_of_a_price_per_minute_hold_whatever_it_was_rounded_from(
    cards: list[GpuCard],
) -> None:
    written = {card.key: card.usd_per_gpu_hour for card in cards}
    for row in read(gpu_page(cards, form="minute")).rates:
        assert row.between is not None
        lowest, highest = row.between
        assert lowest <= written[row.key] <= highest
        assert lowest <= usd(row) <= highest
        assert highest - lowest == Decimal("0.09")


@settings(deadline=None)
@given(
    cards=HOURLY,
    coming=HOURLY,
    on=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    days=st.integers(-150, 150),
)
def test_both_dated_prices_are_read_on_any_day(
    cards: list[GpuCard], coming: list[GpuCard], on: date, days: int
) -> None:
    first_day = on + timedelta(days=days)
    dated = [card.model_copy(update={"effective_from": first_day}) for card in coming]
    now = {card.key: card.usd_per_gpu_hour for card in cards}
    then = now | {card.key: card.usd_per_gpu_hour for card in coming}
    expected: dict[tuple[CardKey, date | None], Decimal]
    expected = {(key, first_day): usd for key, usd in then.items()}
    if first_day > on:
        expected |= {(key, None): usd for key, usd in now.items()}
    listing = read(gpu_page(cards, form="dated", coming=dated), on=on)
    assert {(row.key, row.effective_from): usd(row) for row in listing.rates} == expected


@settings(deadline=None)
@given(cards=HOURLY, form=st.sampled_from(["hour", "minute"]), data=st.data())
def test_a_page_cut_at_any_byte_gives_the_same_rates_or_none(
    cards: list[GpuCard], form: str, data: st.DataObject
) -> None:
    page = gpu_page(cards, form=form)
    whole = read(page)
    end = data.draw(st.integers(0, len(page)))
    try:
        listing = read(page[:end])
    except ParseError:
        return
    assert listing == whole

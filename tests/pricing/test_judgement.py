"""What a check makes of what the sources say, worked out by hand, at the boundaries, and for the real year."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.cards import (
    AnyCard,
    CardKey,
    CardPath,
    Confidence,
    Ended,
    RateBook,
    TinkerCard,
    load_book,
)
from pricing.catalogue import GpuType, load_catalogue
from pricing.changes import RateDifference, RateName, listed_rates_of
from pricing.judgement import Finding, Flag, Hold, Judgement, Reading, Status, judge
from pricing.observed import Change, with_changes
from pricing.sources import SOURCES, FaultCode, ListedRates, Listing, SourceId
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card
from tests.pricing.sources.fireworks_pages import gpu_page

DAY = timedelta(days=1)
TODAY = date(2026, 11, 2)
WINDOW = 131_072
TINKER = CardKey(CardPath.TINKER, "kimi-k2p6", WINDOW)
SERVERLESS = CardKey(CardPath.SERVERLESS_STANDARD, "kimi-k2p6")
GPU = CardKey(CardPath.DEDICATED, GpuType.B300_288GB)


def row(key: CardKey, *usd: str | None, **fields: Any) -> ListedRates:
    """A row with input, cached input, output and training rate, or one GPU-hour; `?` is not given."""
    names = (RateName.INPUT, RateName.CACHED_INPUT, RateName.OUTPUT, RateName.TRAIN)
    if key.path is CardPath.DEDICATED:
        names = (RateName.GPU_HOUR,)
    rates = {
        name: Decimal(amount) if amount else None
        for name, amount in zip(names, usd, strict=False)
        if amount != "?"
    }
    return ListedRates(key=key, rates=rates, quote=f"| {key.item} |", **fields)


def listed(card: AnyCard, **fields: Any) -> ListedRates:
    """A row that says a card."""
    said = {"key": card.key, "rates": listed_rates_of(card), "quote": f"| {card.key.item} |"}
    return ListedRates(**(said | fields))


def replace_day(card: AnyCard, verified_on: date) -> AnyCard:
    """The card, last seen on another day."""
    return card.model_copy(update={"verified_on": verified_on})


def reading(source: SourceId, *rows: ListedRates) -> Reading:
    return Reading(source=SOURCES[source], listing=Listing(rates=rows))


def tinker_says(*rows: ListedRates) -> Reading:
    return reading(SourceId.TINKER_MODELS, *rows)


def tinker_page_says(*rows: ListedRates) -> Reading:
    return reading(SourceId.TINKER_PRICING, *rows)


def page_says(*rows: ListedRates) -> Reading:
    return reading(SourceId.FIREWORKS_SERVERLESS, *rows)


def gpu_page_says(*rows: ListedRates) -> Reading:
    return reading(SourceId.FIREWORKS_GPU, *rows)


def api_says(*rows: ListedRates) -> Reading:
    return reading(SourceId.FIREWORKS_MODELS, *rows)


def feed_says(*rows: ListedRates) -> Reading:
    return reading(SourceId.GENAI_PRICES, *rows)


def serverless(*usd: str | None, **fields: Any) -> AnyCard:
    """A card of Kimi K2.6 at input, cached and output."""
    given, cached, output = usd
    return serverless_card(
        given or "",
        cached_input_usd_per_mtok=Decimal(cached) if cached else None,
        output_usd_per_mtok=Decimal(output or ""),
        **fields,
    )


KIMI = serverless("0.95", "0.16", "4.00")
KIMI_ROW = row(SERVERLESS, "0.95", "0.16", "4.00")


def the_finding(judgement: Judgement) -> Finding:
    (finding,) = judgement.findings
    return finding


def judged(*readings: Reading, card: AnyCard | None = KIMI, **given: Any) -> Judgement:
    book = book_of(card) if card else book_of()
    return judge(readings, **{"book": book, "on": TODAY} | given)


# The same


def test_a_page_that_shows_the_card_in_force_confirms_it() -> None:
    assert judged(page_says(KIMI_ROW)) == Judgement(confirmed=(SERVERLESS,))


def test_zeros_behind_a_rate_are_no_difference() -> None:
    assert judged(page_says(row(SERVERLESS, "0.950", "0.1600", "4"))).findings == ()


def test_a_rate_that_a_page_does_not_give_is_no_difference() -> None:
    card = tinker_card(WINDOW, "5.15", train_usd_per_mtok=Decimal("15.40"))
    judgement = judged(tinker_says(row(TINKER, "5.15", "?", "5.15")), card=card)
    assert judgement == Judgement(confirmed=(TINKER,))


@pytest.mark.parametrize("usd", ["14.94", "15", "15.03"])
def test_a_gpu_hour_within_the_bounds_of_a_rounded_page_is_the_same(usd: str) -> None:
    said = row(GPU, "15", between=(Decimal("14.94"), Decimal("15.03")))
    assert judged(gpu_page_says(said), card=gpu_card(usd)) == Judgement(confirmed=(GPU,))


@pytest.mark.parametrize("usd", ["14.93", "15.04"])
def test_a_gpu_hour_outside_the_bounds_becomes_the_likeliest(usd: str) -> None:
    said = row(GPU, "15", between=(Decimal("14.94"), Decimal("15.03")))
    finding = the_finding(judged(gpu_page_says(said), card=gpu_card(usd)))
    assert finding.differences == (RateDifference(RateName.GPU_HOUR, Decimal(usd), Decimal(15)),)


def test_a_doubtful_row_that_changes_nothing_confirms() -> None:
    doubtful = replace(KIMI_ROW, doubt="the cached rate looks odd")
    assert judged(page_says(doubtful)) == Judgement(confirmed=(SERVERLESS,))


def test_a_key_that_two_sources_show_is_confirmed_once() -> None:
    assert judged(api_says(KIMI_ROW), page_says(KIMI_ROW)).confirmed == (SERVERLESS,)


def test_a_key_whose_source_was_not_read_is_left_alone() -> None:
    assert judged(gpu_page_says()) == Judgement()
    assert judged() == Judgement()


# A plain change


def test_a_change_within_bounds_is_a_card_in_force_from_today() -> None:
    finding = the_finding(judged(page_says(row(SERVERLESS, "1.10", "0.16", "4.00"))))
    assert (finding.status, finding.hold, finding.reason) == (Status.IN_FORCE, None, "")
    assert (finding.key, finding.on, finding.before) == (SERVERLESS, TODAY, KIMI)
    assert (finding.source, finding.quote) == (SourceId.FIREWORKS_SERVERLESS, "| kimi-k2p6 |")
    assert finding.after == serverless(
        "1.10",
        "0.16",
        "4.00",
        effective_from=TODAY,
        from_certain=False,
        verified_on=TODAY,
        confidence=Confidence.HIGH,
        source_url="https://docs.fireworks.ai/serverless/pricing.md",
        sightings=("2026-11-02",),
    )


def test_a_changed_key_is_not_confirmed() -> None:
    assert judged(page_says(row(SERVERLESS, "1.10", "0.16", "4.00"))).confirmed == ()


def test_the_day_that_a_page_names_is_certain() -> None:
    card = serverless("0.95", "0.16", "4.00", verified_on=date(2026, 10, 30))
    said = row(SERVERLESS, "1.10", "0.16", "4.00", effective_from=date(2026, 10, 31))
    finding = the_finding(judged(page_says(said), card=card))
    assert finding.on == date(2026, 10, 31)
    assert finding.status is Status.IN_FORCE
    assert finding.after
    assert finding.after.effective_from == date(2026, 10, 31)
    assert finding.after.from_certain


def test_a_named_day_before_the_old_rate_was_last_seen_is_not_the_day_of_the_change() -> None:
    card = serverless("0.95", "0.16", "4.00", verified_on=date(2026, 11, 1))
    said = row(SERVERLESS, "1.10", "0.16", "4.00", effective_from=date(2026, 10, 31))
    finding = the_finding(judged(page_says(said), card=card))
    assert finding.on == TODAY
    assert finding.after
    assert not finding.after.from_certain


def test_a_named_day_may_be_the_first_of_a_card_that_was_only_announced() -> None:
    begun = date(2026, 11, 1)
    card = serverless("0.95", "0.16", "4.00", effective_from=begun, verified_on=date(2026, 10, 20))
    said = row(SERVERLESS, "1.10", "0.16", "4.00", effective_from=begun)
    assert the_finding(judged(page_says(said), card=card)).on == begun
    seen = serverless("0.95", "0.16", "4.00", effective_from=begun, verified_on=begun)
    assert the_finding(judged(page_says(said), card=seen)).on == TODAY


def test_a_named_day_before_the_end_of_the_last_card_is_not_the_day_of_a_return() -> None:
    gone = serverless("0.95", "0.16", "4.00", **ended(date(2026, 9, 25)))
    for named, on in ((date(2026, 9, 25), TODAY), (date(2026, 9, 26), date(2026, 9, 26))):
        said = page_says(replace(KIMI_ROW, effective_from=named))
        assert the_finding(judged(said, card=gone)).on == on


def test_a_training_rate_that_is_not_given_stays_and_one_that_moves_is_a_change() -> None:
    card = tinker_card(WINDOW, "5.00", train_usd_per_mtok=Decimal(15))
    kept = the_finding(judged(tinker_says(row(TINKER, "6", None, "6")), card=card)).after
    assert isinstance(kept, TinkerCard)
    assert kept.train_usd_per_mtok == Decimal(15)
    moved = the_finding(judged(tinker_says(row(TINKER, "5", None, "5", "16")), card=card))
    assert moved.differences == (RateDifference(RateName.TRAIN, Decimal(15), Decimal(16)),)


@pytest.mark.parametrize("cached", ["1", "0.01"])
def test_a_cached_rate_that_is_new_is_taken_from_a_hundredth_up_to_the_input_rate(
    cached: str,
) -> None:
    card = serverless("1", None, "4")
    finding = the_finding(judged(page_says(row(SERVERLESS, "1", cached, "4")), card=card))
    assert finding.status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("cached", "reason"),
    [
        ("0", "cached input is new, and said to cost nothing"),
        ("0.0099", "cached input is new, and $0.0099 is less than a hundredth of input at $1.00"),
    ],
)
def test_a_cached_rate_that_is_new_and_almost_free_waits(cached: str, reason: str) -> None:
    card = serverless("1", None, "4")
    finding = the_finding(judged(page_says(row(SERVERLESS, "1", cached, "4")), card=card))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.OVER_THREEFOLD)
    assert finding.reason == reason


def test_two_sources_with_one_change_give_one_finding_of_the_first() -> None:
    said = row(SERVERLESS, "1.10", "0.16", "4.00")
    for readings in permutations([page_says(said), api_says(said), feed_says(said)]):
        judgement = judged(*readings)
        assert the_finding(judgement).source is SourceId.FIREWORKS_SERVERLESS


# More than threefold


@pytest.mark.parametrize(("before", "after"), [("1.00", "3.00"), ("3.00", "1.00"), ("2", "5.99")])
def test_threefold_and_no_more_is_taken(before: str, after: str) -> None:
    card = serverless(before, None, "4")
    finding = the_finding(judged(page_says(row(SERVERLESS, after, None, "4")), card=card))
    assert finding.status is Status.IN_FORCE


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("1.00", "3.0001", "input rises from $1.00 to $3.0001, more than threefold"),
        ("3.0001", "1.00", "input falls from $3.0001 to $1.00, more than threefold"),
        ("3", "30", "input rises from $3.00 to $30.00, more than threefold"),
        ("0", "0.01", "input rises from $0.00 to $0.01, more than threefold"),
        ("0.01", "0", "input falls from $0.01 to $0.00, more than threefold"),
    ],
)
def test_more_than_threefold_waits_and_so_does_anything_from_or_to_nothing(
    before: str, after: str, reason: str
) -> None:
    card = serverless(before, None, "4")
    finding = the_finding(judged(page_says(row(SERVERLESS, after, None, "4")), card=card))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.OVER_THREEFOLD)
    assert finding.reason == reason


def test_any_rate_counts_for_the_bound() -> None:
    cached = the_finding(judged(page_says(row(SERVERLESS, "0.95", "0.04", "4.00"))))
    assert cached.reason == "cached input falls from $0.16 to $0.04, more than threefold"
    output = the_finding(judged(page_says(row(SERVERLESS, "0.95", "0.16", "40"))))
    assert output.reason == "output rises from $4.00 to $40.00, more than threefold"
    card = tinker_card(WINDOW, "5", train_usd_per_mtok=Decimal(15))
    train = the_finding(judged(tinker_says(row(TINKER, "5", None, "5", "46")), card=card))
    assert train.reason == "training rises from $15.00 to $46.00, more than threefold"
    gpu = the_finding(judged(gpu_page_says(row(GPU, "46")), card=gpu_card("15")))
    assert gpu.reason == "the GPU-hour rises from $15.00 to $46.00, more than threefold"


def test_free_that_stays_free_is_no_change() -> None:
    card = serverless("0", None, "4")
    judgement = judged(page_says(row(SERVERLESS, "0", None, "4")), card=card)
    assert judgement == Judgement(confirmed=(SERVERLESS,))


# Other reasons to wait


def test_a_row_that_contradicts_itself_waits_before_all_else() -> None:
    said = row(SERVERLESS, "95", None, "4.00", doubt="it says both yes and no")
    finding = the_finding(judged(page_says(said), api_says(KIMI_ROW)))
    assert (finding.hold, finding.reason) == (Hold.CONTRADICTS_ITSELF, "it says both yes and no")


def test_a_cached_rate_above_the_input_rate_contradicts_itself() -> None:
    card = serverless("1", None, "4")
    finding = the_finding(judged(page_says(row(SERVERLESS, "1", "1.01", "4")), card=card))
    assert finding.hold is Hold.CONTRADICTS_ITSELF
    assert finding.reason == "cached input at $1.01 costs more than input at $1.00"


def test_a_cached_rate_that_is_no_longer_there_waits() -> None:
    finding = the_finding(judged(page_says(row(SERVERLESS, "0.95", None, "4.00"))))
    assert finding.hold is Hold.CACHED_RATE_LOST
    assert finding.reason == "the cached rate of $0.16 is no longer listed"


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (("1.50", "0.60", "4.00"), ("4.00", "0.60", "1.50"), "input and output"),
        (("1.50", "1.40", "2.00"), ("2.00", "1.50", "1.40"), "input and cached input and output"),
        (("1.50", None, "4.00"), ("4.00", None, "1.50"), "input and output"),
    ],
)
def test_rates_that_have_changed_places_wait_though_none_moves_threefold(
    was: tuple[str | None, ...], now: tuple[str | None, ...], words: str
) -> None:
    finding = the_finding(judged(page_says(row(SERVERLESS, *now)), card=serverless(*was)))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.CONTRADICTS_ITSELF)
    assert finding.reason == f"{words} have exchanged their rates"


def test_output_and_training_that_have_changed_places_wait() -> None:
    card = tinker_card(
        WINDOW, "2", output_usd_per_mtok=Decimal("5.49"), train_usd_per_mtok=Decimal("4.84")
    )
    finding = the_finding(judged(tinker_says(row(TINKER, "2", "?", "4.84", "5.49")), card=card))
    assert finding.reason == "output and training have exchanged their rates"


def test_one_rate_that_comes_to_equal_another_has_not_changed_places() -> None:
    said = page_says(row(SERVERLESS, "1.50", "0.60", "1.50"))
    finding = the_finding(judged(said, card=serverless("1.50", "0.60", "4.00")))
    assert finding.status is Status.IN_FORCE


@pytest.mark.parametrize(("since", "held"), [(0, False), (1, False), (2, True)])
def test_a_rate_that_is_said_to_hold_since_before_another_was_seen_waits(
    since: int, held: bool
) -> None:
    # The columns of a page with dated prices, read the wrong way round, give the price that was.
    card = gpu_card("15", effective_from=TODAY - 30 * DAY, verified_on=TODAY - DAY)
    said = row(GPU, "12", effective_from=TODAY - since * DAY)
    finding = the_finding(judged(gpu_page_says(said), card=card))
    assert finding.hold is (Hold.CONTRADICTS_ITSELF if held else None)
    if held:
        assert (
            finding.reason
            == "it is said to hold since 2026-10-31, yet another rate was seen on 2026-11-01"
        )


def test_dated_columns_that_were_left_standing_turn_no_rate_back() -> None:
    # "up to Jul 31 | from Aug 1" of 2026: from 2027-01-31 on the nearest August 1 is the next one.
    page = gpu_page(
        [gpu_card("12")], form="dated", coming=[gpu_card("14", effective_from=date(2026, 8, 1))]
    )
    before = gpu_card("12", **ended(date(2026, 7, 31), Ended.REPLACED))
    seen = date(2027, 1, 14)
    book = book_of(before, gpu_card("14", effective_from=date(2026, 8, 1), verified_on=seen))
    for days in range(1, 370):
        on = seen + days * DAY
        listing = SOURCES[SourceId.FIREWORKS_GPU].parse(page, catalogue=load_catalogue(), on=on)
        findings = judge([gpu_page_says(*listing.rates)], book=book, on=on).findings
        wrong = date(2027, 1, 31) <= on < date(2027, 8, 1)
        assert [finding.hold for finding in findings] == [Hold.CONTRADICTS_ITSELF] * wrong, on
        assert all("said to begin on 20" in finding.reason for finding in findings)


def test_a_discount_that_was_announced_with_its_end_waits_too() -> None:
    said = row(GPU, "10"), row(GPU, "12", effective_from=TOMORROW)
    finding = the_finding(judged(gpu_page_says(*said), card=gpu_card("12")))
    assert (finding.hold, finding.differences) == (
        Hold.CONTRADICTS_ITSELF,
        (RateDifference(RateName.GPU_HOUR, Decimal(12), Decimal(10)),),
    )


def test_two_sources_that_disagree_both_wait() -> None:
    judgement = judged(
        page_says(row(SERVERLESS, "1.10", "0.16", "4.00")),
        api_says(row(SERVERLESS, "1.20", "0.16", "4.00")),
    )
    assert [finding.hold for finding in judgement.findings] == [Hold.SOURCES_DISAGREE] * 2
    assert judgement.findings[0].reason == (
        "Fireworks' serverless pricing page says input is $1.10, "
        "Fireworks' serverless models API says input is $1.20"
    )


def test_a_change_waits_while_another_official_source_still_shows_the_card() -> None:
    judgement = judged(page_says(KIMI_ROW), api_says(row(SERVERLESS, "1.10", "0.16", "4.00")))
    assert the_finding(judgement).hold is Hold.SOURCES_DISAGREE
    assert judgement.confirmed == (SERVERLESS,)


RAISED = row(SERVERLESS, "1.10", "0.16", "4.00")
LAST = replace(KIMI_ROW, last_day=TODAY - DAY)
UNREAD = (SourceId.FIREWORKS_MODELS,)


@pytest.mark.parametrize("said", [RAISED, row(SERVERLESS, "95", "0.16", "4.00"), LAST])
def test_what_two_sources_disagree_on_stays_held_while_one_of_them_cannot_be_read(
    said: ListedRates,
) -> None:
    card = replace_day(KIMI, TODAY - 2 * DAY)
    disputed = the_finding(judged(page_says(said), api_says(KIMI_ROW), card=card))
    assert disputed.hold is Hold.SOURCES_DISAGREE
    known = {"waiting": [disputed.fingerprint], "unread": UNREAD}
    still = the_finding(judged(page_says(said), card=card, on=TODAY + DAY, **known))
    assert (still.status, still.hold) == (Status.QUARANTINED, Hold.SOURCES_DISAGREE)
    assert still.fingerprint == disputed.fingerprint
    assert still.reason == (
        "Fireworks' serverless models API said something else, and could not be read this time"
    )
    turned_down = {"rejected": [disputed.fingerprint], "unread": UNREAD}
    assert judged(page_says(said), card=card, on=TODAY + DAY, **turned_down).findings == ()


def test_what_was_in_dispute_is_taken_once_both_sources_say_it_or_the_other_is_not_asked() -> None:
    disputed = the_finding(judged(page_says(RAISED), api_says(KIMI_ROW)))
    waiting = [disputed.fingerprint]
    agreed = judged(page_says(RAISED), api_says(RAISED), waiting=waiting)
    assert the_finding(agreed).status is Status.IN_FORCE
    assert the_finding(judged(page_says(RAISED), waiting=waiting)).status is Status.IN_FORCE


def test_what_was_never_in_dispute_is_taken_whatever_cannot_be_read() -> None:
    disputed = the_finding(judged(page_says(RAISED), api_says(KIMI_ROW)))
    known = {"waiting": [disputed.fingerprint], "unread": UNREAD}
    other = judged(page_says(row(SERVERLESS, "1.05", "0.16", "4.00")), **known)
    assert the_finding(other).status is Status.IN_FORCE
    elsewhere = judged(
        page_says(RAISED),
        waiting=[disputed.fingerprint],
        unread=[SourceId.TINKER_MODELS, SourceId.GENAI_PRICES],
    )
    assert the_finding(elsewhere).status is Status.IN_FORCE


def test_a_page_that_lost_most_of_its_rows_settles_no_dispute() -> None:
    cards = [tinker_card(WINDOW, "4", model=f"model-{n}") for n in range(5)]
    new = [listed(cards[0], rates={**listed_rates_of(cards[0]), RateName.INPUT: Decimal(5)})]
    says = tinker_says(*new, *map(listed, cards[1:]))
    disputed = the_finding(
        judge([says, tinker_page_says(*map(listed, cards))], book=book_of(*cards), on=TODAY)
    )
    still = judge(
        [says, tinker_page_says()],
        book=book_of(*cards),
        waiting=[disputed.fingerprint],
        on=TODAY + DAY,
    )
    assert [source for source, _ in still.faults] == [SourceId.TINKER_PRICING]
    assert the_finding(still).fingerprint == disputed.fingerprint


def test_disagreement_counts_before_the_bound() -> None:
    judgement = judged(page_says(KIMI_ROW), api_says(row(SERVERLESS, "95", "0.16", "4.00")))
    assert the_finding(judgement).hold is Hold.SOURCES_DISAGREE


def test_a_rate_that_one_of_two_sources_does_not_give_is_no_disagreement() -> None:
    card = tinker_card(WINDOW, "5.00")
    judgement = judged(
        tinker_says(row(TINKER, "6", None, "6", "16")),
        tinker_page_says(row(TINKER, "6", "?", "6")),
        card=card,
    )
    finding = the_finding(judgement)
    assert (finding.status, finding.source) == (Status.IN_FORCE, SourceId.TINKER_MODELS)


def test_a_feed_that_disagrees_holds_nothing() -> None:
    judgement = judged(page_says(row(SERVERLESS, "1.10", "0.16", "4.00")), feed_says(KIMI_ROW))
    assert the_finding(judgement).status is Status.IN_FORCE


def test_figures_that_differ_by_rounding_do_not_disagree() -> None:
    card = serverless("1.40", "0.14", "4.40")
    judgement = judged(
        page_says(row(SERVERLESS, "1.75", "0.18", "5.50")),
        api_says(row(SERVERLESS, "1.75", "0.175", "5.50")),
        card=card,
    )
    finding = the_finding(judgement)
    assert finding.status is Status.IN_FORCE
    assert listed_rates_of(finding.after or card)[RateName.CACHED_INPUT] == Decimal("0.18")


def test_a_card_in_force_is_not_moved_to_and_fro_between_two_roundings() -> None:
    card = serverless("1.75", "0.18", "5.50")
    page, api = row(SERVERLESS, "1.75", "0.18", "5.50"), row(SERVERLESS, "1.75", "0.175", "5.50")
    assert judged(page_says(page), api_says(api), card=card).findings == ()
    fine = serverless("1.75", "0.175", "5.50")
    assert judged(page_says(page), api_says(api), card=fine).findings == ()


@pytest.mark.parametrize("usd", ["0.174", "0.19", "0.17"])
def test_more_than_half_of_the_last_digit_is_no_rounding(usd: str) -> None:
    card = serverless("1.75", "0.18", "5.50")
    judgement = judged(
        page_says(listed(card)), api_says(row(SERVERLESS, "1.75", usd, "5.50")), card=card
    )
    assert the_finding(judgement).hold is Hold.SOURCES_DISAGREE


# Keys that are new, or were gone


def test_a_key_that_never_had_a_rate_waits() -> None:
    finding = the_finding(judged(page_says(KIMI_ROW), card=None))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.FIRST_RATE)
    assert finding.before is None
    assert finding.reason == "it never had a rate before, and no feed confirms this one"


def test_a_first_rate_that_a_feed_has_too_is_taken() -> None:
    finding = the_finding(judged(page_says(KIMI_ROW), feed_says(KIMI_ROW), card=None))
    assert (finding.status, finding.hold) == (Status.IN_FORCE, None)
    assert finding.reason == "confirmed by genai-prices"
    assert finding.source is SourceId.FIREWORKS_SERVERLESS
    assert finding.after
    assert not finding.after.feed_only


@pytest.mark.parametrize(
    "feed",
    [
        row(SERVERLESS, "0.95", "0.17", "4.00"),
        row(SERVERLESS, "0.95", None, "4.00"),
        row(SERVERLESS, "0.95", "0.16", "4.00", doubt="tiered"),
        row(CardKey(CardPath.SERVERLESS_STANDARD, "kimi-k3"), "0.95", "0.16", "4.00"),
    ],
)
def test_a_feed_with_anything_else_confirms_no_first_rate(feed: ListedRates) -> None:
    judgement = judged(page_says(KIMI_ROW), feed_says(feed), card=None)
    assert the_finding(judgement).hold is Hold.FIRST_RATE


def test_a_second_official_source_is_no_feed() -> None:
    judgement = judged(page_says(KIMI_ROW), api_says(KIMI_ROW), card=None)
    assert the_finding(judgement).hold is Hold.FIRST_RATE


def test_a_feed_alone_never_makes_a_finding() -> None:
    assert judged(feed_says(KIMI_ROW), card=None) == Judgement()


@pytest.mark.parametrize("why", [Ended.RETIRED, Ended.UNKNOWN])
def test_a_key_that_is_back_again_waits_even_where_a_feed_has_it(why: Ended) -> None:
    gone = serverless("0.95", "0.16", "4.00", **ended(date(2026, 9, 25), why))
    finding = the_finding(judged(page_says(KIMI_ROW), feed_says(KIMI_ROW), card=gone))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.BACK_AGAIN)
    assert finding.reason == "its rates ended on 2026-09-25"
    assert (finding.before, finding.on) == (None, TODAY)


def test_a_key_that_is_gone_waits() -> None:
    judgement = judged(page_says())
    finding = the_finding(judgement)
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.GONE)
    assert (finding.on, finding.before, finding.after) == (TODAY, KIMI, None)
    assert finding.reason == (
        "no longer on Fireworks' serverless pricing page, and no end was announced"
    )
    assert judgement.confirmed == ()


def test_a_key_that_another_official_source_lists_is_not_gone() -> None:
    assert judged(page_says(), api_says(KIMI_ROW)) == Judgement(confirmed=(SERVERLESS,))
    card = tinker_card(WINDOW, "5")
    judgement = judged(tinker_says(), tinker_page_says(listed(card)), card=card)
    assert judgement == Judgement(confirmed=(TINKER,))


def test_a_feed_that_lists_it_does_not_keep_a_key() -> None:
    judgement = judged(page_says(), feed_says(KIMI_ROW))
    assert the_finding(judgement).hold is Hold.GONE
    assert judgement.confirmed == ()


def test_a_source_that_does_not_list_all_retires_nothing() -> None:
    assert judged(api_says()) == Judgement()


def test_a_key_that_goes_before_its_announced_end_is_not_asked_about() -> None:
    ending = Change(key=SERVERLESS, on=TODAY + 2 * DAY, card=None, seen_on=TODAY - 5 * DAY)
    assert judged(page_says(), announced=[ending]) == Judgement()
    known = serverless("0.95", "0.16", "4.00", **ended(TODAY + DAY))
    assert judged(page_says(), card=known) == Judgement()


def test_a_key_that_goes_before_an_announced_rate_is_asked_about() -> None:
    known = serverless("0.95", "0.16", "4.00", **ended(TODAY + DAY, Ended.REPLACED))
    assert the_finding(judged(page_says(), card=known)).hold is Hold.GONE


# What is to come


TOMORROW = TODAY + DAY
COMING_ROW = row(SERVERLESS, "1.10", "0.16", "4.00", effective_from=TOMORROW)
COMING = serverless(
    "1.10",
    "0.16",
    "4.00",
    effective_from=TOMORROW,
    source_url="https://docs.fireworks.ai/serverless/pricing.md",
)


def coming(card: AnyCard | None = COMING, **fields: Any) -> Change:
    given = {"key": SERVERLESS, "on": TOMORROW, "card": card, "seen_on": TODAY - 5 * DAY}
    return Change(**given | fields)


def test_a_rate_of_a_day_to_come_is_pending_and_the_card_in_force_confirmed() -> None:
    judgement = judged(page_says(KIMI_ROW, COMING_ROW))
    finding = the_finding(judgement)
    assert (finding.status, finding.on, finding.before) == (Status.PENDING, TOMORROW, KIMI)
    assert finding.after
    assert finding.after.effective_from == TOMORROW
    assert finding.after.from_certain
    assert judgement.confirmed == (SERVERLESS,)


def test_a_rate_from_today_on_is_in_force() -> None:
    said = replace(COMING_ROW, effective_from=TODAY)
    assert the_finding(judged(page_says(said))).status is Status.IN_FORCE


def test_a_known_announcement_is_not_found_again() -> None:
    expected = Judgement(confirmed=(SERVERLESS,))
    assert judged(page_says(KIMI_ROW, COMING_ROW), announced=[coming()]) == expected
    with_it = with_changes(book_of(KIMI), [coming()])
    assert judged(page_says(KIMI_ROW, COMING_ROW), book=with_it, announced=[coming()]) == expected
    packaged = book_of(serverless("0.95", "0.16", "4.00", **ended(TODAY, Ended.REPLACED)), COMING)
    assert judged(page_says(KIMI_ROW, COMING_ROW), book=packaged) == expected


def test_an_announcement_of_other_rates_replaces_the_known_one() -> None:
    other = row(SERVERLESS, "1.20", "0.16", "4.00", effective_from=TOMORROW)
    judgement = judged(page_says(KIMI_ROW, other), announced=[coming()])
    assert the_finding(judgement).status is Status.PENDING
    assert judgement.withdrawn == (coming(),)


def test_an_announcement_for_another_day_replaces_the_known_one() -> None:
    other = replace(COMING_ROW, effective_from=TOMORROW + DAY)
    judgement = judged(page_says(KIMI_ROW, other), announced=[coming()])
    assert the_finding(judgement).on == TOMORROW + DAY
    assert judgement.withdrawn == (coming(),)


def test_an_announcement_is_held_to_the_same_bounds() -> None:
    tenfold = row(SERVERLESS, "9.50", "0.16", "4.00", effective_from=TOMORROW)
    finding = the_finding(judged(page_says(KIMI_ROW, tenfold)))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.OVER_THREEFOLD)
    assert finding.on == TOMORROW


def test_a_rate_to_come_is_not_measured_by_one_that_waits() -> None:
    now = row(SERVERLESS, "9.50", "0.16", "4.00")
    later = row(SERVERLESS, "9.60", "0.16", "4.00", effective_from=TOMORROW)
    judgement = judged(page_says(now, later))
    assert [finding.status for finding in judgement.findings] == [Status.QUARANTINED] * 2
    assert [finding.before for finding in judgement.findings] == [KIMI, KIMI]


def test_two_sources_with_other_days_to_come_wait() -> None:
    other = replace(COMING_ROW, effective_from=TOMORROW + DAY)
    finding = judged(page_says(KIMI_ROW, COMING_ROW), api_says(KIMI_ROW, other)).findings[0]
    assert finding.hold is Hold.SOURCES_DISAGREE
    assert finding.reason.endswith("API says from 2026-11-04")


def test_an_announcement_that_is_no_longer_made_is_withdrawn() -> None:
    judgement = judged(page_says(KIMI_ROW), announced=[coming()])
    assert judgement == Judgement(confirmed=(SERVERLESS,), withdrawn=(coming(),))


def test_an_announcement_stands_while_any_official_source_makes_it() -> None:
    judgement = judged(page_says(KIMI_ROW), api_says(KIMI_ROW, COMING_ROW), announced=[coming()])
    assert judgement.withdrawn == ()


def test_an_announcement_stands_while_its_source_is_not_read() -> None:
    assert judged(gpu_page_says(), announced=[coming()]).withdrawn == ()
    assert judged(api_says(KIMI_ROW), announced=[coming()]).withdrawn == ()
    ending = coming(None, source=SourceId.FIREWORKS_MODELS)
    assert judged(page_says(KIMI_ROW), announced=[ending]).withdrawn == ()


def test_rates_that_came_early_do_not_withdraw_the_announcement() -> None:
    early = row(SERVERLESS, "1.10", "0.16", "4.00")
    judgement = judged(page_says(early), announced=[coming()])
    assert the_finding(judgement).status is Status.IN_FORCE
    assert judgement.withdrawn == ()
    in_force = serverless("1.10", "0.16", "4.00")
    assert judged(page_says(early), card=in_force, announced=[coming()]).withdrawn == ()


# Ends


def test_an_announced_last_day_is_a_pending_end_of_the_day_after() -> None:
    for last_day in (TODAY, TODAY + 10 * DAY):
        judgement = judged(page_says(replace(KIMI_ROW, last_day=last_day)))
        finding = the_finding(judgement)
        assert (finding.status, finding.hold) == (Status.PENDING, None)
        assert (finding.on, finding.before, finding.after) == (last_day + DAY, KIMI, None)
        assert judgement.confirmed == (SERVERLESS,)


def test_a_known_end_is_not_found_again() -> None:
    said = page_says(replace(KIMI_ROW, last_day=TODAY))
    expected = Judgement(confirmed=(SERVERLESS,))
    assert judged(said, announced=[coming(None)]) == expected
    assert (
        judged(said, book=with_changes(book_of(KIMI), [coming(None)]), announced=[coming(None)])
        == expected
    )
    assert judged(said, card=serverless("0.95", "0.16", "4.00", **ended(TODAY))) == expected


def test_an_end_of_the_package_is_not_moved() -> None:
    known = serverless("0.95", "0.16", "4.00", **ended(TODAY + 3 * DAY))
    assert judged(page_says(replace(KIMI_ROW, last_day=TODAY)), card=known).findings == ()


def test_an_announced_end_that_moves_is_withdrawn_and_found_anew() -> None:
    later = page_says(replace(KIMI_ROW, last_day=TODAY + 7 * DAY))
    book = with_changes(book_of(KIMI), [coming(None)])
    judgement = judged(later, book=book, announced=[coming(None)])
    assert the_finding(judgement).on == TODAY + 8 * DAY
    assert judgement.withdrawn == (coming(None),)


def test_an_announced_end_whose_note_is_gone_is_withdrawn() -> None:
    judgement = judged(page_says(KIMI_ROW), announced=[coming(None)])
    assert judgement.withdrawn == (coming(None),)


def test_a_last_day_that_has_passed_ends_the_card_in_force() -> None:
    card = serverless("0.95", "0.16", "4.00", verified_on=TODAY - 3 * DAY)
    said = page_says(replace(KIMI_ROW, last_day=TODAY - DAY))
    judgement = judged(said, card=card)
    finding = the_finding(judgement)
    assert (finding.status, finding.hold, finding.after) == (Status.IN_FORCE, None, None)
    assert finding.on == TODAY
    assert judgement.confirmed == ()


def test_a_last_day_before_the_card_was_last_seen_contradicts_itself() -> None:
    card = serverless("0.95", "0.16", "4.00", verified_on=TODAY - DAY)
    judgement = judged(page_says(replace(KIMI_ROW, last_day=TODAY - 2 * DAY)), card=card)
    assert the_finding(judgement).hold is Hold.CONTRADICTS_ITSELF


def test_a_row_that_ends_before_it_begins_contradicts_itself() -> None:
    said = replace(COMING_ROW, last_day=TODAY - DAY)
    card = serverless("0.95", "0.16", "4.00", verified_on=TODAY - 9 * DAY)
    findings = judged(page_says(said), card=card).findings
    assert {finding.hold for finding in findings} == {Hold.CONTRADICTS_ITSELF}
    assert findings[0].reason == "it ends on 2026-11-01, before it begins on 2026-11-03"


def test_a_row_that_is_over_brings_nothing_back() -> None:
    gone = serverless("0.95", "0.16", "4.00", **ended(TODAY - 9 * DAY))
    assert judged(page_says(replace(KIMI_ROW, last_day=TODAY - 9 * DAY)), card=gone) == Judgement()


def test_a_last_day_that_a_following_row_takes_up_is_no_end() -> None:
    until = replace(KIMI_ROW, last_day=TODAY)
    finding = the_finding(judged(page_says(until, COMING_ROW)))
    assert (finding.status, finding.after is None) == (Status.PENDING, False)


def test_two_sources_with_other_last_days_wait() -> None:
    judgement = judged(
        page_says(replace(KIMI_ROW, last_day=TODAY)),
        api_says(replace(KIMI_ROW, last_day=TODAY + DAY)),
    )
    assert {finding.hold for finding in judgement.findings} == {Hold.SOURCES_DISAGREE}


def test_a_doubtful_row_ends_nothing_by_itself() -> None:
    said = replace(KIMI_ROW, last_day=TODAY, doubt="which July?")
    finding = the_finding(judged(page_says(said)))
    assert (finding.status, finding.hold) == (Status.QUARANTINED, Hold.CONTRADICTS_ITSELF)


# Pages that lost rows


def models(count: int) -> list[AnyCard]:
    return [serverless_card("1", model=f"model-{number:02}") for number in range(count)]


@pytest.mark.parametrize(("held", "left"), [(22, 10), (8, 3), (5, 1), (4, 0)])
def test_a_page_that_lacks_more_than_half_of_its_rows_is_at_fault(held: int, left: int) -> None:
    cards = models(held)
    moved = row(cards[0].key, "2", None, "2")
    said = page_says(*([moved, *map(listed, cards[1:left])] if left else []))
    judgement = judge([said], book=book_of(*cards), on=TODAY)
    ((source, fault),) = judgement.faults
    assert (source, fault.code) == (SourceId.FIREWORKS_SERVERLESS, FaultCode.ROWS)
    assert fault.text == (
        f"Fireworks' serverless pricing page lists {left} of the {held} rates in force"
    )
    assert (judgement.findings, judgement.confirmed, judgement.withdrawn) == ((), (), ())


@pytest.mark.parametrize(("held", "left"), [(22, 11), (8, 4), (4, 1), (3, 0)])
def test_a_page_that_lacks_half_of_its_rows_or_fewer_than_four_is_believed(
    held: int, left: int
) -> None:
    cards = models(held)
    judgement = judge([page_says(*map(listed, cards[:left]))], book=book_of(*cards), on=TODAY)
    assert judgement.faults == ()
    assert len(judgement.confirmed) == left
    assert [finding.hold for finding in judgement.findings] == [Hold.GONE] * (held - left)


def test_a_page_at_fault_withdraws_nothing_and_contradicts_nobody() -> None:
    cards = [KIMI, *models(8)]
    wrong = row(SERVERLESS, "9", "0.16", "4.00")
    judgement = judge(
        [page_says(wrong), api_says(row(SERVERLESS, "1.10", "0.16", "4.00"))],
        book=book_of(*cards),
        announced=[coming()],
        on=TODAY,
    )
    assert [source for source, _ in judgement.faults] == [SourceId.FIREWORKS_SERVERLESS]
    assert the_finding(judgement).status is Status.IN_FORCE
    assert judgement.withdrawn == ()


# Feeds


def test_a_feed_with_the_card_s_rates_corroborates() -> None:
    assert judged(feed_says(KIMI_ROW)) == Judgement(corroborated=(SERVERLESS,))


def test_a_feed_with_other_rates_raises_a_flag_for_each_and_decides_nothing() -> None:
    judgement = judged(feed_says(row(SERVERLESS, "9.50", None, "4.00")))
    flags = [
        Flag(
            key=SERVERLESS,
            rate=rate,
            card_usd=Decimal(usd),
            feed_usd=feed_usd,
            source=SourceId.GENAI_PRICES,
        )
        for rate, usd, feed_usd in [
            (RateName.INPUT, "0.95", Decimal("9.50")),
            (RateName.CACHED_INPUT, "0.16", None),
        ]
    ]
    assert judgement == Judgement(flags=tuple(flags))


def test_a_feed_that_agrees_with_the_rate_of_this_very_check_corroborates_it() -> None:
    moved = row(SERVERLESS, "1.20", "0.16", "4.00")
    judgement = judged(page_says(moved), feed_says(moved))
    assert the_finding(judgement).status is Status.IN_FORCE
    assert judgement.flags == ()
    assert judgement.corroborated == (SERVERLESS,)


def test_a_feed_that_lags_behind_the_rate_of_this_very_check_is_flagged_against_it() -> None:
    judgement = judged(page_says(row(SERVERLESS, "1.20", "0.16", "4.00")), feed_says(KIMI_ROW))
    assert the_finding(judgement).status is Status.IN_FORCE
    assert judgement.corroborated == ()
    assert judgement.flags == (
        Flag(
            key=SERVERLESS,
            rate=RateName.INPUT,
            card_usd=Decimal("1.20"),
            feed_usd=Decimal("0.95"),
            source=SourceId.GENAI_PRICES,
        ),
    )


def test_a_feed_is_compared_with_the_old_card_while_the_new_rate_is_held() -> None:
    tenfold = row(SERVERLESS, "9.50", "0.16", "4.00")
    judgement = judged(page_says(tenfold), feed_says(tenfold))
    assert the_finding(judgement).status is Status.QUARANTINED
    assert [(flag.card_usd, flag.feed_usd) for flag in judgement.flags] == [
        (Decimal("0.95"), Decimal("9.50"))
    ]
    assert judgement.corroborated == ()
    agreed = judged(page_says(tenfold), feed_says(KIMI_ROW))
    assert (agreed.flags, agreed.corroborated) == ((), (SERVERLESS,))


def test_a_feed_is_compared_with_the_card_of_today_while_another_is_announced() -> None:
    coming = row(SERVERLESS, "1.20", "0.16", "4.00", effective_from=TODAY + DAY)
    judgement = judged(page_says(KIMI_ROW, coming), feed_says(KIMI_ROW))
    assert the_finding(judgement).status is Status.PENDING
    assert (judgement.flags, judgement.corroborated) == ((), (SERVERLESS,))


def test_a_feed_is_not_compared_with_a_card_that_ends_by_this_very_check() -> None:
    over = row(SERVERLESS, "0.95", "0.16", "4.00", last_day=TODAY - DAY)
    judgement = judged(
        page_says(over),
        feed_says(row(SERVERLESS, "9.50", "0.16", "4.00")),
        card=serverless("0.95", "0.16", "4.00", verified_on=TODAY - 2 * DAY),
    )
    assert (the_finding(judgement).status, the_finding(judgement).after) == (Status.IN_FORCE, None)
    assert (judgement.flags, judgement.corroborated) == ((), ())


# What a person decided, and order


def test_a_claim_that_was_turned_down_is_not_raised_again() -> None:
    said = page_says(row(SERVERLESS, "9.50", "0.16", "4.00"))
    rejected = {the_finding(judged(said)).fingerprint}
    assert judged(said, rejected=rejected).findings == ()
    assert judged(said, rejected=rejected, on=TODAY + 30 * DAY).findings == ()
    other = page_says(row(SERVERLESS, "9.60", "0.16", "4.00"))
    assert len(judged(other, rejected=rejected).findings) == 1


def test_what_was_turned_down_while_two_sources_disagreed_is_raised_when_both_say_it() -> None:
    card = tinker_card(WINDOW, "5")
    said, old = row(TINKER, "20", "?", "20"), listed(card)
    alone = judged(tinker_says(said), tinker_page_says(old), card=card)
    assert the_finding(alone).hold is Hold.SOURCES_DISAGREE
    rejected = {the_finding(alone).fingerprint}
    again = judged(tinker_says(said), tinker_page_says(old), card=card, rejected=rejected)
    assert again.findings == ()
    both = judged(tinker_says(said), tinker_page_says(said), card=card, rejected=rejected)
    assert the_finding(both).hold is Hold.OVER_THREEFOLD


def test_the_same_claim_has_the_same_fingerprint_however_its_figures_are_written() -> None:
    one, two = (
        the_finding(judged(page_says(row(SERVERLESS, usd, "0.16", "4.00")))).fingerprint
        for usd in ("1.1", "1.100")
    )
    assert one == two


def test_findings_stand_in_the_order_of_sources_then_of_the_page_and_the_gone_come_last() -> None:
    short = tinker_card(32_768, "1")
    cards = [short, *models(6), gpu_card("12")]
    rows = [row(card.key, "2", None, "2") for card in (cards[5], cards[2], cards[4])]
    readings = [
        gpu_page_says(row(GPU, "13")),
        page_says(*rows),
        tinker_says(row(short.key, "2", None, "2")),
    ]
    expected = ["kimi-k2p6", "model-04", "model-01", "model-03", "B300_288GB"]
    for order in permutations(readings):
        findings = judge(order, book=book_of(*cards), on=TODAY).findings
        assert [finding.key.item for finding in findings] == [
            *expected,
            "model-00",
            "model-02",
            "model-05",
        ]


# The year 2026, from the cards of the package


@pytest.fixture(scope="module")
def shipped() -> RateBook:
    return load_book(load_catalogue())


def known_before(book: RateBook, day: date) -> RateBook:
    """The cards as they stood the evening before a day, with no knowledge of what was to come."""
    cards = []
    for card in book:
        if card.effective_from >= day:
            continue
        changes: dict[str, Any] = {"verified_on": min(card.verified_on, day - DAY)}
        if card.effective_to and card.effective_to >= day - DAY:
            changes |= {"effective_to": None, "ended": None}
        cards.append(card.model_copy(update=changes))
    return book_of(*cards)


def holding(cards: Iterable[AnyCard], day: date) -> list[AnyCard]:
    return [card for card in cards if card.holds_on(day)]


def test_tinker_s_rise_of_july_is_in_force_in_one_go(shipped: RateBook) -> None:
    day = date(2026, 7, 17)
    before = known_before(shipped, day)
    now = holding(shipped.tinker.cards, day)
    judgement = judge([tinker_says(*map(listed, now))], book=before, on=day)
    risen = [finding for finding in judgement.findings if finding.before and finding.after]
    assert judgement.faults == ()
    assert len(risen) == 20  # the cards of the package that begin that day and follow another
    assert {finding.status for finding in risen} == {Status.IN_FORCE}
    assert {finding.on for finding in risen} == {day}
    kimi = next(finding for finding in risen if finding.key == TINKER)
    assert kimi.differences == (RateDifference(RateName.CACHED_INPUT, None, Decimal("1.03")),)


def test_fireworks_gpu_hours_of_september_are_pending_from_the_day_of_their_announcement(
    shipped: RateBook,
) -> None:
    seen, day = date(2026, 8, 12), date(2026, 9, 1)
    before = known_before(shipped, seen)
    now = holding(shipped.gpus.cards, seen)
    later = [listed(card, effective_from=day) for card in holding(shipped.gpus.cards, day)]
    judgement = judge([gpu_page_says(*map(listed, now), *later)], book=before, on=seen)
    assert [(f.key.item, f.on, f.status) for f in judgement.findings] == [
        (gpu, day, Status.PENDING)
        for gpu in ("H100_80GB", "H200_141GB", "B200_180GB", "B300_288GB", "GB300_288GB")
    ]
    (b300,) = (finding for finding in judgement.findings if finding.key == GPU)
    assert b300.differences == (RateDifference(RateName.GPU_HOUR, Decimal(12), Decimal(15)),)
    assert len(judgement.confirmed) == 5


def test_the_cheaper_deepseek_of_august_waits_since_its_cached_rate_fell_fourfold(
    shipped: RateBook,
) -> None:
    day = date(2026, 8, 25)
    before = known_before(shipped, day)
    now = holding(shipped.serverless.cards, day)
    judgement = judge([page_says(*map(listed, now))], book=before, on=day)
    assert [(f.key.item, f.status, f.reason) for f in judgement.findings] == [
        (
            "deepseek-v4-flash-0731",
            Status.QUARANTINED,
            "cached input falls from $0.028 to $0.007, more than threefold",
        ),
        (
            "deepseek-v4-flash-0731",
            Status.QUARANTINED,
            "cached input falls from $0.042 to $0.00875, more than threefold",
        ),
    ]


def test_the_seventeen_endings_of_september_wait_one_by_one_and_are_no_fault(
    shipped: RateBook,
) -> None:
    day = date(2026, 9, 26)
    before = known_before(shipped, day)
    now = holding(shipped.serverless.cards, day)
    judgement = judge([page_says(*map(listed, now))], book=before, on=day)
    assert judgement.faults == ()
    assert len(judgement.findings) == 17
    assert {(f.hold, f.on, f.after) for f in judgement.findings} == {(Hold.GONE, day, None)}
    assert set(judgement.confirmed) == {card.key for card in now}


# Properties

amounts = st.decimals(min_value=0, max_value=40, places=2) | st.sampled_from(
    [Decimal("1.00"), Decimal("3.00"), Decimal("0")]
)
KEYS = [CardKey(CardPath.SERVERLESS_STANDARD, f"model-{number}") for number in range(5)]
days = st.integers(-20, 20).map(lambda number: TODAY + number * DAY)


@st.composite
def rows(draw: st.DrawFn) -> list[ListedRates]:
    """One page: at most one row a key for now, and perhaps one to come."""
    found = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        for effective_from in draw(
            st.sampled_from([(None,), (TODAY + 5 * DAY,), (None, TODAY + 5 * DAY), (TODAY,)])
        ):
            rates = {
                RateName.INPUT: draw(amounts),
                RateName.CACHED_INPUT: draw(st.none() | amounts),
                RateName.OUTPUT: draw(amounts),
            }
            doubt = draw(st.sampled_from([None, None, None, "odd"]))
            found.append(
                ListedRates(
                    key=key, rates=rates, quote="", effective_from=effective_from, doubt=doubt
                )
            )
    if found and draw(st.booleans()):
        first = found[-1].effective_from or TODAY - 3 * DAY
        found[-1] = replace(found[-1], last_day=first + draw(st.integers(0, 9)) * DAY)
    return found


@st.composite
def books(draw: st.DrawFn) -> RateBook:
    cards = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        fields: dict[str, Any] = draw(
            st.sampled_from([{}, {}, {}, ended(TODAY - 9 * DAY), ended(TODAY + 9 * DAY)])
        )
        cards.append(
            serverless_card(
                str(draw(amounts)),
                model=key.item,
                cached_input_usd_per_mtok=draw(st.none() | amounts),
                output_usd_per_mtok=draw(amounts),
                verified_on=min(draw(days), fields.get("effective_to", TODAY), TODAY),
                **fields,
            )
        )
    return book_of(*cards)


def accepted(findings: Sequence[Finding]) -> list[Change]:
    return [
        Change(key=f.key, on=f.on, card=f.after, seen_on=TODAY, source=f.source) for f in findings
    ]


@given(rows(), rows(), rows(), books())
def test_no_finding_in_force_or_pending_moves_a_rate_more_than_threefold(
    page: list[ListedRates], api: list[ListedRates], feed: list[ListedRates], book: RateBook
) -> None:
    judgement = judge([page_says(*page), api_says(*api), feed_says(*feed)], book=book, on=TODAY)
    for finding in judgement.findings:
        if finding.status is Status.QUARANTINED:
            assert finding.hold
            assert finding.reason
            continue
        assert finding.hold is None
        for _, before, after in finding.differences:
            if before is not None and after is not None:
                assert max(before, after) <= 3 * min(before, after)


@given(books().filter(lambda book: any(True for _ in book)))
def test_a_page_tenfold_in_every_row_puts_nothing_in_force(book: RateBook) -> None:
    tenfold = [
        ListedRates(
            key=card.key,
            rates={
                name: None if usd is None else usd * 10
                for name, usd in listed_rates_of(card).items()
            },
            quote="",
        )
        for card in book
    ]
    later = [replace(row, effective_from=TODAY + DAY) for row in tenfold]
    judgement = judge([page_says(*tenfold, *later)], book=book, on=TODAY)
    assert {finding.status for finding in judgement.findings} <= {Status.QUARANTINED}


@given(rows(), books(), st.booleans())
def test_what_was_just_accepted_is_not_found_again(
    page: list[ListedRates], book: RateBook, approve: bool
) -> None:
    """Also where a person approves what waited; what still waits is found again as it was.

    Only an end may follow in the next check, where the key had no open card before that could end.
    """
    changes: list[Change] = []
    waiting: set[str] = set()
    for check in ("first", "second", "third"):
        judgement = judge(
            [page_says(*page)],
            book=with_changes(book, changes),
            announced=[change for change in changes if change.on > TODAY],
            on=TODAY,
        )
        new = [finding for finding in judgement.findings if finding.fingerprint not in waiting]
        assert judgement.withdrawn == ()
        assert check != "second" or all(finding.after is None for finding in new)
        assert check != "third" or new == []
        waiting |= {finding.fingerprint for finding in new if finding.hold and not approve}
        changes += accepted([finding for finding in new if finding.fingerprint not in waiting])

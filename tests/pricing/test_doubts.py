"""What quotes leave open: age, first days, disputes and windows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    HeldForReview,
    NotOffered,
    OnlyNamedCards,
    OverflowDiffers,
    ReplicasScaleLinearly,
    Retired,
    StaleRates,
    ThroughputUnusual,
    UncertainStart,
    WindowUnknown,
)
from engine.workload import Workload, count_tokens
from pricing.cards import CardKey, CardPath, HeldClaim, RateBook, load_book
from pricing.catalogue import GpuType, load_catalogue
from pricing.clusters import ClusterRequest, cluster_caveats, plan_cluster
from pricing.doubts import not_offered, rate_doubts, window_doubts
from pricing.quotes import Quote, quote_model
from tests.examples import DEFAULT_WORKLOAD, shape
from tests.pricing.books import book_of, ended, gpu_card, serverless_card

CATALOGUE = load_catalogue()
BOOK = load_book(CATALOGUE)
TODAY = date(2026, 11, 21)


def quotes(
    model: str = "kimi-k2p6",
    *,
    run: Workload = DEFAULT_WORKLOAD,
    book: RateBook = BOOK,
    on: date = TODAY,
) -> tuple[Quote, ...]:
    return quote_model(CATALOGUE.get(model), run, cluster=ClusterRequest(), book=book, on=on)


def doubts(found: tuple[Quote, ...], *, book: RateBook = BOOK, on: date = TODAY) -> list[Caveat]:
    return list(rate_doubts(found, book=book, on=on, today=TODAY))


def test_an_open_rate_is_stale_once_it_was_not_checked_for_over_30_days() -> None:
    def age(verified_on: date) -> list[Caveat]:
        book = book_of(gpu_card("15", verified_on=verified_on))
        return doubts(quotes(book=book), book=book)

    assert age(date(2026, 10, 22)) == []
    assert age(date(2026, 10, 21)) == [
        StaleRates(paths=(BillingPath.DEDICATED,), verified_on="2026-10-21", age_days=31)
    ]


def test_a_claim_that_waits_for_a_person_stands_beside_the_amount_of_its_card() -> None:
    says = (("gpu_hour", Decimal(150)),)
    claim = HeldClaim(
        key=CardKey(CardPath.DEDICATED, GpuType.B300_288GB),
        says=says,
        gone=False,
        since=TODAY,
        source="the page",
    )
    other = replace(claim, key=CardKey(CardPath.DEDICATED, GpuType.H100_80GB))
    book = book_of(gpu_card("15", verified_on=TODAY)).with_held([claim, other])
    assert doubts(quotes(book=book), book=book) == [
        HeldForReview(
            path=BillingPath.DEDICATED,
            says=says,
            gone=False,
            since="2026-11-21",
            source="the page",
        )
    ]


def test_a_book_of_named_cards_says_so_first() -> None:
    book = book_of(gpu_card("15", verified_on=date(2026, 10, 21)))
    named = book.only([card.id for card in book])
    assert doubts(quotes(book=named), book=named)[0] == OnlyNamedCards(cards=1)


def test_a_rate_that_has_ended_is_not_stale_and_an_open_one_is_whichever_day_is_priced() -> None:
    closed = book_of(gpu_card("15", verified_on=date(2026, 3, 1), **ended(date(2026, 6, 1))))
    assert doubts(quotes(book=closed), book=closed) == []
    day = date(2026, 9, 10)
    checked_since = book_of(gpu_card("15", verified_on=date(2026, 10, 5)))
    assert doubts(quotes(book=checked_since, on=day), book=checked_since, on=day) == [
        StaleRates(paths=(BillingPath.DEDICATED,), verified_on="2026-10-05", age_days=47)
    ]


def test_a_day_before_the_certain_start_is_said() -> None:
    day = date(2026, 5, 16)
    starts = [c for c in doubts(quotes(on=day), on=day) if isinstance(c, UncertainStart)]
    assert (
        UncertainStart(
            path=BillingPath.SERVERLESS_FAST, effective_from="2026-04-24", certain_from="2026-06-05"
        )
        in starts
    )
    # Priority has no rate yet that day, and might have had one: it was first seen in June.
    assert BillingPath.SERVERLESS_PRIORITY in {start.path for start in starts}


def test_a_dispute_is_named_beside_what_can_be_bought_only() -> None:
    day = date(2026, 8, 1)
    assert "conflicting_sources" in {c.code for c in doubts(quotes(on=day), on=day)}
    retired = book_of(serverless_card("1", **ended(date(2026, 6, 1))))
    disputed = RateBook(serverless=retired.serverless.cards, conflicts=BOOK.conflicts)
    assert doubts(quotes(book=disputed), book=disputed) == []


def test_paths_that_share_a_reason_are_named_together() -> None:
    found = not_offered(quotes())
    standard_and_priority = (BillingPath.SERVERLESS_STANDARD, BillingPath.SERVERLESS_PRIORITY)
    assert found == (
        NotOffered(paths=standard_and_priority, reason=Retired(on="2026-09-25")),
        NotOffered(paths=(BillingPath.SERVERLESS_FAST,), reason=Retired(on="2026-08-27")),
    )


def test_windows_that_differ_matter_only_where_one_overflows() -> None:
    long_run = Workload(shape=shape(turns=20), episodes=1)
    peak = count_tokens(long_run.shape).peak_context_tokens
    (differs,) = window_doubts(
        quotes(run=long_run), peak_context_tokens=peak, smallest_known_tokens=131_072
    )
    assert isinstance(differs, OverflowDiffers)
    assert differs.windows[0] == (BillingPath.TINKER, 131_072)
    assert window_doubts(quotes(), peak_context_tokens=94_000, smallest_known_tokens=131_072) == ()


def test_an_unknown_window_is_said_with_what_it_would_have_to_hold() -> None:
    (unknown,) = window_doubts(
        quotes("qwen3p8-max"), peak_context_tokens=94_000, smallest_known_tokens=131_072
    )
    assert isinstance(unknown, WindowUnknown)
    assert unknown.paths == (BillingPath.SERVERLESS_STANDARD, BillingPath.SERVERLESS_PRIORITY)
    assert unknown.needs_tokens == 94_000


@pytest.mark.parametrize(
    ("smallest", "may"), [(94_000, False), (93_999, True), (None, True)], ids=str
)
def test_an_unknown_window_matters_where_a_known_one_would_not_hold_the_peak(
    smallest: int | None, may: bool
) -> None:
    (unknown,) = window_doubts(
        quotes("qwen3p8-max"), peak_context_tokens=94_000, smallest_known_tokens=smallest
    )
    assert isinstance(unknown, WindowUnknown)
    assert unknown.may_overflow is may


def cluster(said: ClusterRequest) -> list[Caveat]:
    model = CATALOGUE.get("kimi-k2p6")
    return list(cluster_caveats(model, plan_cluster(model, said)))


def test_the_defaults_of_a_cluster_are_saturated_and_not_unusual() -> None:
    assert [caveat.code for caveat in cluster(ClusterRequest())] == ["saturated_throughput"]


def test_replicas_are_said_to_scale_linearly() -> None:
    caveats = cluster(ClusterRequest(gpus=24))
    assert ReplicasScaleLinearly(replicas=3, cluster_gpus=8) in caveats


def test_a_throughput_outside_the_published_band_is_unusual() -> None:
    # 100 to 480 decode tok/s a GPU are published; 40,000 over 8 GPUs are 5,000.
    unusual = cluster(ClusterRequest(decode_tps=Decimal(40_000)))[0]
    assert unusual == ThroughputUnusual(
        field="decode_tps", tps_per_gpu=Decimal(5_000), lowest=100, highest=480
    )


def test_one_gpu_cannot_hold_a_trillion_parameters() -> None:
    small = cluster(
        ClusterRequest(
            gpus=1,
            gpu_type=GpuType.B300_288GB,
            prompt_tps=Decimal(3_000),
            decode_tps=Decimal(200),
        )
    )
    assert small == [ClusterTooSmall(gpus=1, gpu_type="B300_288GB", memory_gb=288, weights_gb=500)]

"""Which card prices a path, and why a path may not be bought as asked."""

from datetime import date
from decimal import Decimal

import pytest

from engine.caveats import BillingPath, ContextOverflow, NoRate, NoThroughput, Retired, Unconfirmed
from engine.costs import Notional, Offered, Unpriced, usd_of
from engine.workload import Workload
from pricing.cards import Ended, RateBook, TinkerCard, load_book
from pricing.catalogue import GpuType, load_catalogue
from pricing.clusters import ClusterRequest
from pricing.quotes import Quote, quote_model
from tests.examples import DEFAULT_WORKLOAD, shape
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

CATALOGUE = load_catalogue()
BOOK = load_book(CATALOGUE)
DAY = date(2026, 11, 15)
K32, K128 = 32_768, 131_072

SHORT = Workload(shape=shape(turns=2), episodes=1_000)
LONG = Workload(shape=shape(turns=20), episodes=5_000)


def quote(
    path: BillingPath,
    *,
    model: str = "kimi-k2p6",
    run: Workload = DEFAULT_WORKLOAD,
    cluster: ClusterRequest | None = None,
    book: RateBook = BOOK,
    on: date = DAY,
) -> Quote:
    quotes = quote_model(
        CATALOGUE.get(model), run, cluster=cluster or ClusterRequest(), book=book, on=on
    )
    return {q.path: q for q in quotes}[path]


def cents(found: Quote) -> str | None:
    usd = usd_of(found.priced)
    return None if usd is None else f"{usd:.2f}"


@pytest.mark.parametrize(
    ("model", "path", "on", "status", "usd"),
    [
        ("kimi-k2p6", BillingPath.TINKER, date(2026, 5, 16), Offered, "2264.96"),
        ("kimi-k2p6", BillingPath.DEDICATED, date(2026, 5, 16), Offered, "284.44"),
        ("kimi-k2p6", BillingPath.SERVERLESS_STANDARD, date(2026, 8, 1), Offered, "200.68"),
        ("kimi-k2p6", BillingPath.SERVERLESS_PRIORITY, date(2026, 8, 1), Offered, "301.76"),
        ("kimi-k2p6", BillingPath.TINKER, date(2026, 11, 1), Offered, "996.00"),
        ("kimi-k2p6", BillingPath.SERVERLESS_STANDARD, date(2026, 11, 1), Notional, "200.68"),
        ("kimi-k2p6", BillingPath.SERVERLESS_PRIORITY, date(2026, 11, 1), Notional, "301.76"),
        ("kimi-k2p6", BillingPath.DEDICATED, date(2026, 11, 1), Offered, "355.56"),
        ("qwen3p5-397b", BillingPath.TINKER, date(2026, 11, 1), Offered, "774.40"),
        ("qwen3p5-397b", BillingPath.DEDICATED, date(2026, 11, 1), Offered, "385.19"),
        ("gpt-oss-120b", BillingPath.TINKER, date(2026, 11, 1), Offered, "150.85"),
        ("gpt-oss-120b", BillingPath.DEDICATED, date(2026, 11, 1), Offered, "56.89"),
    ],
)
def test_a_thousand_default_episodes_cost(
    model: str, path: BillingPath, on: date, status: type, usd: str
) -> None:
    # Per episode 92k uncached, 308k cached, 16k decoded. As of 2026-11-01:
    # Qwen 256K: 92 x $4.00 + 308 x $0.80 + 16 x $10.00 = 368 + 246.40 + 160, in thousandths
    # GPT-OSS 128K: 92 x $0.78 + 308 x $0.156 + 16 x $1.94 = 71.76 + 48.048 + 31.04
    # Qwen: 16M/1,200 tok/s x 8 x $13/3600; GPT-OSS: 16M/2,500 tok/s x 4 x $8/3600
    found = quote(path, model=model, on=on)
    assert (type(found.priced), cents(found)) == (status, usd)


def test_serverless_lets_the_last_day_be_bought_and_the_next_one_not() -> None:
    path = BillingPath.SERVERLESS_STANDARD
    assert isinstance(quote(path, on=date(2026, 9, 25)).priced, Offered)
    gone = quote(path, on=date(2026, 9, 26)).priced
    assert isinstance(gone, Notional)
    assert gone.reasons == (Retired(on="2026-09-25"),)


def variant(found: Quote) -> str:
    assert isinstance(found.card, TinkerCard)
    return found.card.variant


def test_the_cheapest_variant_that_holds_the_peak_is_chosen() -> None:
    assert variant(quote(BillingPath.TINKER, run=SHORT)) == "32K"
    assert variant(quote(BillingPath.TINKER)) == "128K"


@pytest.mark.parametrize(("decode", "chosen"), [(12_768, "32K"), (12_769, "128K")])
def test_a_window_holds_a_peak_of_exactly_its_size(decode: int, chosen: str) -> None:
    # P_2 = 20,000; with the decode of the last turn 32,768 fill the window to the brim.
    run = Workload(shape=shape(turns=2, decode=decode), episodes=1)
    assert variant(quote(BillingPath.TINKER, run=run)) == chosen


def test_a_long_variant_that_is_cheaper_wins_over_a_short_one_that_fits() -> None:
    book = book_of(tinker_card(K32, "5"), tinker_card(K128, "4"))
    assert variant(quote(BillingPath.TINKER, run=SHORT, book=book)) == "128K"


def test_what_overflows_every_window_is_notional_at_the_widest() -> None:
    found = quote(BillingPath.TINKER, run=LONG)
    assert isinstance(found.priced, Notional)
    assert found.priced.reasons == (
        ContextOverflow(needs_tokens=238_000, window_tokens=K128, max_turns=11),
    )
    assert (variant(found), cents(found)) == ("128K", "19989.60")


def test_a_model_that_left_and_does_not_fit_has_both_reasons() -> None:
    found = quote(BillingPath.TINKER, model="kimi-k2p5", run=LONG)
    assert isinstance(found.priced, Notional)
    assert [reason.code for reason in found.priced.reasons] == ["retired", "context_overflow"]


def test_a_variant_on_sale_comes_before_one_that_has_gone() -> None:
    gone = tinker_card(K128, "1", **ended(date(2026, 6, 1)))
    book = book_of(tinker_card(K32, "5"), gone)
    assert isinstance(quote(BillingPath.TINKER, run=SHORT, book=book).priced, Offered)
    too_long = quote(BillingPath.TINKER, book=book)
    assert isinstance(too_long.priced, Notional)
    assert too_long.priced.reasons == (
        ContextOverflow(needs_tokens=94_000, window_tokens=K32, max_turns=2),
    )


def test_a_confirmed_variant_comes_before_a_cheaper_one_that_only_a_feed_has() -> None:
    book = book_of(tinker_card(K32, "1", feed_only=True), tinker_card(K128, "4"))
    assert variant(quote(BillingPath.TINKER, run=SHORT, book=book)) == "128K"
    alone = quote(
        BillingPath.TINKER, run=SHORT, book=book_of(tinker_card(K32, "1", feed_only=True))
    )
    assert isinstance(alone.priced, Notional)
    assert alone.priced.reasons == (Unconfirmed(verified_on="2026-11-01"),)


def test_a_card_that_ended_for_an_unknown_reason_leaves_no_rate() -> None:
    book = book_of(serverless_card("1", **ended(date(2026, 6, 1), Ended.UNKNOWN)))
    found = quote(BillingPath.SERVERLESS_STANDARD, book=book)
    assert isinstance(found.priced, Unpriced)
    assert found.priced.reasons == (NoRate(last_to="2026-06-01"),)


def test_a_day_before_the_first_card_has_no_rate() -> None:
    found = quote(BillingPath.TINKER, on=date(2026, 5, 15))
    assert isinstance(found.priced, Unpriced)
    assert found.priced.reasons == (NoRate(first_from="2026-05-16"),)


def test_a_model_that_came_back_is_offered_again() -> None:
    first = serverless_card("1", **ended(date(2026, 3, 1)))
    again = serverless_card("2", effective_from=date(2026, 6, 1))
    book = book_of(first, again)
    between = quote(BillingPath.SERVERLESS_STANDARD, book=book, on=date(2026, 4, 1)).priced
    assert isinstance(between, Notional)
    assert isinstance(quote(BillingPath.SERVERLESS_STANDARD, book=book).priced, Offered)


def test_serverless_and_dedicated_check_the_window_at_fireworks() -> None:
    run = Workload(shape=shape(turns=23), episodes=1)
    book = book_of(serverless_card("1"), gpu_card("15"))
    for path in (BillingPath.SERVERLESS_STANDARD, BillingPath.DEDICATED):
        found = quote(path, run=run, book=book).priced
        assert isinstance(found, Notional)
        assert found.reasons == (
            ContextOverflow(needs_tokens=274_000, window_tokens=262_144, max_turns=22),
        )


def test_a_window_that_is_not_known_is_not_checked() -> None:
    found = quote(BillingPath.SERVERLESS_STANDARD, model="qwen3p8-max", run=LONG)
    assert isinstance(found.priced, Offered)
    assert found.window_tokens is None


@pytest.mark.parametrize(
    ("cluster", "nearest", "missing"),
    [
        (ClusterRequest(gpus=12), (8, 16), ("prompt_tps", "decode_tps")),
        (ClusterRequest(gpus=4), (8,), ("prompt_tps", "decode_tps")),
        (ClusterRequest(gpus=12, decode_tps=Decimal(900)), (8, 16), ("prompt_tps",)),
        (ClusterRequest(gpu_type=GpuType.H200_141GB), (8,), ("prompt_tps", "decode_tps")),
    ],
)
def test_another_count_or_type_has_no_throughput(
    cluster: ClusterRequest, nearest: tuple[int, ...], missing: tuple[str, ...]
) -> None:
    found = quote(BillingPath.DEDICATED, cluster=cluster).priced
    assert isinstance(found, Unpriced)
    (reason,) = found.reasons
    assert isinstance(reason, NoThroughput)
    assert (reason.nearest_gpus, reason.nearest_gpu_type) == (nearest, "B300_288GB")
    assert reason.missing == missing


def test_whole_multiples_are_replicas_that_cost_the_same_and_take_half_as_long() -> None:
    one, two = (quote(BillingPath.DEDICATED, cluster=ClusterRequest(gpus=gpus)) for gpus in (8, 16))
    assert two.cluster is not None
    assert (two.cluster.replicas, two.cluster.decode_tps) == (2, 3_000)
    assert cents(one) == cents(two) == "355.56"


def test_a_throughput_that_is_said_replaces_that_side_alone() -> None:
    # decode 16M/3,000 tok/s = 5,333.3 s still binds over prefill 92M/30,000 = 3,066.7 s
    found = quote(BillingPath.DEDICATED, cluster=ClusterRequest(decode_tps=Decimal(3_000)))
    assert found.cluster is not None
    assert (found.cluster.prompt_tps, found.cluster.decode_tps) == (30_000, 3_000)
    assert cents(found) == "177.78"


def test_a_cluster_of_ones_own_needs_count_type_and_both_throughputs() -> None:
    own = ClusterRequest(
        gpus=4, gpu_type=GpuType.H200_141GB, prompt_tps=Decimal(10_000), decode_tps=Decimal(1_000)
    )
    found = quote(BillingPath.DEDICATED, model="qwen3p8-max", cluster=own)
    # 16M/1,000 tok/s = 16,000 s x 4 x $8 / 3600
    assert (type(found.priced), cents(found)) == (Offered, "142.22")
    nothing = quote(BillingPath.DEDICATED, model="qwen3p8-max").priced
    assert isinstance(nothing, Unpriced)
    (reason,) = nothing.reasons
    assert isinstance(reason, NoThroughput)
    assert reason.missing == ("gpus", "gpu_type", "prompt_tps", "decode_tps")


def test_without_a_gpu_hour_for_the_day_dedicated_has_no_rate() -> None:
    found = quote(BillingPath.DEDICATED, on=date(2026, 4, 1)).priced
    assert isinstance(found, Unpriced)
    assert [reason.code for reason in found.reasons] == ["no_rate"]

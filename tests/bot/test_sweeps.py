"""Sweeps: which values they look at, what each point costs, where the cheapest changes, and what has no room."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import Answer
from bot.requests import read
from bot.requests.request import Field, Span
from bot.sweep_points import MOST_POINTS, points_of
from bot.verdicts import FlipAt, Swept, TooManyPoints
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, usd_of
from engine.grid import ShapeGrid, cluster_bill_usd, token_bill_usd
from engine.solve import ClusterBill, TokenBill, cheaper_turns
from pricing.cards import TokenCard
from tests.bot.asking import CATALOGUE, TODAY, ask

AUGUST = "as of 2026-08-01"
STANDARD, PRIORITY = BillingPath.SERVERLESS_STANDARD, BillingPath.SERVERLESS_PRIORITY
TINKER, DEDICATED = BillingPath.TINKER, BillingPath.DEDICATED


def asked(text: str) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY))


def sweep(text: str) -> tuple[Answer, Swept]:
    reply = asked(text)
    assert isinstance(reply.verdict, Swept)
    return reply, reply.verdict


def refused(text: str) -> TooManyPoints:
    verdict = asked(text).verdict
    assert isinstance(verdict, TooManyPoints)
    return verdict


def points(field: Field, span: Span) -> tuple[object, ...]:
    return points_of({field: span}, [CATALOGUE.get("kimi-k2p6")])[field]


def turned(flips: tuple[FlipAt, ...]) -> list[tuple[object, ...]]:
    return [(flip.below, flip.above, flip.before, flip.after) for flip in flips]


@pytest.mark.parametrize(
    ("field", "start", "end", "cut"),
    [
        (Field.TURNS, 5, 50, (5, 10, 15, 20, 25, 30, 35, 40, 45, 50)),
        (Field.TURNS, 1, 10, tuple(range(1, 11))),
        (Field.TURNS, 1, 200, (1, *range(20, 201, 20))),
        (Field.TURNS, 7, 23, (7, 8, 10, 12, 14, 16, 18, 20, 22, 23)),
        (Field.EPISODES, 100, 1_000_000, (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
                                          100_000, 200_000, 500_000, 1_000_000)),
        (Field.DECODE_TPS, 1, 2, tuple(Decimal(n) / 10 if n % 10 else n // 10 for n in range(10, 21))),
        (Field.INITIAL_PROMPT_TOKENS, 0, 8000, tuple(range(0, 8001, 1000))),
        (Field.GPUS, 8, 64, (8, 16, 24, 32, 40, 48, 56, 64)),
    ],
)  # fmt: skip
def test_a_range_is_cut_at_readable_numbers(
    field: Field, start: int, end: int, cut: tuple[object, ...]
) -> None:
    assert points(field, Span(start=start, end=end)) == cut


@pytest.mark.parametrize(
    ("step", "cut"),
    [
        (10, (5, 15, 25, 35, 45, 50)),
        (45, (5, 50)),
        (100, (5, 50)),
        (Decimal("12.5"), (5, 17, 30, 42, 50)),
    ],
)
def test_a_step_that_is_said_is_kept_and_the_end_included(
    step: int | Decimal, cut: tuple[int, ...]
) -> None:
    assert points(Field.TURNS, Span(start=5, end=50, step=step)) == cut


def test_a_list_is_looked_at_in_rising_order() -> None:
    reply, _ = sweep("kimi-k2p6 turns=20,5,10")
    assert [point.fields[Field.TURNS] for point in reply.models[0].points] == [5, 10, 20]


@settings(max_examples=300)
@given(
    field=st.sampled_from([Field.TURNS, Field.EPISODES, Field.GPUS, Field.DECODE_TPS]),
    start=st.integers(1, 100_000),
    length=st.integers(1, 10_000_000),
    step=st.none() | st.integers(1, 1000),
)
def test_every_cut_holds_both_ends_rises_and_has_room(
    field: Field, start: int, length: int, step: int | None
) -> None:
    span = Span(start=start, end=start + length, step=step if length // 19 < (step or 0) else None)
    cut = points(field, span)
    assert cut[0] == start
    assert cut[-1] == start + length
    assert list(cut) == sorted(set(cut), key=lambda value: Decimal(str(value)))
    assert 2 <= len(cut) <= MOST_POINTS


@pytest.mark.parametrize(
    "text",
    [
        "kimi-k2p6 turns=1..40",
        f"kimi-k2p6 turns=1..40 {AUGUST}",
        "gpt-oss-120b decode=100..9000 tool result=4000",
        "qwen3p5-397b episodes=1..10000000",
        "kimi-k2p6 prompt_tps=1000..90000",
        "kimi-k2p6 gpus=4..20",
        f"kimi-k2p6 turns=2..24 decode=500,4000 {AUGUST}",
    ],
)
def test_each_point_is_the_single_estimate(text: str) -> None:
    reply, verdict = sweep(text)
    words = text.split()
    for point in reply.models[0].points:
        # What is said of the swept fields gives way to the point's own value.
        kept = [w for w in words if not w.startswith(tuple(f"{key}=" for key in ("turns", "decode",
                "episodes", "prompt_tps", "gpus")))]  # fmt: skip
        said = " ".join([*kept, *(f"{field}={value}" for field, value in point.fields.items())])
        single = asked(said).models[0]
        assert [usd_of(q.priced) for q in point.quotes] == [usd_of(q.priced) for q in single.quotes]
        assert [q.priced.status for q in point.quotes] == [q.priced.status for q in single.quotes]
        assert point.cheapest is single.cheapest
    assert set(verdict.fields) == set(reply.models[0].points[0].fields)


def test_the_engine_s_grid_has_the_same_amounts_to_the_cent() -> None:
    reply, _ = sweep(f"kimi-k2p6 turns=1..200 {AUGUST}")
    for point in reply.models[0].points:
        grid = ShapeGrid.of(
            turns=np.array([point.fields[Field.TURNS]]),
            episodes=1000,
            initial_prompt_tokens=8000,
            tokens_added_per_turn=12_000,
            decode_tokens_per_turn=2000,
        )
        for quote in point.quotes:
            estimate = quote.priced.estimate
            assert estimate is not None
            if isinstance(estimate, DedicatedEstimate):
                bills, _ = cluster_bill_usd(grid, estimate.deployment)
            else:
                assert isinstance(quote.card, TokenCard)
                bills = token_bill_usd(grid, quote.card.rates)
            assert round(bills[0], 2) == float(round(estimate.usd, 2))


def test_dedicated_becomes_cheapest_from_19_turns_as_of_august() -> None:
    """22 turns are the last that fit Fireworks' window: 8,000 + 21 × 12,000 + 2,000 = 262,000 of 262,144."""
    _, verdict = sweep(f"kimi-k2p6 turns=5..50 {AUGUST}")
    assert turned(verdict.flips) == [(18, 19, STANDARD, DEDICATED), (22, 23, DEDICATED, None)]
    # 19 × 2,000 × 1,000 / 1,500 tok/s × 8 × $12 / 3,600 s
    assert verdict.flips[0].usd is not None
    assert round(verdict.flips[0].usd, 2) == Decimal("675.56")
    # As the sum of the phases it is 30, which no window holds any more.
    assert verdict.flips[0].overlap_decides
    assert verdict.flips[0].above_if_phases_add is None


def test_a_change_that_no_point_shows_is_found_over_turns() -> None:
    """Tinker's 32K, Dedicated and no path lie between two points."""
    _, verdict = sweep("kimi-k2p6 turns=1,200")
    assert turned(verdict.flips) == [(2, 3, TINKER, DEDICATED), (22, 23, DEDICATED, None)]


@pytest.mark.parametrize("text", [f"kimi-k2p6 {AUGUST}", "kimi-k2p6", "qwen3p5-397b initial=500",
                                  f"gpt-oss-120b added=900 decode=700 {AUGUST}"])  # fmt: skip
def test_over_turns_the_changes_are_those_of_pricing_every_turn(text: str) -> None:
    _, verdict = sweep(f"{text} turns=1..40")
    cheapest = [asked(f"{text} turns={turns}").models[0].cheapest for turns in range(1, 41)]
    changes = [
        (turns, turns + 1, before, after)
        for turns, (before, after) in enumerate(pairwise(cheapest), start=1)
        if before is not after
    ]
    assert turned(verdict.flips) == changes


def test_the_change_is_where_the_engine_solves_it() -> None:
    reply, verdict = sweep(f"kimi-k2p6 turns=5..22 {AUGUST}")
    quotes = {quote.path: quote for quote in reply.models[0].quotes}
    card, estimate = quotes[STANDARD].card, quotes[DEDICATED].priced.estimate
    assert isinstance(card, TokenCard)
    assert isinstance(estimate, DedicatedEstimate)
    [cheaper] = cheaper_turns(
        ClusterBill(deployment=estimate.deployment, phases_add=False),
        TokenBill(rates=card.rates),
        estimate.workload.shape,
        most_turns=200,
    )
    assert verdict.flips[0].above == cheaper.start == 19


def test_between_two_throughputs_the_points_alone_are_named() -> None:
    _, verdict = sweep("kimi-k2p6 decode_tps=500..3000")
    assert turned(verdict.flips) == [(500, 1000, TINKER, DEDICATED)]


def test_gpus_between_whole_clusters_are_not_taken_for_clusters() -> None:
    reply, verdict = sweep("kimi-k2p6 gpus=4..20")
    assert [p.fields[Field.GPUS] for p in reply.models[0].points] == [4, 8, 16, 20]
    assert turned(verdict.flips) == [(4, 8, TINKER, DEDICATED), (16, 20, DEDICATED, TINKER)]


def test_over_two_fields_the_changes_are_found_for_each_value_of_the_second() -> None:
    """Peaks of T turns: 8,000 + (T − 1) × 12,000 + decode, of 131,072."""
    _, verdict = sweep(f"gpt-oss-120b turns=2..16 decode=1000,4000 {AUGUST}")
    assert [(f.held, f.below, f.after) for f in verdict.flips] == [
        ((Field.DECODE_TOKENS_PER_TURN, 1000), 11, None),
        ((Field.DECODE_TOKENS_PER_TURN, 4000), 10, None),
    ]


def test_where_a_path_s_card_or_standing_changes_is_exact() -> None:
    _, verdict = sweep("kimi-k2p6 turns=1..40")
    own = [s for s in verdict.stretches if s.quote.path is TINKER]
    assert [(s.first, s.last, s.quote.variant, s.quote.priced.status) for s in own] == [
        (1, 2, "32K", "offered"),
        (3, 11, "128K", "offered"),
        (12, 40, "128K", "notional"),
    ]


def test_the_defaults_are_those_of_no_point_and_each_caveat_stands_once() -> None:
    reply, verdict = sweep("kimi-k2p6 turns=5..50")
    assert Field.TURNS not in reply.defaults
    assert Field.EPISODES in reply.defaults
    codes = [c.code for c in reply.caveats]
    for once in ("phases_overlap", "ideal_prefix_cache", "defaults_used", "not_a_quote"):
        assert codes.count(once) == 1
    assert codes[-1] == "not_a_quote"
    [overlap] = [c for c in verdict.caveats if c.caveat.code == "phases_overlap"]
    assert overlap.point == {Field.TURNS: 50}


def test_caveats_of_several_models_are_their_own_unless_shared() -> None:
    _, verdict = sweep("sweep kimi-k2p6 and qwen3p5-397b turns=5,10")
    whose = {(c.caveat.code, c.model.key if c.model else None) for c in verdict.caveats}
    assert {("phases_overlap", "kimi-k2p6"), ("phases_overlap", "qwen3p5-397b")} <= whose
    assert ("training_excluded", None) in whose


@pytest.mark.parametrize(
    ("text", "counted", "points", "suggestion"),
    [
        ("kimi-k2p6 turns=5..200:1", "points", 196, "kimi-k2p6 turns=5..200:20"),
        ("kimi-k2p6 turns=1..21:1", "points", 21, "kimi-k2p6 turns=1..21:2"),
        ("kimi-k2p6 episodes=1..10000000:1", "points", 10_000_000,
         "kimi-k2p6 episodes=1..10000000:1000000"),
        ("kimi-k2p6 turns=" + ",".join(map(str, range(1, 26))), "points", 25, "kimi-k2p6 turns=1..25:2"),
        ("kimi-k2p6 turns=5,10 decode=1000,2000 added=3000,4000", "fields", 3,
         "kimi-k2p6 turns=5, 10 decode_tokens_per_turn=1000, 2000 tokens_added_per_turn=3000"),
        ("sweep kimi-k2p6, kimi-k2p5, qwen3p5-397b, gpt-oss-120b turns=5,10", "models", 4,
         "sweep kimi-k2p6 kimi-k2p5 qwen3p5-397b turns=5, 10"),
        ("sweep kimi-k2p6", "nothing", 0, "kimi-k2p6 turns=1..20"),
        ("sweep kimi-k2p6 turns=12 as of 2026-08-01", "nothing", 0, "kimi-k2p6 turns=1..12 as_of=2026-08-01"),
    ],
)  # fmt: skip
def test_what_has_no_room_is_counted_and_what_is_offered_instead_works(
    text: str, counted: str, points: int, suggestion: str
) -> None:
    verdict = refused(text)
    assert (verdict.counted, verdict.points) == (counted, points)
    works = read(verdict.suggestion, CATALOGUE, today=TODAY)
    assert works == read(suggestion, CATALOGUE, today=TODAY)
    assert isinstance(ask(works).verdict, Swept)


def test_the_day_is_that_of_the_request_at_every_point() -> None:
    reply, _ = sweep(f"kimi-k2p6 turns=5,10 {AUGUST}")
    assert reply.as_of == date(2026, 8, 1)
    assert reply.workload is not None
    assert reply.workload.shape.turns == 5

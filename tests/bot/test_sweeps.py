"""Sweeps: which values they look at, what each point costs, where the cheapest changes, and what has no room."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import Answer, ModelAnswer
from bot.judged import Judged, Within
from bot.requests import read
from bot.requests.request import Field, Intent, Span
from bot.sweep_points import MOST_POINTS, points_of
from bot.verdicts import Lead, NotSwept, Swept
from engine.caveats import BillingPath, ContextOverflow, NotOffered
from engine.costs import DedicatedEstimate, Offered
from engine.grid import ShapeGrid, cluster_bill_usd, token_bill_usd
from engine.solve import ClusterBill, TokenBill, cheaper_turns
from engine.workload import Workload
from pricing.cards import TokenCard
from pricing.quotes import PriceList, Quote
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


def refused(text: str) -> NotSwept:
    verdict = asked(text).verdict
    assert isinstance(verdict, NotSwept)
    return verdict


def points(field: Field, span: Span) -> tuple[object, ...]:
    return points_of({field: span}, [CATALOGUE.get("kimi-k2p6")])[field]


def held(leads: tuple[Lead, ...]) -> list[tuple[object, ...]]:
    return [(lead.first, lead.last, lead.path) for lead in leads]


@pytest.mark.parametrize(
    ("field", "start", "end", "cut"),
    [
        (Field.TURNS, 5, 50, (5, 10, 15, 20, 25, 30, 35, 40, 45, 50)),
        (Field.TURNS, 1, 10, tuple(range(1, 11))),
        (Field.TURNS, 1, 200, (1, *range(20, 201, 20))),
        (Field.TURNS, 7, 23, (7, 8, 10, 12, 14, 16, 18, 20, 22, 23)),
        (Field.EPISODES, 100, 1_000_000, (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
                                          100_000, 200_000, 500_000, 1_000_000)),
        (Field.TURNS, 7, 93, (7, 10, 20, 30, 40, 50, 60, 70, 80, 90, 93)),
        (Field.TURNS, 3, 4, (3, 4)),
        (Field.INITIAL_PROMPT_TOKENS, 0, 10_000_000, tuple(range(0, 10_000_001, 1_000_000))),
        (Field.INITIAL_PROMPT_TOKENS, 0, 1, (0, 1)),
        (Field.DECODE_TPS, 500, 50_000, (500, 1000, 2000, 5000, 10_000, 20_000, 50_000)),
        (Field.DECODE_TPS, 1, 2, tuple(Decimal(n) / 10 if n % 10 else n // 10 for n in range(10, 21))),
        (Field.INITIAL_PROMPT_TOKENS, 0, 8000, tuple(range(0, 8001, 1000))),
        (Field.GPUS, 8, 64, (8, 16, 24, 32, 40, 48, 56, 64)),
        # in whole clusters of 8: 1, 2, 5, 10 … of them
        (Field.GPUS, 1, 1000, (1, 8, 16, 40, 80, 160, 400, 800, 1000)),
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


def test_gpus_of_several_models_are_counted_in_clusters_of_each() -> None:
    """Kimi K2.6 stands on 8 GPUs and GPT-OSS-120B on 4."""
    models = [CATALOGUE.get("gpt-oss-120b"), CATALOGUE.get("kimi-k2p6")]
    span = {Field.GPUS: Span(start=8, end=32)}
    assert points_of(span, models)[Field.GPUS] == (8, 16, 24, 32)


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


def assert_points_are_single_estimates(text: str) -> None:
    """Each point of a sweep, asked for by itself."""
    request = read(text, CATALOGUE, today=TODAY)
    reply = ask(request)
    assert isinstance(reply.verdict, Swept)
    for entry in reply.models:
        for point in entry.points:
            one = replace(
                request,
                intent=Intent.ESTIMATE,
                models=(entry.model.key,),
                fields={**request.fields, **point.fields},
            )
            [single] = ask(one).models
            assert [q.priced for q in point.quotes] == [q.priced for q in single.quotes]
            assert point.cheapest is single.cheapest


@pytest.mark.parametrize(
    "text",
    [
        "kimi-k2p6 turns=1..40",
        "gpt-oss-120b decode=100..9000 tool result=4000",
        "kimi-k2p6 gpus=4..20",
        f"kimi-k2p6 turns=2..24 decode=500,4000 {AUGUST}",
        "swe-pro-sonnet45 kimi-k2p6 turns=10..100",
        "kimi-k2p6 gpus=1..3 prompt_tps=30000 decode_tps=1500",
    ],
)
def test_each_point_is_the_single_estimate(text: str) -> None:
    assert_points_are_single_estimates(text)


FIELDS = {
    "turns": 200, "episodes": 10_000_000, "initial": 300_000, "added": 50_000, "decode": 20_000,
    "tool": 20_000, "gpus": 64, "decode_tps": 20_000, "prompt_tps": 200_000,
}  # fmt: skip


@settings(max_examples=50)
@given(data=st.data())
def test_each_point_of_any_sweep_is_the_single_estimate(data: st.DataObject) -> None:
    keys = [model.key for model in CATALOGUE.models]
    models = data.draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True))
    words = ["sweep", data.draw(st.sampled_from(["", "swe-pro-gpt5", "math-code-retool"])), *models]
    swept_fields = data.draw(
        st.lists(st.sampled_from([*FIELDS]), min_size=1, max_size=2, unique=True)
    )
    if "added" in swept_fields:  # the rest of what it is made of follows from it
        swept_fields = [field for field in swept_fields if field not in {"decode", "tool"}]
    for field in swept_fields:
        ends = st.lists(st.integers(1, FIELDS[field]), min_size=2, max_size=2, unique=True)
        start, end = sorted(data.draw(ends))
        words.append(f"{field}={start}..{end}")
    words.append(data.draw(st.sampled_from(["", "gpu_type=b200", "gpu_type=h200"])))
    day = data.draw(st.dates(date(2026, 5, 16), TODAY))
    assert_points_are_single_estimates(f"{' '.join(words)} as of {day}")


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
    assert held(verdict.leads) == [(5, 18, STANDARD), (19, 22, DEDICATED), (23, 50, None)]
    # 19 and 22 × 2,000 × 1,000 / 1,500 tok/s × 8 × $12 / 3,600 s
    bills = [verdict.leads[1].usd_first, verdict.leads[1].usd_last]
    assert [bill and round(bill, 2) for bill in bills] == [Decimal("675.56"), Decimal("782.22")]
    # As the sum of the phases it is 30, which no window holds any more.
    assert verdict.leads[1].too_close == ((19, 22),)


def test_a_change_that_no_point_shows_is_found_over_turns() -> None:
    """Tinker's 32K, Dedicated and no path lie between two points."""
    _, verdict = sweep("kimi-k2p6 turns=1,200")
    assert held(verdict.leads) == [(1, 2, TINKER), (3, 22, DEDICATED), (23, 200, None)]


def test_a_lead_between_two_points_with_the_same_cheapest_is_found() -> None:
    """With 15,000 prompt tok/s 92M uncached tokens take 6,133 s of $96 an hour: $163.56 while prefill is the longer phase.

    Standard comes to $136.68 without decode and 3.2 cents more for each token of it, dedicated's decode to 14.2 cents
    a token: so standard is dearer from 840 on, and dedicated again from 1,241.
    """
    _, verdict = sweep(f"kimi-k2p6 decode=0,2000 prompt_tps=15000 {AUGUST}")
    assert held(verdict.leads) == [
        (0, 839, STANDARD),
        (840, 1240, DEDICATED),
        (1241, 2000, STANDARD),
    ]


def test_over_turns_two_leads_between_two_points_with_the_same_cheapest_are_found() -> None:
    """60,000 tokens at first take dedicated 4 s of prefill at 15,000 tok/s, and standard's T² is as yet small.

    Standard bills 0.00004·T² + 0.013955·T + 0.047005, and dedicated the larger of 0.0008889·T + 0.1057778 of prefill and
    0.0177778·T of decode: dearer up to 4 turns, cheaper from 5 to 14, where decode is the longer phase from 7 on, and
    dearer again from 15 on.
    """
    run = "kimi-k2p6 initial=60000 added=500 decode=1000 prompt_tps=15000 decode_tps=1500"
    _, verdict = sweep(f"{run} turns=1,40 {AUGUST}")
    assert held(verdict.leads) == [(1, 4, STANDARD), (5, 14, DEDICATED), (15, 40, STANDARD)]


# -- what is said of a stretch holds for every value in it ---------------------------------------------------

MOST = {
    "turns": 60, "initial": 200_000, "added": 40_000, "decode": 40_000, "tool": 30_000,
    "decode_tps": 9_000, "prompt_tps": 90_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Range:
    """A sweep over a few values of one field, far enough apart to hide something, and the same run at one value."""

    run: str
    field: str
    values: tuple[int, ...]

    @property
    def text(self) -> str:
        return f"{self.run} {self.field}={', '.join(map(str, self.values))}"

    def at(self, value: int) -> str:
        return f"{self.run} {self.field}={value}"


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    field = draw(st.sampled_from([*MOST]))
    values = draw(st.lists(st.integers(1, MOST[field]), min_size=2, max_size=4, unique=True))
    beside = {
        "turns": draw(st.integers(1, 30)),
        "initial": draw(st.integers(0, 60_000)),
        "decode": draw(st.integers(0, 9_000)),
        "prompt_tps": draw(st.integers(5_000, 40_000)),
    }
    words = [
        draw(st.sampled_from(["kimi-k2p6", "qwen3p5-397b", "gpt-oss-120b"])),
        *(f"{name}={value}" for name, value in beside.items() if name != field),
        draw(st.sampled_from([AUGUST, "as of 2026-09-20", "as of 2026-11-21"])),
    ]
    return Range(" ".join(words), field, tuple(sorted(values)))


@settings(max_examples=120)
@given(range_=ranges(), shares=st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_leads_and_stretches_hold_for_every_value_within_them(
    range_: Range, shares: list[float]
) -> None:
    _, verdict = sweep(range_.text)
    for before, after in pairwise(verdict.leads):
        assert after.first - before.last == 1
    first, last = range_.values[0], range_.values[-1]
    assert (verdict.leads[0].first, verdict.leads[-1].last) == (first, last)
    ends = {int(value) for lead in verdict.leads for value in (lead.first, lead.last)}
    for value in {*ends, *(round(first + share * (last - first)) for share in shares)}:
        single = asked(range_.at(value)).models[0]
        [lead] = [one for one in verdict.leads if one.first <= value <= one.last]
        assert lead.path is single.cheapest
        close = any(low <= value <= high for low, high in lead.too_close)
        assert close == (lead.path is DEDICATED and beaten_without_overlap(single))
        for quote in single.quotes:
            [own] = [
                one.quote
                for one in verdict.stretches
                if one.quote.path is quote.path and one.first <= value <= one.last
            ]
            assert (own.card, own.priced.status) == (quote.card, quote.priced.status)


@settings(max_examples=60)
@given(
    range_=ranges(),
    budget=st.integers(1, 3000),
    hours=st.integers(1, 30),
    shares=st.lists(st.floats(0, 1), min_size=6, max_size=6),
)
def test_a_budget_and_a_deadline_are_kept_where_the_single_estimate_keeps_them(
    range_: Range, budget: int, hours: int, shares: list[float]
) -> None:
    limits = f"budget=${budget} deadline={hours}h"
    _, verdict = sweep(f"{range_.text} {limits}")
    first, last = range_.values[0], range_.values[-1]
    for limit in (Field.BUDGET_USD, Field.DEADLINE_HOURS):
        spans = [span for span in verdict.limits if span.limit is limit]
        assert (spans[0].first, spans[-1].last) == (first, last)
        for before, after in pairwise(spans):
            assert after.first - before.last == 1
        ends = {int(value) for span in spans for value in (span.first, span.last)}
        for value in {*ends, *(round(first + share * (last - first)) for share in shares)}:
            single = asked(f"{range_.at(value)} {limits}").verdict
            assert isinstance(single, Judged)
            [outcome] = [span.outcome for span in spans if span.first <= value <= span.last]
            assert outcome == outcome_of(
                single.budget if limit is Field.BUDGET_USD else single.deadline
            )


def outcome_of(within: Within | None) -> str:
    """Whether some path on offer is within the limit, may be, or is not; or none has what it is about."""
    assert within is not None
    said = {within.holds[path.path] for path in (*within.sure, *within.unsure, *within.over)}
    for holds, outcome in ((True, "kept"), (None, "unsure"), (False, "missed")):
        if holds in said:
            return outcome
    return "unknown"


LARGEST = "sweep kimi-k2p6 gpt-oss-120b qwen3p5-397b"
TWENTY = ",".join(map(str, range(1, 21)))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{LARGEST} initial=100 added=100 decode=10 turns=1..200:11 episodes={TWENTY}", 60),
        (f"{LARGEST} turns=1..200:11 episodes={TWENTY} {AUGUST}", 60),
        (f"{LARGEST} turns=1,200 decode=200..4000:200 {AUGUST}", 60),
        (f"{LARGEST} initial=0,10000000 decode=200..4000:200 {AUGUST}", 60),
        (f"{LARGEST} decode_tps=100..9600:500 turns=1..20:1 {AUGUST}", 60),
    ],
)
def test_beyond_its_points_the_largest_sweep_prices_little(
    text: str, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line changes at a handful of values, and each is found by pricing the few around it, however far apart the
    points are: 200 turns, or 10 million tokens.
    """
    priced = 0
    quotes = PriceList.quotes

    def counted(self: PriceList, workload: Workload) -> tuple[Quote, ...]:
        nonlocal priced
        priced += 1
        return quotes(self, workload)

    monkeypatch.setattr(PriceList, "quotes", counted)
    reply, verdict = sweep(text)
    points = sum(len(entry.points) for entry in reply.models)
    assert len({(lead.model.key, lead.held) for lead in verdict.leads}) == lines
    assert points <= priced <= points + 25 * lines


def beaten_without_overlap(entry: ModelAnswer) -> bool:
    """Whether a path on offer costs no more than dedicated when its phases take turns."""
    cluster = entry.quote(DEDICATED).priced.estimate
    assert isinstance(cluster, DedicatedEstimate)
    return any(
        quote.priced.estimate.usd <= cluster.usd_high
        for quote in entry.quotes
        if isinstance(quote.priced, Offered) and quote.path is not DEDICATED
    )


@pytest.mark.parametrize("text", [f"kimi-k2p6 {AUGUST}", "kimi-k2p6", "qwen3p5-397b initial=500",
                                  f"gpt-oss-120b added=900 decode=700 {AUGUST}"])  # fmt: skip
def test_over_turns_the_leads_are_those_of_pricing_every_turn(text: str) -> None:
    _, verdict = sweep(f"{text} turns=1..40")
    cheapest = [asked(f"{text} turns={turns}").models[0].cheapest for turns in range(1, 41)]
    found = [
        lead.path for lead in verdict.leads for _ in range(int(lead.first), int(lead.last) + 1)
    ]
    assert found == cheapest


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
    assert verdict.leads[1].first == cheaper.start == 19


def test_between_two_throughputs_the_change_is_found() -> None:
    """16M tokens / 3,600 s × 8 × $15 = $533,333 ÷ decode tok/s, against Tinker's $996: 535.5."""
    _, verdict = sweep("kimi-k2p6 decode_tps=500..3000")
    assert held(verdict.leads) == [(500, 535, TINKER), (536, 3000, DEDICATED)]


def test_a_bill_beyond_what_a_double_holds_hides_no_change() -> None:
    """$533,333 ÷ decode tok/s against Tinker's $996, from 10^-321 tok/s on."""
    _, verdict = sweep(f"kimi-k2p6 decode_tps=0.{'0' * 320}1, 3000")
    assert [(lead.last, lead.path) for lead in verdict.leads] == [(535, TINKER), (3000, DEDICATED)]


def test_gpus_with_a_throughput_of_their_own_are_priced_at_every_count() -> None:
    """10,666.7 s × $15 / 3,600 = $44.44 a GPU, against $996: 22.4."""
    _, verdict = sweep("kimi-k2p6 gpus=4..32 prompt_tps=30000 decode_tps=1500")
    assert not verdict.points_alone
    assert held(verdict.leads) == [(4, 22, DEDICATED), (23, 32, TINKER)]


def test_counts_of_gpus_without_a_throughput_decide_nothing() -> None:
    reply, verdict = sweep("kimi-k2p6 gpus=4..20")
    assert [p.fields[Field.GPUS] for p in reply.models[0].points] == [4, 8, 16, 20]
    assert verdict.points_alone
    assert held(verdict.leads) == [(8, 16, DEDICATED)]
    assert verdict.stretches == ()


def test_a_lead_spans_no_count_of_gpus_without_a_throughput() -> None:
    """Of 20 GPUs nothing is known, and 8 and 40 lead for themselves."""
    reply, verdict = sweep("kimi-k2p6 gpus=8,16,20,40")
    assert held(verdict.leads) == [(8, 16, DEDICATED), (40, 40, DEDICATED)]
    for point in reply.models[0].points:
        gpus = point.fields[Field.GPUS]
        [*leads] = [lead for lead in verdict.leads if lead.first <= gpus <= lead.last]
        assert [lead.path for lead in leads] == ([] if gpus == 20 else [point.cheapest])


def test_a_cluster_that_cannot_hold_the_model_leads_nowhere() -> None:
    """A trillion parameters at four bits are about 500 GB, and a B300 has 288; 11 turns are the last that Tinker holds."""
    throughput = "gpu_type=b300 prompt_tps=30000 decode_tps=1500"
    _, verdict = sweep(f"kimi-k2p6 gpus=1 {throughput} turns=5..20")
    assert held(verdict.leads) == [(5, 11, TINKER), (12, 20, None)]
    _, verdict = sweep(f"kimi-k2p6 gpus=1..8 {throughput}")
    assert held(verdict.leads) == [(1, 1, TINKER), (2, 8, DEDICATED)]
    own = [s for s in verdict.stretches if s.quote.path is DEDICATED]
    assert [(s.first, s.last) for s in own] == [(1, 1), (2, 8)]


def test_a_cluster_that_cannot_hold_the_model_keeps_no_budget_and_no_deadline() -> None:
    """It would come to $28 and 2 hours at 5 turns, Tinker to $523.62; of Tinker no time is known."""
    small = "kimi-k2p6 gpus=1 gpu_type=b300 prompt_tps=30000 decode_tps=1500"
    _, verdict = sweep(f"{small} turns=5..10 budget=$100 deadline=100h")
    assert [(s.limit, s.first, s.last, s.outcome) for s in verdict.limits] == [
        (Field.BUDGET_USD, 5, 10, "missed"),
        (Field.DEADLINE_HOURS, 5, 10, "unknown"),
    ]


def test_where_no_count_has_a_throughput_the_other_paths_are_compared() -> None:
    _, verdict = sweep("kimi-k2p6 gpus=4,12,20")
    assert held(verdict.leads) == [(4, 20, TINKER)]


def test_over_two_fields_the_leads_are_found_for_each_value_of_the_second() -> None:
    """Peaks of T turns: 8,000 + (T − 1) × 12,000 + decode, of 131,072."""
    _, verdict = sweep(f"gpt-oss-120b turns=2..16 decode=1000,4000 {AUGUST}")
    nowhere = [lead for lead in verdict.leads if lead.path is None]
    assert [(lead.held, lead.first, lead.last) for lead in nowhere] == [
        ((Field.DECODE_TOKENS_PER_TURN, 1000), 12, 16),
        ((Field.DECODE_TOKENS_PER_TURN, 4000), 11, 16),
    ]


def test_over_two_fields_every_turn_is_looked_at_with_the_other_value() -> None:
    """The crossing moves with the second field: each line of a grid is the sweep with its value."""
    _, verdict = sweep(f"kimi-k2p6 turns=1,40 decode=1000,3000 {AUGUST}")
    for decode in (1000, 3000):
        _, alone = sweep(f"kimi-k2p6 turns=1,40 decode={decode} {AUGUST}")
        own = tuple(one for one in verdict.leads if one.held and one.held[1] == decode)
        assert held(own) == held(alone.leads)


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
    # of 25 turns and more no amount can be paid
    assert overlap.point == {Field.TURNS: 20}
    [too_long] = [
        c
        for c in verdict.caveats
        if isinstance(c.caveat, NotOffered)
        and isinstance(c.caveat.reason, ContextOverflow)
        and DEDICATED in c.caveat.paths
    ]
    assert too_long.point == {Field.TURNS: 50}


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
    assert (verdict.counted, verdict.asked) == (counted, points)
    works = read(verdict.suggestion, CATALOGUE, today=TODAY)
    assert works == read(suggestion, CATALOGUE, today=TODAY)
    assert isinstance(ask(works).verdict, Swept)


def test_the_day_is_that_of_the_request_at_every_point() -> None:
    reply, _ = sweep(f"kimi-k2p6 turns=5,10 {AUGUST}")
    assert reply.as_of == date(2026, 8, 1)
    assert reply.workload is not None
    assert reply.workload.shape.turns == 5

"""From a request to an answer: defaults, verdicts, caveats, limits, and what is not answered."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.formatting.verdict_wording import verdict_text
from bot.judged import Judged
from bot.requests import read
from bot.requests.request import Field, Intent, Problem, ProblemCode, Request, Span, Value
from bot.verdicts import (
    Compared,
    DigestsInSlack,
    Explained,
    Helped,
    Limited,
    Listed,
    Refused,
    Silent,
    Solved,
    Swept,
)
from engine.caveats import BillingPath
from engine.costs import Unpriced, usd_of
from pricing.cards import CardPath, RateBook
from tests.bot.asking import CATALOGUE, LONG_RUN, TODAY, ask, estimate, rates, refused
from tests.pricing.books import book_of, gpu_card, serverless_card, tinker_card


def codes(answer_caveats: object) -> list[str]:
    assert isinstance(answer_caveats, tuple)
    return [caveat.code for caveat in answer_caveats]


def test_what_is_not_said_is_a_default_and_named() -> None:
    reply = estimate(fields=LONG_RUN)
    assert reply.defaults == (
        Field.INITIAL_PROMPT_TOKENS,
        Field.TOKENS_ADDED_PER_TURN,
        Field.DECODE_TOKENS_PER_TURN,
        Field.GPUS,
        Field.GPU_TYPE,
        Field.PROMPT_TPS,
        Field.DECODE_TPS,
        Field.AS_OF,
    )
    assert reply.as_of == TODAY


@pytest.mark.parametrize(
    ("said", "added", "decode", "defaults"),
    [
        ({}, 12_000, 2_000, {"tokens_added_per_turn", "decode_tokens_per_turn"}),
        ({Field.TOOL_RESULT_TOKENS_PER_TURN: 500}, 2_500, 2_000, {"decode_tokens_per_turn"}),
        (
            {Field.TOOL_RESULT_TOKENS_PER_TURN: 500, Field.DECODE_TOKENS_PER_TURN: 700},
            1_200,
            700,
            set(),
        ),
        (
            {Field.TOOL_RESULT_TOKENS_PER_TURN: 500, Field.TOKENS_ADDED_PER_TURN: 1_200},
            1_200,
            700,
            set(),
        ),
        ({Field.TOKENS_ADDED_PER_TURN: 0}, 0, 2_000, {"decode_tokens_per_turn"}),
    ],
)
def test_of_added_decode_and_tool_result_two_give_the_third(
    said: dict[Field, Value], added: int, decode: int, defaults: set[str]
) -> None:
    reply = estimate(fields=said)
    assert reply.workload is not None
    assert reply.workload.shape.tokens_added_per_turn == added
    assert reply.workload.shape.decode_tokens_per_turn == decode
    assert {f for f in reply.defaults if f.endswith("per_turn")} == defaults


def test_only_one_path_that_can_be_bought_is_said_first() -> None:
    assert verdict_text(estimate(fields=LONG_RUN)) == (
        "Only Dedicated can be bought as asked: $4,444 for 5,000 episodes, $0.89 each. Tinker 128K is "
        "notional at $19,990, 4.5× as much: an episode peaks at 238,000 tokens, its window holds 131,072."
    )


def test_no_path_that_can_be_bought_is_said_first_with_the_notional_amounts() -> None:
    reply = estimate("kimi-k2p5", {Field.GPUS: 12})
    assert verdict_text(reply) == (
        "No path can be bought as asked for Kimi K2.5. Notional: Tinker 128K at $2,265 (retired after "
        "2026-07-12) and Serverless standard at $134.00 (retired after 2026-06-12). Try `kimi-k2p5` "
        "(its own 8 × B300)."
    )
    assert reply.models[0].cheapest is None
    nothing = verdict_text(estimate("llama-3p1-8b"))
    assert nothing.startswith(
        "No path can be bought as asked for Llama-3.1-8B: no rate is known for 2026-11-21"
    )


def test_the_cheapest_comes_with_the_next_one_and_by_how_much() -> None:
    assert verdict_text(estimate(on=date(2026, 11, 1))) == (
        "Dedicated is cheapest: $355.56 for 1,000 episodes, $0.36 each. "
        "Tinker 128K comes next at $996.00, 2.8× as much."
    )


def at(usd: str) -> RateBook:
    """Kimi K2.6 on a cluster for $284.44 to $366.22, and on serverless for what 1M tokens at `usd` come to."""
    return book_of(gpu_card("12"), serverless_card(usd))


def test_a_band_that_could_turn_the_order_is_too_close_to_call() -> None:
    # 416,000 tokens x $0.80/M x 1,000 = $332.80 lies within $284.44 to $366.22
    reply = estimate(book=at("0.80"))
    assert verdict_text(reply) == (
        "Too close to call: Dedicated takes $284.44 to $366.22 for 1,000 episodes, by how far prefill and "
        "decode overlap, and Serverless standard $332.80."
    )
    assert reply.models[0].cheapest is BillingPath.DEDICATED


def test_a_band_above_the_cheapest_path_turns_nothing() -> None:
    # $208.00 is below the band altogether
    assert verdict_text(estimate(book=at("0.50"))).startswith(
        "Serverless standard is cheapest: $208.00"
    )


def test_bills_within_five_per_cent_are_at_par() -> None:
    book = book_of(tinker_card(131_072, "1.00"), serverless_card("1.02"))
    assert verdict_text(estimate(book=book)) == (
        "Tinker 128K and Serverless standard are at par: $416.00 and $424.32 for 1,000 episodes."
    )


def test_a_path_that_costs_nothing_is_cheapest_and_so_many_times_nothing_is_not_said() -> None:
    book = book_of(tinker_card(131_072, "0"), serverless_card("1.00"))
    assert verdict_text(estimate(book=book)) == (
        "Tinker 128K is cheapest: $0 for 1,000 episodes, $0 each. Serverless standard comes next at $416.00."
    )


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (500, "$500 is enough for Dedicated."),
        (400, "Whether $400 is enough for Dedicated is too close to call."),
        (300, "$300 is not enough for any path on offer."),
        (2_000, "$2,000 is enough for Dedicated and Tinker."),
    ],
)
def test_a_budget_is_answered_with_the_band(budget: int, said: str) -> None:
    # Dedicated takes $355.56 to $457.78, Tinker $996.00.
    text = verdict_text(estimate(fields={Field.BUDGET_USD: budget}))
    assert text.endswith(said)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (4, "Dedicated meets the deadline of 4 hours with 2.96 to 3.81 hours."),
        (
            3,
            "Whether Dedicated meets the deadline of 3 hours is too close to call: 2.96 to 3.81 hours.",
        ),
        (1, "Dedicated misses the deadline of 1 hour with 2.96 to 3.81 hours."),
    ],
)
def test_a_deadline_is_answered_with_the_band(hours: int, said: str) -> None:
    assert verdict_text(estimate(fields={Field.DEADLINE_HOURS: hours})).endswith(said)


def test_a_deadline_without_a_cluster_cannot_be_answered() -> None:
    text = verdict_text(estimate("kimi-k3", {Field.DEADLINE_HOURS: 2}))
    assert text.endswith(
        "How long these paths take is not known, so nothing is said of the deadline of 2 hours."
    )


def test_limits_are_answered_even_where_nothing_can_be_bought() -> None:
    """40 turns peak at 8,000 + 39 × 12,000 + 2,000 = 478,000 tokens; 80,000 × 1,000 / 2,500 s = 8.89 h."""
    run = {Field.TURNS: 40, Field.BUDGET_USD: 300, Field.DEADLINE_HOURS: 6}
    text = verdict_text(estimate("gpt-oss-120b", run))
    assert text.startswith(
        "No path can be bought as asked for GPT-OSS-120B: an episode peaks at 478,000 tokens, beyond every window."
    )
    assert "$300 would cover Serverless standard." in text
    assert (
        "Dedicated, notional, would miss the deadline of 6 hours with 8.89 to 14.2 hours." in text
    )


def test_a_cluster_that_cannot_hold_the_model_is_said_in_the_verdict_and_first_of_the_caveats() -> (
    None
):
    small = {
        Field.GPUS: 1,
        Field.GPU_TYPE: "H100_80GB",
        Field.PROMPT_TPS: 2000,
        Field.DECODE_TPS: 200,
    }
    reply = estimate(fields=small)
    assert codes(reply.caveats)[0] == "throughput_unusual"
    # 1,000 episodes of 16,000 decoded tokens at 200 a second take 22.2 hours of one H100 at $8.
    assert verdict_text(reply).startswith(
        "1 × H100 cannot hold Kimi K2.6, so $177.78 on Dedicated cannot be had: the memory is 80 GB, and the weights alone "
        "take about 500 GB at four bits each. Only Tinker 128K can be bought as asked: $996.00"
    )


SMALL: dict[Field, Value] = {
    Field.GPUS: 1,
    Field.GPU_TYPE: "B300_288GB",
    Field.PROMPT_TPS: 30_000,
    Field.DECODE_TPS: 1_500,
}


def test_a_cluster_that_cannot_hold_the_model_wins_no_budget_and_no_deadline() -> None:
    limits: dict[Field, Value] = {Field.BUDGET_USD: 500, Field.DEADLINE_HOURS: 4}
    text = verdict_text(estimate(fields={**SMALL, **limits}))
    assert "$500 is not enough for any path on offer." in text
    assert text.endswith("nothing is said of the deadline of 4 hours.")


@pytest.mark.parametrize(
    ("paths", "first"),
    [
        (("dedicated",), "1 × B300 cannot hold Kimi K2.6, so $44.44 on Dedicated cannot be had: "),
        (("tinker", "dedicated"), "1 × B300 cannot hold Kimi K2.6, so $44.44 "),
        (("tinker",), "Tinker 128K comes to $996.00"),
    ],
    ids=len,
)
def test_of_a_cluster_that_cannot_hold_the_model_nothing_else_is_said(
    paths: tuple[str, ...], first: str
) -> None:
    request = Request(intent=Intent.ESTIMATE, models=("kimi-k2p6",), fields=SMALL, paths=paths)
    text = verdict_text(ask(request))
    assert text.startswith(first)
    assert text.count("cannot be had") == text.count("$44.44") == 1
    assert "Dedicated, which you left out" not in text
    assert "Dedicated has no amount" not in text


def test_where_a_cluster_that_cannot_hold_the_model_is_alone_no_limit_is_judged() -> None:
    limits: dict[Field, Value] = {Field.BUDGET_USD: 500, Field.DEADLINE_HOURS: 4}
    fields = {**SMALL, **limits}
    request = Request(
        intent=Intent.ESTIMATE, models=("kimi-k2p6",), fields=fields, paths=("dedicated",)
    )
    text = verdict_text(ask(request))
    assert "cannot be had" in text
    assert not any(said in text for said in ("$500", "none of them", "4 hours", "How long"))


@pytest.mark.parametrize(("turns", "said"), [(20, True), (10, False)])
def test_an_amount_hangs_on_its_window_where_a_known_one_would_be_too_small(
    turns: int, said: bool
) -> None:
    # An episode peaks at 238,000 tokens with 20 turns and 118,000 with 10; the smallest known window holds 131,072.
    text = verdict_text(estimate("deepseek-v4p1-flash", {Field.TURNS: turns}))
    assert ("each, if the window, which is not known, holds 238,000 tokens." in text) is said
    assert ("window" in text) is said


def test_a_path_that_the_request_names_is_answered_for() -> None:
    asked = Request(
        intent=Intent.ESTIMATE,
        models=("kimi-k2p6",),
        fields={},
        paths=("serverless_standard", "dedicated"),
    )
    assert verdict_text(ask(asked)).endswith(
        "Serverless standard is notional at $200.68: retired after 2026-09-25."
    )


def test_at_par_is_against_tinker_even_where_it_is_notional() -> None:
    limits = estimate(fields=LONG_RUN).models[0].at_par
    assert limits is not None
    assert (limits.max_gpus, limits.min_prompt_tps, limits.min_decode_tps) == (35, 1968, 334)
    assert estimate("kimi-k3").models[0].at_par is None


def test_the_caveats_that_matter_come_first_and_each_once() -> None:
    assert codes(estimate(fields=LONG_RUN).caveats) == [
        "context_overflow",
        "retired",
        "retired",
        "phases_overlap",
        "ideal_prefix_cache",
        "saturated_throughput",
        "overflow_differs",
        "stale_rates",
        "stale_rates",
        "fixed_throughput",
        "serverless_base_model_only",
        "training_excluded",
        "defaults_used",
        "not_a_quote",
    ]


def test_caveats_stay_away_where_they_do_not_matter() -> None:
    own: dict[Field, Value] = {
        **LONG_RUN,
        Field.TURNS: 1,
        Field.GPUS: 8,
        Field.PROMPT_TPS: 30_000,
        Field.DECODE_TPS: 1_500,
    }
    found = set(codes(estimate("qwen3p5-397b", own).caveats))
    # One turn caches nothing, the throughput is the user's own, and no serverless path has an amount.
    assert found.isdisjoint(
        {"ideal_prefix_cache", "saturated_throughput", "serverless_base_model_only"}
    )


def test_more_decoded_than_added_is_allowed_with_a_caveat() -> None:
    fields: dict[Field, Value] = {Field.TOKENS_ADDED_PER_TURN: 500}
    assert "decode_exceeds_added" in codes(estimate(fields=fields).caveats)
    assert "decode_exceeds_added" not in codes(estimate(fields={**fields, Field.TURNS: 1}).caveats)


def test_a_day_in_the_past_is_priced_with_its_own_cards() -> None:
    reply = estimate(on=date(2026, 5, 16))
    usd = {q.path: usd_of(q.priced) for q in reply.models[0].quotes}
    assert usd[BillingPath.TINKER] == Decimal("2264.96")
    assert usd[BillingPath.SERVERLESS_PRIORITY] is None
    assert Field.AS_OF not in reply.defaults


def test_a_problem_is_answered_and_never_priced() -> None:
    reply = refused(Problem(code=ProblemCode.UNPLACED, text="15%"))
    assert (reply.models, reply.workload) == ((), None)
    assert verdict_text(reply) == (
        "`15%` belongs to no field; say what it counts, as `turns=20` does. Without that: `kimi-k2p6`."
    )


def test_five_problems_are_said_and_the_others_counted() -> None:
    problems = [Problem(code=ProblemCode.UNPLACED, text=f"{n}%") for n in range(1, 8)]
    said = verdict_text(refused(*problems))
    assert said.count("belongs to no field") == 5
    assert said.endswith(
        "`5%` belongs to no field; say what it counts, as `turns=20` does. … and 2 more. "
        "Without those: `kimi-k2p6`."
    )


@pytest.mark.parametrize(
    ("problem", "suggestion"),
    [
        (
            Problem(code=ProblemCode.VALUE_OUT_OF_RANGE, field=Field.TURNS, text="500", near=200),
            "kimi-k2p6 turns=200",
        ),
        (
            Problem(code=ProblemCode.VALUE_OUT_OF_RANGE, field=Field.TURNS, text="-5", near=1),
            "kimi-k2p6 turns=1",
        ),
        (
            Problem(code=ProblemCode.VALUE_OUT_OF_RANGE, field=Field.GPUS, text="0", near=1),
            "kimi-k2p6 gpus=1",
        ),
        (Problem(code=ProblemCode.VALUE_OUT_OF_RANGE, field=Field.DECODE_TPS, text="0"), None),
        (
            Problem(code=ProblemCode.VALUE_OUT_OF_RANGE, field=Field.AS_OF, text="2027-01-01"),
            "kimi-k2p6",
        ),
        (
            Problem(code=ProblemCode.FIELD_UNKNOWN, text="turnz=20", hint="turns"),
            "kimi-k2p6 turns=20",
        ),
        (Problem(code=ProblemCode.FIELD_UNKNOWN, text="x=20", hint="turns, gpus"), None),
        (Problem(code=ProblemCode.VALUE_INVALID, field=Field.TURNS, text="2.5"), None),
    ],
)
def test_the_corrected_request_is_suggested_where_one_is_near(
    problem: Problem, suggestion: str | None
) -> None:
    verdict = refused(problem).verdict
    assert isinstance(verdict, Refused)
    assert verdict.suggestion == suggestion


@pytest.mark.parametrize(
    ("said", "hint", "suggestion"),
    [
        ("kimi-k2p", "kimi-k2p6, kimi-k2p5", "kimi-k2p6"),
        ("kimi", "kimi-k2p6, kimi-k2p5", "kimi-k2p6"),
        ("claude", "kimi-k2p6, kimi-k2p5, qwen3p5-397b, gpt-oss-120b", None),
    ],
)
def test_a_name_is_suggested_where_it_resembles_what_was_typed(
    said: str, hint: str, suggestion: str | None
) -> None:
    problem = Problem(code=ProblemCode.MODEL_UNKNOWN, text=said, hint=hint)
    verdict = refused(problem, models=()).verdict
    assert isinstance(verdict, Refused)
    assert verdict.suggestion == suggestion


@pytest.mark.parametrize(
    ("intent", "fields", "kind"),
    [
        (Intent.ESTIMATE, {}, Judged),
        (Intent.ESTIMATE, {Field.TURNS: (5, 10)}, Swept),
        (Intent.ESTIMATE, {Field.TURNS: Span(start=5, end=10)}, Swept),
        (Intent.SWEEP, {Field.TURNS: (5, 10)}, Swept),
        (Intent.COMPARE, {}, Compared),
        (Intent.LIMITS, {}, Limited),
        (Intent.SOLVE, {Field.BUDGET_USD: 10_000}, Solved),
        (Intent.EXPLAIN, {}, Explained),
        (Intent.DIGEST, {}, DigestsInSlack),
    ],
)
def test_each_question_is_answered_by_its_own_kind(
    intent: Intent, fields: dict[Field, Value], kind: type
) -> None:
    solve_for = Field.EPISODES if intent is Intent.SOLVE else None
    request = Request(intent=intent, models=("kimi-k2p6",), fields=fields, solve_for=solve_for)
    assert isinstance(ask(request).verdict, kind)


def test_an_estimate_of_several_models_is_a_comparison() -> None:
    request = Request(intent=Intent.ESTIMATE, models=("kimi-k2p6", "gpt-oss-120b"), fields={})
    assert isinstance(ask(request).verdict, Compared)


def test_help_explains_itself_and_silence_says_nothing() -> None:
    helped = ask(Request(intent=Intent.HELP, fields={}))
    assert isinstance(helped.verdict, Helped)
    assert "kimi-k2p6 turns=20" in verdict_text(helped)
    silent = ask(Request(intent=Intent.NONE, fields={}))
    assert isinstance(silent.verdict, Silent)
    assert verdict_text(silent) == ""


def test_rates_of_a_model_hold_its_gpu_hours_and_what_it_has_lost() -> None:
    reply = rates("kimi-k2p6")
    assert isinstance(reply.verdict, Listed)
    listed = [(c.card.key.path, c.in_force) for c in reply.cards]
    assert listed == [
        (CardPath.TINKER, True),
        (CardPath.TINKER, True),
        (CardPath.SERVERLESS_STANDARD, False),
        (CardPath.SERVERLESS_PRIORITY, False),
        (CardPath.SERVERLESS_FAST, False),
        (CardPath.DEDICATED, True),
    ]


def test_rates_of_everything_are_the_cards_in_force() -> None:
    reply = rates()
    assert all(c.in_force for c in reply.cards)
    assert len(reply.cards) == 52
    assert "52 rate cards are in force on 2026-11-21" in verdict_text(reply)
    assert CardPath.SERVERLESS_US in {c.card.key.path for c in reply.cards}


def test_rates_of_a_gpu_are_its_gpu_hour() -> None:
    reply = rates(fields={Field.GPU_TYPE: "H200_141GB"})
    assert verdict_text(reply) == "In force on 2026-11-21: H200 141GB at $8.00 per GPU-hour."


RATES_OF_KIMI = Request(intent=Intent.RATES, models=("kimi-k2p6",), fields={})


def test_a_gpu_hour_that_is_asked_for_beside_a_model_is_in_force() -> None:
    run: dict[Field, Value] = {Field.GPU_TYPE: "H200_141GB"}
    reply = ask(replace(RATES_OF_KIMI, paths=("dedicated",), fields=run))
    assert verdict_text(reply).endswith(": H200 141GB at $8.00 per GPU-hour.")
    assert reply.instead is None


def test_rates_of_a_path_that_a_model_has_left_say_which_path() -> None:
    reply = ask(replace(RATES_OF_KIMI, paths=("serverless_standard",)))
    assert verdict_text(reply).startswith(
        "No rate card of its own for `kimi-k2p6` on Serverless standard is in force on 2026-11-21."
    )


def test_published_stands_beside_the_answer_with_what_moved() -> None:
    reply = estimate(fields=LONG_RUN, published=True)
    assert reply.published is not None
    assert reply.published.figures.tinker_usd == 65392
    assert isinstance(reply.verdict, Judged)
    assert estimate("kimi-k3", published=True).published is None


def test_a_throughput_that_the_page_did_not_take_has_no_published_figure() -> None:
    tiny: dict[Field, Value] = {Field.DECODE_TPS: Decimal("1e-400")}
    assert estimate(fields=tiny, published=True).published is None


@pytest.mark.parametrize("tps", ["1e-400", "1e-999999", "0.000000001"])
def test_an_absurd_throughput_is_priced_without_a_fault(tps: str) -> None:
    reply = estimate(fields={Field.DECODE_TPS: Decimal(tps), Field.PROMPT_TPS: Decimal(tps)})
    priced = reply.models[0].quote(BillingPath.DEDICATED).priced
    assert not isinstance(priced, Unpriced)
    assert verdict_text(reply)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # 4 H100 are no multiple of the 8 B300 whose throughput is known.
        (
            "kimi-k2p6 on 4 H100",
            "Dedicated: no throughput is known for 4 × H100; it is known for 8 × B300",
        ),
        # Serverless standard's card is the first, of 2026-04-20.
        ("kimi-k2p6 as of 2026-04-20", "No rate of the other paths is known for 2026-04-20."),
        (
            "kimi-k3p1-pro",
            "No path can be bought as asked for Kimi K3.1 Pro: no rate is known for 2026-11-21 and no throughput is known",
        ),
    ],
)
def test_what_keeps_the_other_paths_out_is_in_the_verdict(text: str, said: str) -> None:
    assert said in verdict_text(ask(read(text, CATALOGUE, today=TODAY)))

"""Episodes that a budget buys and a deadline leaves time for."""

from decimal import Decimal
from fractions import Fraction

import pytest

from bot.formatting.episodes_view import episodes_chart
from bot.formatting.verdict_wording import verdict_text
from bot.requests import read
from bot.requests.request import Field, Value
from bot.solving.episodes import MOST_EPISODES
from bot.solving.solution import FREE, Solution
from engine.costs import DedicatedEstimate
from tests.bot.asking import CATALOGUE, TODAY, ask, estimate
from tests.bot.solving.questions import (
    AUGUST,
    DEDICATED,
    MODELS,
    SHAPES,
    STANDARD,
    amounts,
    solve,
)
from tests.pricing.books import book_of, gpu_card, serverless_card


@pytest.mark.parametrize("budget", [1, Decimal("0.35"), 100, Decimal("9999.99"), 10**12])
@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
@pytest.mark.parametrize("model", MODELS)
def test_the_budget_buys_so_many_episodes_and_not_one_more(
    model: str, shape: dict[Field, Value], budget: int | Decimal
) -> None:
    answer = solve(Field.EPISODES, model, {**shape, Field.BUDGET_USD: budget})
    one = estimate(model, {**shape, Field.EPISODES: 1}).models[0].quotes
    for found in answer.models[0].solutions:
        quote = next(quote for quote in one if quote.path is found.path)
        if quote.priced.estimate is None:
            assert (found.value, found.reason) == (None, quote.priced.reasons[0].code)
            continue
        usd = amounts(one, found.path, phases_add=False)
        assert (found.value is None) is (usd == 0)
        for value, add in ((found.value, False), (found.value_if_phases_add, True)):
            if value is None:
                continue
            each = amounts(one, found.path, phases_add=add)
            nearly = Fraction(1, 10**60)
            assert value * each <= Fraction(budget) * (1 + nearly)
            assert (value + 1) * each > Fraction(budget) * (1 - nearly)


def test_the_paths_are_those_of_the_run_that_the_budget_buys() -> None:
    # $10,000 at $0.20068 an episode are 49,830.
    answer = solve(Field.EPISODES, fields={Field.BUDGET_USD: 10_000}, on=AUGUST)
    assert answer.workload is not None
    assert answer.workload.episodes == 49_830
    assert Field.EPISODES not in answer.defaults
    assert verdict_text(answer) == (
        "$10,000 buys 49,830 episodes on Serverless standard, the most; next Dedicated with 35,156 "
        "(27,305 if prefill and decode take turns)."
    )


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # $10,000 at $0.996 an episode are 10,040, and at $0.20068 on the rate that is gone 49,830.
        (
            "kimi-k2p6 how many episodes for $10k on standard or tinker",
            "$10,000 buys 10,040 episodes on Tinker 128K and 49,830 on Serverless standard (notional); the most "
            "on offer is 28,125 on Dedicated (21,844 if prefill and decode take turns).",
        ),
        (
            "kimi-k3 how many episodes for $10k on tinker",
            "$10,000 buys 16,436 episodes on Serverless standard. Tinker has no amount here.",
        ),
    ],
)
def test_a_path_that_was_named_is_answered_first(text: str, verdict: str) -> None:
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))) == verdict


def test_too_little_money_is_said_with_what_one_episode_costs() -> None:
    answer = solve(Field.EPISODES, fields={Field.BUDGET_USD: Decimal("0.10")})
    assert verdict_text(answer) == (
        "$0.10 buys not one episode: one costs $0.36 on Dedicated, the cheapest."
    )


def test_a_path_that_costs_nothing_gives_any_number() -> None:
    book = book_of(serverless_card("0"), gpu_card("12"))
    answer = solve(Field.EPISODES, fields={Field.BUDGET_USD: 5}, book=book)
    free = next(s for s in answer.models[0].solutions if s.path is STANDARD)
    assert (free.value, free.reason) == (None, FREE)
    assert "costs nothing here: $5 buys any number of episodes." in verdict_text(answer)


# -- a deadline beside the budget ----------------------------------------------------------------------


def on_dedicated(fields: dict[Field, Value], model: str = "kimi-k2p6") -> Solution:
    solutions = solve(Field.EPISODES, model, fields).models[0].solutions
    return next(s for s in solutions if s.path is DEDICATED)


@pytest.mark.parametrize("hours", [Decimal("0.001"), Decimal("0.5"), 6, 48])
@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
@pytest.mark.parametrize("model", MODELS)
def test_so_many_episodes_end_in_time_and_not_one_more(
    model: str, shape: dict[Field, Value], hours: int | Decimal
) -> None:
    found = on_dedicated({**shape, Field.BUDGET_USD: 10_000, Field.DEADLINE_HOURS: hours}, model)

    def takes(episodes: int, *, phases_add: bool) -> Fraction:
        run = estimate(model, {**shape, Field.EPISODES: episodes}).models[0].quote(DEDICATED)
        assert isinstance(run.priced.estimate, DedicatedEstimate)
        cluster = run.priced.estimate
        return Fraction(cluster.cluster_hours_high if phases_add else cluster.cluster_hours)

    nearly = Fraction(1, 10**60)
    for most, phases_add in ((found.in_time, False), (found.in_time_if_phases_add, True)):
        assert most is not None
        if most:
            assert takes(most, phases_add=phases_add) <= Fraction(hours) * (1 + nearly)
        assert takes(most + 1, phases_add=phases_add) > Fraction(hours) * (1 - nearly)


def test_the_deadline_binds_where_fewer_end_in_time_than_the_budget_buys() -> None:
    # 20 turns: 40,000 decoded at 1,500/s are 26.67 s an episode, 810 in six hours; with 236,000/30,000 of prefill
    # 34.53 s and 625. $10,000 at $120 an hour are 83.3 hours: 11,250 episodes, or 8,687.
    text = "kimi-k2p6 how many episodes for $10k in 6 hours turns=20"
    answer = ask(read(text, CATALOGUE, today=TODAY))
    verdict = verdict_text(answer)
    assert verdict.startswith(
        "$10,000 buys 11,250 episodes on Dedicated (8,687 if prefill and decode take turns); no other path can be bought "
        "as asked. Within 6 hours 8 × B300 end 810 of them (625 if prefill and decode take turns), so the deadline binds. "
        "How many GPUs end them all: `"
    )
    more = ask(read(verdict.split("`")[1], CATALOGUE, today=TODAY))
    # 11,250 episodes take 83.33 hours on one cluster: 14 of them in six.
    assert more.models[0].solutions[0].value == 14 * 8


def test_the_budget_binds_where_all_that_it_buys_end_in_time() -> None:
    # $10 at $96 an hour are 375 s: 35 episodes of 10.67 s of decode.
    text = "kimi-k2p6 how many episodes for $10 in 6 hours as of 2026-08-01"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(
        "How long Serverless standard takes is not known. 8 × B300 end all of the 35 on Dedicated within 6 hours, "
        "so there the budget binds."
    )


TOO_SMALL = "gpus=1xB200 prompt_tps=9000 decode_tps=3000 budget=100 deadline=1h as of 2026-08-01"


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        # $0.20068 an episode on standard, 0.30176 on priority and 0.99600 on Tinker.
        (
            "",
            " $100 buys 498 episodes on Serverless standard, the most; next Serverless priority with 331. "
            "How long Serverless standard takes is not known.",
        ),
        (
            "only dedicated",
            " $100 buys 498 episodes on Serverless standard, the most; next Serverless priority with 331.",
        ),
        (
            "on tinker and dedicated",
            " $100 buys 100 episodes on Tinker 128K; the most on offer is 498 on Serverless standard. "
            "How long Tinker 128K takes is not known.",
        ),
    ],
)
def test_a_cluster_that_cannot_hold_the_model_buys_and_ends_no_episodes(
    paths: str, said: str
) -> None:
    answer = ask(read(f"solve episodes kimi-k2p6 {paths} {TOO_SMALL}", CATALOGUE, today=TODAY))
    start, text = verdict_text(answer).split("four bits each.")
    assert "1 × B200 cannot hold Kimi K2.6" in start
    assert text == said
    chart = episodes_chart(answer, answer.models[0])
    assert chart
    assert [name for name, _ in chart.bars if name.endswith("*")] == ["Dedicated*"]


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (
            # $777 at $0.99600, and at $0.30176.
            "priority vs tinker",
            "$777 buys 780 episodes on Tinker 128K and 2,574 on Serverless priority; the most on offer is 3,871 on "
            "Serverless standard. How long these paths take is not known, so nothing is said of a deadline of 2 hours.",
        ),
        (
            "without dedicated",
            "$777 buys 780 episodes on Tinker 128K, 3,871 on Serverless standard, 2,574 on Serverless priority and 1,921 "
            "on Serverless fast. How long these paths take is not known, so nothing is said of a deadline of 2 hours.",
        ),
        (
            # $777 at $96 an hour are 8.09 hours of 10.67 s of decode an episode, or 13.73 s: of 2 hours 675, or 524.
            "only dedicated",
            "$777 buys 2,731 episodes on Dedicated (2,121 if prefill and decode take turns); the most on offer is 3,871 "
            "on Serverless standard. Within 2 hours 8 × B300 end 675 of the 2,731 on Dedicated (524 if prefill and decode "
            "take turns), so there the deadline binds. How many GPUs end them all: "
            "`solve gpus kimi-k2p6 as_of=2026-08-01 deadline_hours=2 episodes=2731`.",
        ),
    ],
)
def test_a_deadline_is_judged_of_the_paths_that_are_asked_for(paths: str, said: str) -> None:
    text = f"solve episodes kimi-k2p6 {paths} budget=777 deadline=2h as of 2026-08-01"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))) == said


def test_a_throughput_that_was_said_offers_no_question_for_gpus_that_would_refuse_it() -> None:
    fields: dict[Field, Value] = {
        Field.BUDGET_USD: 10_000,
        Field.DEADLINE_HOURS: 1,
        Field.PROMPT_TPS: 20_000,
        Field.DECODE_TPS: 1000,
    }
    found = on_dedicated(fields)
    assert found.is_held_by_deadline
    assert found.suggestion is None


def test_more_episodes_than_a_request_can_say_offer_no_question_for_all_of_them() -> None:
    # $10M at $0.000296 an episode are far more than the 10,000,000 that a request takes.
    tiny: dict[Field, Value] = {
        Field.TURNS: 1,
        Field.INITIAL_PROMPT_TOKENS: 100,
        Field.DECODE_TOKENS_PER_TURN: 10,
        Field.DEADLINE_HOURS: 6,
    }
    many = on_dedicated({**tiny, Field.BUDGET_USD: 10_000_000})
    assert many.is_held_by_deadline
    assert many.value is not None
    assert many.value > MOST_EPISODES
    assert many.suggestion is None

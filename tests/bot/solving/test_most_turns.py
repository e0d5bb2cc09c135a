"""The most turns that a budget buys or a deadline leaves time for, by hand and against every run."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from itertools import product

import pytest

from bot.answers import Answer
from bot.export import to_csv
from bot.formatting.as_json import answer_json
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
from bot.requests import read
from bot.requests.request import Field, Value
from bot.solving.solution import MOST_TURNS, Solution, fit_window
from bot.verdicts import Solved
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate, Offered
from pricing.quotes import Quote
from tests.bot.asking import CATALOGUE, TODAY, ask, estimate
from tests.bot.solving.questions import (
    AUGUST,
    DEDICATED,
    MODELS,
    PRIORITY,
    SHAPES,
    STANDARD,
    TINKER,
    amounts,
    solve,
)
from tests.pricing.books import book_of, tinker_card


def turns(
    fields: dict[Field, Value], model: str = "kimi-k2p6", *, on: date | None = None
) -> Answer:
    return solve(Field.TURNS, model, fields, on=on)


def most(answer: Answer) -> dict[BillingPath, Solution]:
    """The solutions that are of one path."""
    return {s.path: s for s in answer.models[0].solutions if s.against is None}


def test_500_dollars_buy_11_turns_on_dedicated_and_4_on_tinker() -> None:
    # T turns decode 2,000·T tokens at 1,500/s: 1,000 episodes cost $44.44·T at $120 an hour, $488.89 for 11. With
    # (12,000·T − 4,000)/30,000 s of prefill before it they cost $57.78·T − $4.44: $457.78 for 8, $515.56 for 9.
    # Tinker 128K: 4 turns are 44k·5.15 + 60k·1.03 + 8k·12.81 = $0.39088 an episode, 5 turns $0.52362.
    answer = turns({Field.BUDGET_USD: 500})
    found = most(answer)
    assert [*found] == [*BillingPath]
    dedicated, tinker = found[DEDICATED], found[TINKER]
    assert (dedicated.value, dedicated.value_if_phases_add, dedicated.binding) == (11, 8, "budget")
    assert (tinker.value, tinker.binding, tinker.offered) == (4, "budget", True)
    assert verdict_text(answer).startswith(
        "$500 buys 1,000 episodes of 11 turns on Dedicated (8 if prefill and decode take turns), the most; "
        "next Tinker 128K with 4. Dedicated becomes cheaper than Tinker from 3 turns."
    )
    assert "stay within" not in verdict_text(answer)


def test_the_question_in_words_is_answered_before_the_crossings() -> None:
    text = "how many turns can I afford with $500 on kimi k2.6"
    answer = ask(read(text, CATALOGUE, today=TODAY))
    assert verdict_text(answer).startswith("$500 buys 1,000 episodes of 11 turns on Dedicated")
    kinds = [s.against is None for s in answer.models[0].solutions]
    assert kinds == sorted(kinds, reverse=True)
    tables = [section.table for section in view(answer).sections if section.table]
    assert [table.header[2] for table in tables] == ["Most turns", "From turns"]


def test_three_hours_leave_time_for_8_turns_on_the_cluster_and_say_nothing_of_the_others() -> None:
    # 1,000 episodes of T turns decode for T/2.7 hours; 1,733.3·T − 133.3 s with prefill before it: 6 turns take 2.85 h.
    answer = turns({Field.DEADLINE_HOURS: 3})
    (found,) = most(answer).values()
    assert (found.path, found.value, found.value_if_phases_add) == (DEDICATED, 8, 6)
    assert found.binding == "deadline"
    assert verdict_text(answer).startswith(
        "Within 3 hours Dedicated ends 1,000 episodes of 8 turns (6 if prefill and decode take turns). "
        "How long the other paths take is not known."
    )


def test_of_a_budget_and_a_deadline_the_tighter_one_binds() -> None:
    both = turns({Field.BUDGET_USD: 500, Field.DEADLINE_HOURS: 3})
    assert (most(both)[DEDICATED].value, most(both)[DEDICATED].binding) == (8, "deadline")
    assert (most(both)[TINKER].value, most(both)[TINKER].binding) == (4, "budget")
    longer = turns({Field.BUDGET_USD: 500, Field.DEADLINE_HOURS: 30})
    assert (most(longer)[DEDICATED].value, most(longer)[DEDICATED].binding) == (11, "budget")
    assert isinstance(both.verdict, Solved)
    assert both.verdict.undecided == ()


def test_a_window_that_holds_no_more_binds() -> None:
    # 262,144 tokens hold 22 turns of the default shape, Tinker's 131,072 hold 11.
    found = most(turns({Field.BUDGET_USD: 10**6}))
    assert {path: (s.value, s.binding) for path, s in found.items()} == {
        path: (11 if path is TINKER else 22, "window") for path in BillingPath
    }


def test_paths_with_as_many_are_named_together() -> None:
    assert verdict_text(turns({Field.BUDGET_USD: 10**6}, on=AUGUST)).startswith(
        "$1,000,000 buys 1,000 episodes of 22 turns on Serverless standard (all that the window holds); as many on "
        "Serverless priority, Serverless fast and Dedicated."
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        # One turn on Tinker 32K: 8k·2.205 + 2k·5.49 = $0.02862 an episode.
        (
            {Field.BUDGET_USD: 5},
            "$5 does not buy 1,000 episodes of even one turn: on Tinker 32K, the cheapest, they cost $28.62.",
        ),
        (
            {Field.DEADLINE_HOURS: Decimal("0.1")},
            "Dedicated does not end 1,000 episodes of even one turn within 6 minutes.",
        ),
        (
            {Field.BUDGET_USD: 500, Field.INITIAL_PROMPT_TOKENS: 500_000},
            "An episode of even one turn fits no window.",
        ),
    ],
)
def test_that_not_even_one_turn_can_be_had_is_said(fields: dict[Field, Value], text: str) -> None:
    assert verdict_text(turns(fields)).startswith(text)


def test_two_paths_that_are_named_are_set_against_each_other_as_without_a_limit() -> None:
    answer = solve(Field.TURNS, fields={Field.BUDGET_USD: 500}, paths=("dedicated", "tinker"))
    assert most(answer) == {}


@pytest.mark.parametrize(
    ("asked", "paths", "text"),
    [
        (
            # 7 turns on priority: 80k·1.50 + 228k·0.22 + 14k·6.00 = $0.25416 an episode; 8 turns are $0.30176.
            "how many turns can I afford with $300 on priority kimi-k2p6",
            [PRIORITY],
            "$300 buys 1,000 episodes of 7 turns on Serverless priority. Serverless priority is cheaper than",
        ),
        (
            # 10 turns on standard: 0.00096·100 + 0.178 − 0.00316 = $0.27084 an episode; 11 are $0.3088.
            "how many turns can I afford with $300 kimi-k2p6 without dedicated",
            [*BillingPath][:4],
            "Without Dedicated, $300 buys 1,000 episodes of 10 turns on Serverless standard, the most; next "
            "Serverless priority with 7.",
        ),
        (
            # $35.56·T of decode at $96 an hour: $284.44 for 8; $46.22·T − $3.56 with prefill before it: $273.78 for 6.
            "how many turns on dedicated for $300 kimi-k2p6",
            [DEDICATED],
            "$300 buys 1,000 episodes of 8 turns on Dedicated (6 if prefill and decode take turns). Dedicated becomes",
        ),
        (
            "how many turns within 3 hours on dedicated kimi-k2p6",
            [DEDICATED],
            "Within 3 hours Dedicated ends 1,000 episodes of 8 turns (6 if prefill and decode take turns). Dedicated",
        ),
        (
            # 42 turns on Tinker 32K: 16.2k·2.205 + 492k·0.441 + 8.4k·5.49 = $0.29881 an episode; 43 would be $0.30745.
            "how many turns can I afford just tinker kimi-k2p6 initial=8000 added=200 decode=200 gpus=24 budget=300",
            [TINKER],
            "$300 buys 1,000 episodes of 42 turns on Tinker 32K. Tinker is never",
        ),
    ],
)
def test_of_the_paths_that_are_asked_about_the_most_turns_come_before_the_crossings(
    asked: str, paths: list[BillingPath], text: str
) -> None:
    answer = ask(read(f"{asked} as of 2026-08-01", CATALOGUE, today=TODAY))
    assert [*most(answer)] == paths
    assert verdict_text(answer).startswith(text)
    assert "not judged" not in verdict_text(answer)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            # At $96 an hour a turn of 100,000 tokens takes 3.33 s of prefill: 55.6 minutes and $88.89 for 1,000 of them.
            # Standard: 0.1·0.95 + 0.0001·4 = $0.0954.
            "with $90 within 0.5 hours initial=100000 added=1000 decode=100 as of 2026-08-01",
            "Dedicated does not end 1,000 episodes of even one turn within 30 minutes, and $90 does not buy them "
            "elsewhere: on Serverless standard, the cheapest, they cost $95.40. Dedicated is",
        ),
        (
            # 5,000 episodes decode for 1.852·T hours: 9.26 for 5. With prefill before it 2.407·T − 0.185: 9.44 for 4.
            "with $20000 within 10 hours episodes=5000 as of 2026-08-11",
            "$20,000 buys 5,000 episodes of 22 turns on Serverless standard (all that the window holds); as many on "
            "Serverless priority and Serverless fast. Dedicated, the only path whose time is known, has room for 5 turns "
            "(4 if prefill and decode take turns). How long Tinker, and Serverless standard, priority and fast take is "
            "not known.",
        ),
        (
            # $35.56·T: $782.22 for 22; $46.22·T − $3.56: $920.89 for 20 and $967.11 for 21.
            "with $950 as of 2026-08-01",
            "$950 buys 1,000 episodes of 22 turns on Serverless standard (all that the window holds); as many on "
            "Dedicated (20 if prefill and decode take turns).",
        ),
        (
            # 200 turns on dedicated at $120 an hour: 4k tokens decoded at 1,500/s are 2.67 s, $0.0889. With 1 s of prefill before
            # them $0.0333 + $0.000444·T, $0.0889 for 125. Tinker 32K: $0.0663 and $0.01334 for each turn after the first.
            "with $0.089 episodes=1 initial=30000 added=0 decode=20 as of 2026-11-21",
            "$0.089 buys 1 episode of 200 turns on Dedicated (125 if prefill and decode take turns, the most that can be "
            "asked); next Tinker 32K with 2.",
        ),
    ],
)
def test_what_binds_and_what_is_known_is_said(asked: str, text: str) -> None:
    answer = ask(read(f"how many turns kimi-k2p6 {asked}", CATALOGUE, today=TODAY))
    assert verdict_text(answer).startswith(text)


def test_a_path_that_buys_not_one_turn_comes_next_to_none() -> None:
    # One turn on dedicated: 2,000 tokens at 1,500/s and $120 an hour are $44.44 for 1,000 episodes; Tinker's is $28.62.
    answer = turns({Field.BUDGET_USD: 40})
    assert verdict_text(answer).startswith(
        "$40 buys 1,000 episodes of 1 turn on Tinker 32K, the most. Ded"
    )


def test_why_the_one_path_that_is_named_cannot_be_bought_is_said() -> None:
    # 9 turns on fast: 104k·2.00 + 400k·0.30 + 18k·8.00 = $0.472 an episode; 10 are $0.5444.
    answer = solve(Field.TURNS, fields={Field.BUDGET_USD: 500}, paths=("serverless_fast",))
    text = verdict_text(answer)
    assert text.startswith(
        "No path can be bought as asked; notional: $500 buys 1,000 episodes of 9 turns on Serverless fast. "
        "Serverless fast becomes cheaper than Tinker from 3 turns"
    )
    assert "Notional, retired after 2026-08-27: Serverless fast." in text


def test_a_cluster_that_is_too_small_wins_nothing() -> None:
    text = "how many turns gpus=1xB200 prompt_tps=9000 decode_tps=3000 with $300 kimi-k2p6 as of 2026-08-01"
    answer = ask(read(text, CATALOGUE, today=TODAY))
    assert not most(answer)[DEDICATED].offered
    assert (
        "each. $300 buys 1,000 episodes of 10 turns on Serverless standard, the most; next Serverless priority with 7."
    ) in verdict_text(answer)
    rows = next(section.table for section in view(answer).sections if section.table).rows
    assert [row[1] for row in rows] == [*["offered"] * 4, "notional: too small"]
    late = ask(read(f"{text} within 10 hours", CATALOGUE, today=TODAY))
    assert (
        "with 7. How long Tinker, and Serverless standard, priority and fast take is not known."
    ) in verdict_text(late)


def test_a_path_without_an_amount_says_why() -> None:
    found = most(turns({Field.BUDGET_USD: 500}, "kimi-k3"))
    assert (found[TINKER].value, found[TINKER].reason) == (None, "no_rate")
    assert found[STANDARD].value


def bought(
    table: Sequence[Sequence[Quote]], path: BillingPath, budget: Fraction, *, phases_add: bool
) -> int:
    """The most turns by looking at each run, among those on offer; where none is, among those that fit the window."""
    runs = [next(q for q in quotes if q.path is path) for quotes in table]
    fit = [n for n, quote in enumerate(runs, start=1) if fit_window(quote) is not False]
    sold = [n for n in fit if isinstance(runs[n - 1].priced, Offered)]
    return max(
        (n for n in sold or fit if amounts(table[n - 1], path, phases_add=phases_add) <= budget),
        default=0,
    )


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
@pytest.mark.parametrize(("model", "day"), [*product(MODELS, (AUGUST, TODAY))])
def test_the_most_turns_agree_with_brute_force_over_every_run(
    model: str, day: date, shape: dict[Field, Value]
) -> None:
    run: dict[Field, Value] = {**shape, Field.EPISODES: 700}
    table = [
        estimate(model, {**run, Field.TURNS: n}, on=day).models[0].quotes
        for n in range(1, MOST_TURNS + 1)
    ]
    for budget in (Decimal("17.35"), Decimal(300), Decimal("2499.99"), Decimal(40_000)):
        found = most(turns({**run, Field.BUDGET_USD: budget}, model, on=day))
        for path, solution in found.items():
            if solution.value is None:
                assert solution.reason
                continue
            allowed = Fraction(budget)
            assert solution.value == bought(table, path, allowed, phases_add=False)
            if path is DEDICATED:
                in_turns = bought(table, path, allowed, phases_add=True)
                assert solution.value_if_phases_add == in_turns


@pytest.mark.parametrize("model", MODELS)
def test_the_turns_that_end_in_time_agree_with_brute_force_over_every_run(model: str) -> None:
    table = [
        estimate(model, {Field.TURNS: n}).models[0].quote(DEDICATED)
        for n in range(1, MOST_TURNS + 1)
    ]
    for hours in (Decimal("0.5"), Decimal(4), Decimal(60)):
        found = most(turns({Field.DEADLINE_HOURS: hours}, model))[DEDICATED]
        for value, phases_add in ((found.value, False), (found.value_if_phases_add, True)):
            ends = [
                n
                for n, quote in enumerate(table, start=1)
                if fit_window(quote) is not False and _hours(quote, phases_add=phases_add) <= hours
            ]
            assert value == max(ends, default=0)


def _hours(quote: Quote, *, phases_add: bool) -> Decimal:
    run = quote.priced.estimate
    assert isinstance(run, DedicatedEstimate)
    return run.cluster_hours_high if phases_add else run.cluster_hours


@pytest.mark.parametrize(("budget", "value"), [("390.88", 4), ("390.8799", 3)])
def test_a_budget_of_just_the_bill_is_enough(budget: str, value: int) -> None:
    # $0.39088 an episode of 4 turns on Tinker 128K, as above.
    assert most(turns({Field.BUDGET_USD: Decimal(budget)}))[TINKER].value == value


def test_a_wider_variant_that_is_dearer_ends_what_the_narrow_one_sells() -> None:
    # At $1 per 1M tokens 1,000 episodes of two turns (8k + 20k of prompt, 4k of decode) cost $32 in 32K; in 128K, at $9, three
    # turns (60k + 6k) cost $594.
    book = book_of(tinker_card(32_768, "1"), tinker_card(131_072, "9"))
    for budget, value in ((593, 2), (594, 3)):
        answer = solve(Field.TURNS, fields={Field.BUDGET_USD: budget}, book=book)
        assert most(answer)[TINKER].value == value


def test_json_and_csv_have_a_row_a_path_and_the_cards_that_each_rests_on() -> None:
    answer = turns({Field.BUDGET_USD: 500})
    tinker = answer_json(answer)["models"][0]["solutions"][0]
    cards = tinker.pop("cards")
    assert [card.split("/")[2] for card in cards] == ["32K", "128K"]
    assert tinker == {
        "field": "turns",
        "path": "tinker",
        "against": None,
        "value": 4,
        "value_if_phases_add": None,
        "fits_window": True,
        "reason": None,
        "reason_if_phases_add": None,
        "variant": "128K",
        "usd": 390.88,
        "binding": "budget",
        "too_long_from": 12,
    }
    row = next(csv.DictReader(StringIO(to_csv(answer).removeprefix("\ufeff"))))
    assert (row["path"], row["most turns"], row["bound by"]) == ("tinker", "4", "budget")
    assert row["rests on (rate cards)"].split() == cards

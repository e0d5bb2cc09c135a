"""How long an answer holds: up to the first day on which one of its rates is in doubt."""

from datetime import date
from decimal import Decimal

import pytest

from bot.answers import Answer
from bot.requests.request import Field, Intent, Request, Value
from bot.validity import Doubt, ValidUntil, cards_behind, valid_until
from pricing.cards import Ended, RateBook
from tests.bot.asking import BOOK, LONG_RUN, ask, estimate, rates


def held(answer: Answer) -> ValidUntil:
    found = valid_until(answer)
    assert found is not None
    return found


def ending(item: str, on: date, ended: Ended) -> RateBook:
    """The book with an end of a rate that is known ahead."""
    return RateBook.of(
        card.model_copy(update={"effective_to": on, "ended": ended})
        if card.key.item == item and card.effective_to is None
        else card
        for card in BOOK
    )


def test_a_check_of_what_can_be_bought_counts_for_thirty_days() -> None:
    # At 20 turns Dedicated alone can be bought, checked on 2026-10-05; Tinker's check of July has no say.
    until = held(estimate(fields=LONG_RUN))
    assert (until.day, until.doubt) == (date(2026, 11, 4), Doubt.UNCHECKED)
    assert until.card.key.item == "B300_288GB"


@pytest.mark.parametrize(
    ("ended", "doubt"), [(Ended.RETIRED, Doubt.ENDED), (Ended.REPLACED, Doubt.REPLACED)]
)
def test_a_known_end_is_the_last_day(ended: Ended, doubt: Doubt) -> None:
    book = ending("B300_288GB", date(2026, 12, 31), ended)
    until = held(estimate(fields=LONG_RUN, book=book))
    assert (until.day, until.doubt) == (date(2026, 12, 31), doubt)


def test_the_earlier_of_a_known_end_and_an_old_check_counts() -> None:
    # At 8 turns Tinker can be bought too; its card of 128K was last checked on 2026-07-17.
    book = ending("B300_288GB", date(2026, 12, 31), Ended.REPLACED)
    until = held(estimate(book=book))
    assert (until.day, until.doubt) == (date(2026, 8, 16), Doubt.UNCHECKED)


def test_an_answer_for_a_day_that_has_been_holds_as_long_as_its_rates_did() -> None:
    # On 2026-05-10 the GPU-hour alone is known on Dedicated; Tinker's first rate begins on 2026-05-16.
    until = held(estimate(fields=LONG_RUN, on=date(2026, 5, 10)))
    assert (until.day, until.doubt) == (date(2026, 5, 15), Doubt.BEGINS)
    assert until.card.key.item == "kimi-k2p6"


def test_where_nothing_can_be_bought_every_check_counts() -> None:
    # 100 turns fit no window. The oldest check is that of Tinker's card.
    until = held(estimate(fields={Field.TURNS: 100}))
    assert (until.day, until.doubt) == (date(2026, 8, 16), Doubt.UNCHECKED)


def test_without_any_rate_nothing_holds_until_a_day_but_the_first_one() -> None:
    # Serverless standard is the first of all, on 2026-04-20.
    until = held(estimate(on=date(2026, 1, 2)))
    assert (until.day, until.doubt) == (date(2026, 4, 19), Doubt.BEGINS)
    assert cards_behind(estimate(on=date(2026, 1, 2))) == ()


def test_a_comparison_rests_on_the_path_by_which_each_model_is_ranked() -> None:
    # Both are cheapest on Dedicated: GPT-OSS on H200 for $56.89, Kimi on B300 for $355.56.
    answer = ask(Request(intent=Intent.COMPARE, models=("kimi-k2p6", "gpt-oss-120b"), fields={}))
    assert [one.card.key.item for one in cards_behind(answer)] == ["H200_141GB", "B300_288GB"]


def solved(field: Field, fields: dict[Field, Value], *paths: str) -> set[str]:
    request = Request(
        intent=Intent.SOLVE, models=("kimi-k2p6",), fields=fields, solve_for=field, paths=paths
    )
    return {one.card.key.path for one in cards_behind(ask(request))}


def test_a_solution_rests_on_the_paths_that_it_speaks_of() -> None:
    assert solved(Field.GPUS, {Field.DEADLINE_HOURS: Decimal(6)}) == {"dedicated"}
    pair = ("dedicated", "serverless_standard")
    assert solved(Field.TURNS, {Field.AS_OF: date(2026, 8, 1)}, *pair) == {*pair}


def test_a_crossing_rests_on_the_cards_of_all_numbers_of_turns() -> None:
    # Tinker is cheaper up to two turns, which 32K holds (checked 2026-09-19), and no longer in 128K (checked 2026-07-17).
    request = Request(
        intent=Intent.SOLVE,
        models=("kimi-k2p6",),
        fields={},
        solve_for=Field.TURNS,
        paths=("tinker", "dedicated"),
    )
    answer = ask(request)
    assert answer.models[0].solutions[0].until == 2
    windows = {one.card.key.window_tokens for one in cards_behind(answer)}
    assert windows == {32_768, 131_072, None}
    assert held(answer).day == date(2026, 8, 16)


def test_a_sweep_rests_on_the_cards_of_all_its_points() -> None:
    # Tinker's 32K holds 2 turns, 128K is for 8.
    sweep = ask(Request(intent=Intent.SWEEP, models=("kimi-k2p6",), fields={Field.TURNS: (2, 8)}))
    windows = {one.card.key.window_tokens for one in cards_behind(sweep)}
    assert {32_768, 131_072} <= windows


def test_listed_rates_hold_until_the_oldest_check_of_one_in_force() -> None:
    until = held(rates("kimi-k2p6"))
    assert (until.day, until.doubt) == (date(2026, 8, 16), Doubt.UNCHECKED)

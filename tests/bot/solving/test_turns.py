"""Turns at which one path is cheaper than another, against known answers and against every run."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from bot.formatting.verdict_wording import verdict_text
from bot.requests import read
from bot.requests.request import Field, Value
from bot.solving.solution import MOST_TURNS, Solution
from engine.caveats import BillingPath, ContextOverflow
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
    only,
    solve,
)
from tests.pricing.books import book_of, serverless_card, tinker_card


@pytest.mark.parametrize(("against", "turns", "in_turns"), [(STANDARD, 19, 30), (PRIORITY, 7, 15)])
def test_kimi_on_its_own_cluster_becomes_cheaper_than_serverless(
    against: BillingPath, turns: int, in_turns: int
) -> None:
    found = only(solve(Field.TURNS, on=AUGUST, paths=("dedicated", against)))
    assert (found.path, found.against) == (DEDICATED, against)
    assert (found.value, found.value_if_phases_add, found.until) == (turns, in_turns, None)


def test_the_path_that_is_named_first_is_the_one_that_is_answered() -> None:
    # Standard is cheaper up to 18 turns, and the sum of the phases on dedicated up to 29.
    found = only(solve(Field.TURNS, on=AUGUST, paths=("serverless_standard", "dedicated")))
    assert (found.path, found.against) == (STANDARD, DEDICATED)
    assert (found.value, found.until, found.against_from) == (1, 18, 19)
    assert (found.value_if_phases_add, found.until_if_phases_add) == (1, 29)
    assert (found.reason, found.fits_window, found.too_long_from) == (None, True, 23)


def test_a_pair_that_nobody_named_is_told_of_the_path_that_takes_over() -> None:
    # Tinker begins cheaper than dedicated here, and dedicated takes over.
    for found in solve(Field.TURNS, on=AUGUST).models[0].solutions:
        assert found.path is DEDICATED
        assert found.value
        assert found.value > 1


ONE_PAIR = [
    (
        "at how many turns is dedicated cheaper than standard kimi-k2p6 as of 2026-08-01",
        # 262,144 tokens hold 22 turns of the default shape.
        "Dedicated becomes cheaper than Serverless standard from 19 turns (30 if prefill and decode take turns, "
        "which is too long: 22 turns fit).",
    ),
    (
        "until how many turns is standard cheaper than dedicated kimi-k2p6 as of 2026-08-01",
        "Serverless standard is cheaper than Dedicated up to 18 turns (29 if prefill and decode take turns, "
        "only 22 fit the window); from 19 on Dedicated is.",
    ),
    (
        "at how many turns is dedicated cheaper than priority kimi-k2p6 as of 2026-08-01",
        "Dedicated becomes cheaper than Serverless priority from 7 turns (15 if prefill and decode take turns).",
    ),
    (
        # At $15 a GPU-hour 0.04444·T of decode meet 0.00096·T² + 0.0178·T − 0.00316 at T = 27.87.
        "at how many turns is dedicated cheaper than standard kimi-k2p6 as of 2026-09-10",
        "Dedicated becomes cheaper than Serverless standard from 28 turns (42 if prefill and decode take turns, "
        "both too long: 22 turns fit).",
    ),
    (
        # 262,144 hold 50,000 + 17·12,000 + 2,000 tokens: 18 turns.
        "at how many turns is dedicated cheaper than standard kimi-k2p6 initial=50000 added=12000 decode=2000 "
        "as of 2026-08-01",
        "Dedicated is cheaper than Serverless standard up to 4 turns and again from 8 (from 23 if prefill and decode "
        "take turns, only 18 fit the window).",
    ),
    (
        # 262,144 hold 120,000 + 47·3,000 + 1,000 tokens: 48 turns.
        "at how many turns is dedicated cheaper than fast kimi-k2p6 initial=120000 added=3000 decode=1000 "
        "decode_tps=300 as of 2026-07-20",
        "Dedicated is cheaper than Serverless fast up to 5 turns and again from 85 (up to 2 and again from 94 if prefill "
        "and decode take turns, only 48 fit the window).",
    ),
    (
        "at how many turns is dedicated cheaper than tinker kimi-k2p6 initial=500000 as of 2026-08-01",
        "Dedicated is always cheaper than Tinker (not even one turn fits).",
    ),
    (
        "at how many turns does priority become cheaper than standard kimi-k2p6 as of 2026-08-01",
        "Serverless priority is never cheaper than Serverless standard.",
    ),
]


@pytest.mark.parametrize(("text", "verdict"), ONE_PAIR)
def test_the_verdict_on_a_pair_answers_what_was_asked(text: str, verdict: str) -> None:
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))) == verdict


def test_whether_the_answer_fits_both_windows_is_said() -> None:
    standard = only(solve(Field.TURNS, on=AUGUST, paths=("dedicated", "serverless_standard")))
    assert (standard.fits_window, standard.too_long_from) == (True, 23)
    late = only(solve(Field.TURNS, paths=("dedicated", "serverless_standard")))
    assert (late.value, late.fits_window) == (28, False)


def test_named_paths_choose_the_pairs() -> None:
    assert len(solve(Field.TURNS, on=AUGUST).models[0].solutions) == 4
    priority = solve(Field.TURNS, on=AUGUST, paths=("serverless_priority",)).models[0].solutions
    assert all(PRIORITY in (s.path, s.against) for s in priority)
    assert len(priority) == 4


def test_never_and_always_are_said() -> None:
    found = only(
        solve(Field.TURNS, on=AUGUST, paths=("serverless_priority", "serverless_standard"))
    )
    assert (found.value, found.reason, found.fits_window) == (None, "never", None)
    turned = only(
        solve(Field.TURNS, on=AUGUST, paths=("serverless_standard", "serverless_priority"))
    )
    assert turned.reason == "always"


def cheaper_at(table: Sequence[Sequence[Quote]], found: Solution, *, phases_add: bool) -> list[int]:
    """The turns at which the path of a solution costs less, run by run; what 100 digits leave out is no less."""
    assert found.against is not None
    out = []
    for turns, quotes in enumerate(table, start=1):
        ours = amounts(quotes, found.path, phases_add=phases_add)
        theirs = amounts(quotes, found.against, phases_add=phases_add)
        if theirs - ours > theirs / 10**80:
            out.append(turns)
    return out


def stretches(turns: list[int]) -> list[tuple[int, int]]:
    """Numbers in order as their unbroken stretches."""
    out: list[tuple[int, int]] = []
    for number in turns:
        if out and out[-1][1] == number - 1:
            out[-1] = (out[-1][0], number)
        else:
            out.append((number, number))
    return out


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
@pytest.mark.parametrize(("model", "day"), [*product(MODELS, (AUGUST, TODAY))])
def test_turns_agree_with_brute_force_over_every_run_whichever_path_is_asked_for(
    model: str, day: date, shape: dict[Field, Value]
) -> None:
    table = [
        estimate(model, {**shape, Field.TURNS: turns}, on=day).models[0].quotes
        for turns in range(1, MOST_TURNS + 1)
    ]
    paths = (*(quote.path for quote in table[0] if quote.priced.estimate),)
    answers = [
        solve(Field.TURNS, model, shape, on=day, paths=named) for named in ((), paths, paths[::-1])
    ]
    found = [s for answer in answers for s in answer.models[0].solutions]
    pairs = {(s.path, s.against) for s in found}
    assert len(pairs) == len(paths) * (len(paths) - 1)
    for solution in found:
        agrees_with(table, solution)


def agrees_with(table: Sequence[Sequence[Quote]], found: Solution) -> None:
    """Hold a solution against the bills of every run."""
    cheaper = cheaper_at(table, found, phases_add=False)
    said = (found.value, found.until, found.again, found.reason)
    assert said == as_said(stretches(cheaper))
    if found.value is not None:
        assert found.fits_window is fits(table[(found.crossing_turns or 0) - 1], found)
    if found.until is not None:
        other = turned(found)
        later = [t for t in cheaper_at(table, other, phases_add=False) if t > found.until]
        assert found.against_from == min(later, default=None)
    too_long = [t for t, quotes in enumerate(table, start=1) if fits(quotes, found) is False]
    assert found.too_long_from == min(too_long, default=None)
    if DEDICATED in (found.path, found.against):
        in_turns = (
            found.value_if_phases_add,
            found.until_if_phases_add,
            found.again_if_phases_add,
            found.reason_if_phases_add,
        )
        assert in_turns == as_said(stretches(cheaper_at(table, found, phases_add=True)))


def turned(found: Solution) -> Solution:
    assert found.against is not None
    return Solution(field=Field.TURNS, path=found.against, against=found.path, value=None)


def as_said(
    ranges: list[tuple[int, int]],
) -> tuple[int | None, int | None, int | None, str | None]:
    """The first of the stretches, and where the second begins; that there is none, or nothing else."""
    if not ranges:
        return None, None, None, "never"
    if ranges[0] == (1, MOST_TURNS):
        return None, None, None, "always"
    first, last = ranges[0]
    again = ranges[1][0] if len(ranges) > 1 else None
    return first, None if last == MOST_TURNS else last, again, None


def fits(quotes: Sequence[Quote], found: Solution) -> bool | None:
    pair = [quote for quote in quotes if quote.path in (found.path, found.against)]
    if any(isinstance(r, ContextOverflow) for quote in pair for r in quote.priced.reasons):
        return False
    return None if any(quote.window_tokens is None for quote in pair) else True


def test_tinker_is_priced_by_the_variant_that_holds_the_peak() -> None:
    # 32K holds two turns; at $1 to two turns and $9 from three on, a flat $2 on serverless is dearer, then cheaper.
    book = book_of(tinker_card(32_768, "1"), tinker_card(131_072, "9"), serverless_card("2"))
    found = only(solve(Field.TURNS, paths=("tinker", "serverless_standard"), book=book))
    assert (found.path, found.against) == (TINKER, STANDARD)
    assert (found.value, found.until, found.against_from) == (1, 2, 3)


# -- a budget or a deadline beside it ------------------------------------------------------------------


def test_what_the_run_at_the_crossing_comes_to_stands_in_the_verdict() -> None:
    # 1,000 episodes of 19 turns: 38M decoded at 1,500/s are 7.037 hours, $675.56 at $96; with 224M/30,000 of prefill
    # 9.111 hours and $874.67.
    paths = ("dedicated", "serverless_standard")
    limits: dict[Field, Value] = {Field.BUDGET_USD: 5000, Field.DEADLINE_HOURS: 6}
    answer = solve(Field.TURNS, fields=limits, on=AUGUST, paths=paths)
    found = only(answer)
    assert found.budget
    assert found.deadline
    assert (found.budget.holds, found.deadline.holds) == (True, False)
    assert verdict_text(answer).endswith(
        "On Dedicated 1,000 episodes stay within $5,000 at 19 turns ($675.56 to $874.67). "
        "On Dedicated 1,000 episodes exceed 6 hours at 19 turns (7.04 to 9.11 hours)."
    )


@pytest.mark.parametrize(
    ("budget", "holds"),
    [("675.55", False), ("675.56", None), ("874.66", None), ("874.67", True)],
)
def test_a_budget_inside_the_band_of_the_crossing_is_too_close_to_call(
    budget: str, holds: bool | None
) -> None:
    fields: dict[Field, Value] = {Field.BUDGET_USD: Decimal(budget)}
    answer = solve(Field.TURNS, fields=fields, on=AUGUST, paths=("dedicated", STANDARD))
    allowed = only(answer).budget
    assert allowed
    assert allowed.holds is holds
    assert ("too close to call" in verdict_text(answer)) is (holds is None)


def test_a_path_that_is_cheaper_up_to_a_number_is_judged_at_that_one() -> None:
    # 18 turns on standard: 0.00096·324 + 0.0178·18 − 0.00316 = $0.62828 an episode.
    fields: dict[Field, Value] = {Field.BUDGET_USD: 700, Field.DEADLINE_HOURS: 6}
    answer = solve(Field.TURNS, fields=fields, on=AUGUST, paths=(STANDARD, "dedicated"))
    text = verdict_text(answer)
    assert "On Serverless standard 1,000 episodes stay within $700 at 18 turns ($628.28)." in text
    assert text.endswith(
        "A deadline of 6 hours is not judged here. Try `solve gpus kimi-k2p6 dedicated "
        "budget_usd=700 deadline_hours=6 as_of=2026-08-01` (without Serverless standard)."
    )


def test_a_run_at_the_crossing_that_fits_no_window_is_marked() -> None:
    # At 1,300 tok/s and $96 an hour 0.041026·T of decode meet 0.00096·T² + 0.0178·T − 0.00316 at T = 24.3.
    # 24 turns on standard: 0.55296 + 0.4272 − 0.00316 = $0.977 an episode; 262,144 tokens hold 22.
    fields: dict[Field, Value] = {Field.BUDGET_USD: 1000, Field.DECODE_TPS: 1300}
    answer = solve(Field.TURNS, fields=fields, on=AUGUST, paths=(STANDARD, DEDICATED))
    found = only(answer)
    assert (found.until, found.too_long_from, found.fits_window) == (24, 23, False)
    assert verdict_text(answer).endswith(
        "On Serverless standard 1,000 episodes stay within $1,000 at 24 turns ($977.00; too long, 22 fit)."
    )


def test_a_cluster_that_is_too_small_is_cheaper_in_name_alone() -> None:
    fields: dict[Field, Value] = {
        Field.GPUS: 1,
        Field.GPU_TYPE: "B200_180GB",
        Field.PROMPT_TPS: 9000,
        Field.DECODE_TPS: 3000,
    }
    answer = solve(Field.TURNS, fields=fields, on=AUGUST)
    assert not any(s.offered for s in answer.models[0].solutions)
    assert verdict_text(answer).endswith("Notional, on a cluster that is too small: Dedicated.")

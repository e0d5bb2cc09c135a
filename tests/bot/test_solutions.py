"""One field solved for, against known answers and against brute force over whole numbers."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from bot.answers import Answer
from bot.formatting.verdict_wording import verdict_text
from bot.requests import read
from bot.requests.request import Field, Intent, Request, Value
from bot.solutions import FREE, MOST_TURNS, TOO_FEW_EPISODES, Solution
from bot.verdicts import Solved
from engine.caveats import BillingPath, ContextOverflow
from engine.costs import DedicatedEstimate
from pricing.cards import RateBook
from pricing.quotes import Quote
from tests.bot.asking import BOOK, CATALOGUE, TODAY, ask, estimate
from tests.pricing.books import book_of, gpu_card, serverless_card, tinker_card

AUGUST = date(2026, 8, 1)
TINKER, STANDARD, PRIORITY, DEDICATED = (
    BillingPath.TINKER,
    BillingPath.SERVERLESS_STANDARD,
    BillingPath.SERVERLESS_PRIORITY,
    BillingPath.DEDICATED,
)
MODELS = ("kimi-k2p6", "qwen3p5-397b", "gpt-oss-120b", "kimi-k2p5")
SHAPES: tuple[dict[Field, Value], ...] = (
    {},
    {
        Field.INITIAL_PROMPT_TOKENS: 3000,
        Field.TOKENS_ADDED_PER_TURN: 855,
        Field.DECODE_TOKENS_PER_TURN: 227,
    },
    {
        Field.INITIAL_PROMPT_TOKENS: 0,
        Field.TOKENS_ADDED_PER_TURN: 0,
        Field.DECODE_TOKENS_PER_TURN: 500,
    },
    {Field.INITIAL_PROMPT_TOKENS: 112_500, Field.TOKENS_ADDED_PER_TURN: 0},
    {Field.DECODE_TOKENS_PER_TURN: 0},
    {Field.GPUS: 16, Field.PROMPT_TPS: 9000, Field.DECODE_TPS: Decimal("333.3")},
)


def solve(
    field: Field,
    model: str = "kimi-k2p6",
    fields: dict[Field, Value] | None = None,
    *,
    on: date | None = None,
    paths: Sequence[str] = (),
    book: RateBook = BOOK,
) -> Answer:
    day: dict[Field, Value] = {Field.AS_OF: on} if on else {}
    request = Request(
        intent=Intent.SOLVE,
        models=(model,),
        fields={**(fields or {}), **day},
        solve_for=field,
        paths=tuple(paths),
    )
    return ask(request, book=book)


def only(answer: Answer) -> Solution:
    (solution,) = answer.models[0].solutions
    return solution


# -- turns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("against", "turns", "in_turns"), [(STANDARD, 19, 30), (PRIORITY, 7, 15)])
def test_kimi_on_its_own_cluster_becomes_cheaper_than_serverless(
    against: BillingPath, turns: int, in_turns: int
) -> None:
    found = only(solve(Field.TURNS, on=AUGUST, paths=("dedicated", against)))
    assert (found.path, found.against) == (DEDICATED, against)
    assert (found.value, found.value_if_phases_add, found.until) == (turns, in_turns, None)


def test_the_order_of_the_paths_named_does_not_matter() -> None:
    one, other = (
        only(solve(Field.TURNS, on=AUGUST, paths=paths))
        for paths in (("dedicated", "serverless_standard"), ("serverless_standard", "dedicated"))
    )
    assert one == other


def test_whether_the_answer_fits_both_windows_is_said() -> None:
    # 262,144 tokens hold 22 turns of the default shape.
    standard = only(solve(Field.TURNS, on=AUGUST, paths=("dedicated", "serverless_standard")))
    assert (standard.fits_window, standard.too_long_from) == (True, 23)
    late = only(solve(Field.TURNS, paths=("dedicated", "serverless_standard")))
    assert (late.value, late.fits_window) == (28, False)
    assert "28 turns (42 if prefill and decode take turns, but too long from 23)" in verdict_text(
        solve(Field.TURNS, paths=("dedicated", "serverless_standard"))
    )


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


def amounts(quotes: Sequence[Quote], path: BillingPath, *, phases_add: bool) -> Fraction:
    """The bill of a run on one path, from its own estimate."""
    found = next(quote for quote in quotes if quote.path is path).priced.estimate
    assert found is not None
    if isinstance(found, DedicatedEstimate) and phases_add:
        return Fraction(found.usd_high)
    return Fraction(found.usd)


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
def test_turns_agree_with_brute_force_over_every_run(
    model: str, day: date, shape: dict[Field, Value]
) -> None:
    table = [
        estimate(model, {**shape, Field.TURNS: turns}, on=day).models[0].quotes
        for turns in range(1, MOST_TURNS + 1)
    ]
    paths = (*(quote.path for quote in table[0] if quote.priced.estimate),)
    answers = [solve(Field.TURNS, model, shape, on=day)]
    answers += [solve(Field.TURNS, model, shape, on=day, paths=paths)]
    for found in (s for answer in answers for s in answer.models[0].solutions):
        overlap = stretches(cheaper_at(table, found, phases_add=False))
        if found.value is None:
            expected: list[tuple[int, int]] = [(1, MOST_TURNS)] if found.reason == "always" else []
            assert overlap == expected
        else:
            assert overlap[0] == (found.value, found.until or MOST_TURNS)
            assert (overlap[1][0] if len(overlap) > 1 else None) == found.again
            assert found.fits_window is fits(table[found.value - 1], found)
        too_long = [t for t, quotes in enumerate(table, start=1) if fits(quotes, found) is False]
        assert found.too_long_from == min(too_long, default=None)
        if DEDICATED in (found.path, found.against):
            in_turns = stretches(cheaper_at(table, found, phases_add=True))
            if found.value_if_phases_add is not None:
                assert in_turns[0][0] == found.value_if_phases_add
            else:
                whole = [(1, MOST_TURNS)] if found.reason_if_phases_add == "always" else []
                assert in_turns == whole


def fits(quotes: Sequence[Quote], found: Solution) -> bool | None:
    pair = [quote for quote in quotes if quote.path in (found.path, found.against)]
    if any(isinstance(r, ContextOverflow) for quote in pair for r in quote.priced.reasons):
        return False
    return None if any(quote.window_tokens is None for quote in pair) else True


def test_tinker_is_priced_by_the_variant_that_holds_the_peak() -> None:
    # 32K holds two turns; at $1 to two turns and $9 from three on, a flat $2 on serverless is dearer, then cheaper.
    book = book_of(tinker_card(32_768, "1"), tinker_card(131_072, "9"), serverless_card("2"))
    found = only(solve(Field.TURNS, paths=("tinker", "serverless_standard"), book=book))
    assert (found.path, found.against, found.value) == (STANDARD, TINKER, 3)


# -- episodes ----------------------------------------------------------------------------------------


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


# -- GPUs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [Decimal("0.001"), Decimal("0.5"), 1, 6, 48])
@pytest.mark.parametrize("episodes", [1, 3, 1000, 5000])
@pytest.mark.parametrize("model", MODELS)
def test_the_fewest_replicas_that_end_in_time_agree_with_brute_force(
    model: str, episodes: int, hours: int | Decimal
) -> None:
    run: dict[Field, Value] = {Field.EPISODES: episodes, Field.TURNS: 20}
    found = only(solve(Field.GPUS, model, {**run, Field.DEADLINE_HOURS: hours}))
    own = CATALOGUE.get(model).cluster
    assert own is not None

    def ends_in_time(replicas: int, *, phases_add: bool) -> bool:
        priced = estimate(model, {**run, Field.GPUS: replicas * own.gpus}).models[0].quotes[-1]
        assert isinstance(priced.priced.estimate, DedicatedEstimate)
        high, low = priced.priced.estimate.cluster_hours_high, priced.priced.estimate.cluster_hours
        return (high if phases_add else low) <= hours

    for value, reason, add in (
        (found.value, found.reason, False),
        (found.value_if_phases_add, found.reason_if_phases_add, True),
    ):
        if value is None:
            assert reason == TOO_FEW_EPISODES
            assert not ends_in_time(episodes, phases_add=add)
            continue
        replicas, rest = divmod(value, own.gpus)
        assert rest == 0
        assert 1 <= replicas <= episodes
        assert ends_in_time(replicas, phases_add=add)
        assert replicas == 1 or not ends_in_time(replicas - 1, phases_add=add)


def test_more_replicas_cost_the_same_and_help_up_to_one_an_episode() -> None:
    found = only(solve(Field.GPUS, fields={Field.EPISODES: 100, Field.DEADLINE_HOURS: 1}))
    assert found.rows[-1].replicas == 100
    assert {row.usd for row in found.rows} == {found.usd}


def test_a_deadline_that_no_number_of_gpus_meets_offers_one_that_can_be_met() -> None:
    fields: dict[Field, Value] = {Field.EPISODES: 3, Field.DEADLINE_HOURS: Decimal("0.001")}
    text = verdict_text(solve(Field.GPUS, fields=fields))
    assert text.startswith("No number of GPUs ends within 0.001 hours")
    again = ask(read(text.split("`")[1], CATALOGUE, today=TODAY))
    assert only(again).value is not None


# -- what cannot be solved -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "model", "fields"),
    [
        (Field.GPUS, "kimi-k2p6", {Field.GPU_TYPE: "H200_141GB", Field.DEADLINE_HOURS: 6}),
        (Field.GPUS, "kimi-k3", {Field.DEADLINE_HOURS: 6}),
        (Field.GPUS, "kimi-k2p6", {Field.DEADLINE_HOURS: 6, Field.AS_OF: date(2020, 1, 1)}),
        (Field.GPUS, "kimi-k2p6", {Field.DEADLINE_HOURS: 6, Field.TURNS: (5, 10)}),
        (Field.TURNS, "deepseek-v3p1", {}),
        (Field.TURNS, "llama-3p1-8b", {}),
        (Field.TURNS, "kimi-k2p6", {Field.AS_OF: date(2020, 1, 1)}),
        (Field.EPISODES, "llama-3p1-8b", {Field.BUDGET_USD: 100}),
    ],
)
def test_what_cannot_be_solved_says_why_and_offers_a_request_that_has_an_answer(
    field: Field, model: str, fields: dict[Field, Value]
) -> None:
    answer = solve(field, model, fields)
    assert isinstance(answer.verdict, Solved)
    (unanswered,) = answer.verdict.unanswered
    assert verdict_text(answer).endswith(f"Try `{unanswered.suggestion}`.")
    again = read(unanswered.suggestion, CATALOGUE, today=TODAY)
    assert again.problems == ()
    reply = ask(again)
    assert not (isinstance(reply.verdict, Solved) and reply.verdict.unanswered)
    assert any(quote.priced.estimate for quote in reply.models[0].quotes)


def test_a_path_without_an_amount_is_named_with_its_reason() -> None:
    answer = solve(Field.TURNS, "kimi-k3", paths=("tinker", "serverless_standard"))
    assert only(answer).reason == "no_rate"
    assert verdict_text(answer) == (
        "Tinker has no amount for Kimi K3: no rate is known for the day. "
        "Try `solve turns serverless standard serverless priority kimi-k3`."
    )


def test_a_limit_that_does_not_enter_the_solution_is_said_with_the_question_that_it_answers() -> (
    None
):
    answer = solve(Field.TURNS, fields={Field.BUDGET_USD: 5000})
    assert isinstance(answer.verdict, Solved)
    assert answer.verdict.unused == (
        (Field.BUDGET_USD, "solve episodes kimi-k2p6 budget_usd=5000"),
    )


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("solve episodes kimi-k2p6", "add it, such as `budget=$10k`"),
        ("how many GPUs for kimi-k2p6", "add it, such as `deadline=6h`"),
    ],
)
def test_a_solve_without_its_limit_asks_for_it(text: str, asks: str) -> None:
    assert asks in verdict_text(ask(read(text, CATALOGUE, today=TODAY)))


def test_a_throughput_of_a_cluster_whose_size_is_asked_for_prices_nothing() -> None:
    text = "how many gpus for kimi k2.6 in 6 hours 5000 episodes gpus=16 prompt_tps=60000 decode_tps=3000"
    request = read(text, CATALOGUE, today=TODAY)
    reply = ask(request)
    assert reply.models == ()
    assert isinstance(reply.verdict, Solved)
    (refused,) = reply.verdict.unanswered
    assert refused.sizeless
    again = ask(read(refused.suggestion, CATALOGUE, today=TODAY))
    assert again.models[0].solutions[0].value

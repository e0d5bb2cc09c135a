"""The working: the numbers that a step shows give its value, and the figures are those of the answer."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer
from bot.requests.request import Field, Intent, Request, Span, Value
from bot.steps import Name, PathWorking, Step
from bot.verdicts import Explained
from engine.caveats import (
    BillingPath,
    FixedThroughput,
    IdealPrefixCache,
    StaleRates,
)
from engine.costs import DedicatedEstimate
from pricing.catalogue import GpuType
from tests.bot.asking import CATALOGUE, LONG_RUN, TODAY, ask, estimate

_TOKEN = re.compile(r"max|[-+−×÷()⌊⌋⌈⌉]|,(?=\s)|\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?")


class Arithmetic:
    """Reads `numbers` by hand, in fractions: sums of products, with brackets, max, floor and ceiling."""

    def __init__(self, text: str) -> None:
        self.tokens = _TOKEN.findall(text)
        assert "".join(self.tokens) == text.replace(" ", ""), text

    @classmethod
    def of(cls, text: str) -> Fraction:
        reader = cls(text)
        value = reader.sum()
        assert reader.tokens == []
        return value

    def next(self, *wanted: str) -> str:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else ""

    def sum(self) -> Fraction:
        value = self.product()
        while sign := self.next("+", "−"):
            value += self.product() if sign == "+" else -self.product()
        return value

    def product(self) -> Fraction:
        value = self.atom()
        while sign := self.next("×", "÷"):
            value = value * self.atom() if sign == "×" else value / self.atom()
        return value

    def atom(self) -> Fraction:
        token = self.tokens.pop(0)
        if token == "max":
            assert self.next("(")
            first = self.sum()
            assert self.next(",")
            largest = max(first, self.sum())
            assert self.next(")")
            return largest
        if token in "(⌊⌈":
            value = self.sum()
            assert self.tokens.pop(0) in ")⌋⌉"
            whole = {"(": value, "⌊": Fraction(floor(value)), "⌈": Fraction(ceil(value))}
            return whole[token]
        return Fraction(token.replace(",", ""))


def explain(
    *models: str, fields: dict[Field, Value] | None = None, on: date | None = None
) -> Answer:
    day: dict[Field, Value] = {Field.AS_OF: on} if on else {}
    fields = {**(fields or {}), **day}
    return ask(Request(intent=Intent.EXPLAIN, models=models or ("kimi-k2p6",), fields=fields))


def working(answer: Answer, path: BillingPath | None, model: int = 0) -> PathWorking:
    return next(w for w in answer.models[model].working if w.path is path)


def step(answer: Answer, path: BillingPath | None, name: Name) -> Step:
    return next(step for step in working(answer, path).steps if step.name is name)


def steps(answer: Answer) -> list[Step]:
    return [step for entry in answer.models for w in entry.working for step in w.steps]


ANSWER = explain(fields=LONG_RUN)
TINKER, DEDICATED = BillingPath.TINKER, BillingPath.DEDICATED


def test_the_hand_written_arithmetic_reads_what_it_should() -> None:
    assert Arithmetic.of("8,000 + 19 × 12,000") == 236_000
    assert Arithmetic.of("10 − 4 − 3") == 3
    assert Arithmetic.of("max(1,000 ÷ 3, 5) × 6 ÷ 4") == 500
    assert Arithmetic.of("⌊7 ÷ 2⌋ + ⌈7 ÷ 2⌉") == 7


def same(shown: Step) -> bool:
    """Whether the numbers give the value, to the hundred digits that a division is right to."""
    result, value = Arithmetic.of(shown.numbers), Fraction(shown.value)
    return abs(result - value) <= abs(value) / 10**95


def test_the_numbers_of_every_step_give_its_value() -> None:
    for day in (date(2026, 5, 16), date(2026, 8, 1), None):
        for shown in steps(explain("kimi-k2p6", "gpt-oss-120b", fields=LONG_RUN, on=day)):
            assert same(shown), shown


@given(
    model=st.sampled_from([model.key for model in CATALOGUE]),
    day=st.dates(date(2026, 4, 1), TODAY),
    gpu_type=st.sampled_from([None, *GpuType]),
    turns=st.integers(1, 200),
    first=st.integers(0, 10_000_000),
    added=st.integers(0, 10_000_000),
    decode=st.integers(0, 10_000_000),
    episodes=st.integers(1, 10_000_000),
    gpus=st.integers(1, 100_000),
    prompt_tps=st.decimals(Decimal("0.001"), 10**9, places=3),
    decode_tps=st.decimals(Decimal("0.001"), 10**9, places=3),
)
def test_the_numbers_of_every_step_give_its_value_in_any_run_of_any_model(
    model: str,
    day: date,
    gpu_type: GpuType | None,
    turns: int,
    first: int,
    added: int,
    decode: int,
    episodes: int,
    gpus: int,
    prompt_tps: Decimal,
    decode_tps: Decimal,
) -> None:
    run: dict[Field, Value] = {
        Field.TURNS: turns,
        Field.INITIAL_PROMPT_TOKENS: first,
        Field.TOKENS_ADDED_PER_TURN: added,
        Field.DECODE_TOKENS_PER_TURN: decode,
        Field.EPISODES: episodes,
        Field.GPUS: gpus,
        Field.PROMPT_TPS: prompt_tps,
        Field.DECODE_TPS: decode_tps,
    }
    if gpu_type:
        run[Field.GPU_TYPE] = gpu_type.value
    answer = explain(model, fields=run, on=day)
    amounts = {quote.path for quote in answer.models[0].quotes if quote.priced.estimate}
    assert {working.path for working in answer.models[0].working} == {None, *amounts}
    for shown in steps(answer):
        assert same(shown), shown


def test_the_amounts_are_those_of_the_estimate() -> None:
    for day in (date(2026, 8, 1), None):
        answer = explain(fields=LONG_RUN, on=day)
        for quote in estimate(fields=LONG_RUN, on=day).models[0].quotes:
            amount = quote.priced.estimate
            assert amount is not None
            shown = working(answer, quote.path)
            if isinstance(amount, DedicatedEstimate):
                assert shown.value(Name.OVERLAPPING) == amount.usd
                assert shown.value(Name.IN_TURN) == amount.usd_high
                assert shown.value(Name.WALL_CLOCK) == amount.cluster_hours
            else:
                assert shown.value(Name.RUN) == amount.usd
            assert shown.value(Name.EPISODE) == amount.usd_per_episode


def test_the_tokens_of_the_long_run_by_hand() -> None:
    # 8,000 + 19 x 12,000; 20 x 8,000 + 12,000 x 190; less the last; 20 x 2,000; + 2,000.
    shown = {step.name: step.value for step in working(ANSWER, None).steps}
    assert shown.pop(Name.HIT_RATE).quantize(Decimal("0.001")) == Decimal("0.903")
    assert shown == {
        Name.LAST_PROMPT: 236_000,
        Name.PROMPTS: 2_440_000,
        Name.CACHED: 2_204_000,
        Name.UNCACHED: 236_000,
        Name.DECODED: 40_000,
        Name.PEAK: 238_000,
    }


def test_a_bill_by_the_token_shows_its_lines_and_their_card() -> None:
    # 236,000 x $5.15 + 2,204,000 x $1.03 + 40,000 x $12.81 a million.
    bill = working(ANSWER, TINKER)
    assert [(step.numbers, step.value) for step in bill.steps] == [
        ("236,000 × 5.15 ÷ 1,000,000", Decimal("1.2154")),
        ("2,204,000 × 1.03 ÷ 1,000,000", Decimal("2.27012")),
        ("40,000 × 12.81 ÷ 1,000,000", Decimal("0.5124")),
        ("1.2154 + 2.27012 + 0.5124", Decimal("3.99792")),
        ("3.99792 × 5,000", Decimal("19989.6")),
    ]
    cards = {step.card.id for step in bill.steps if step.card}
    assert cards == {"tinker/kimi-k2p6/128K/2026-07-17/9f60a7"}
    assert all(step.card for step in bill.steps)


def test_without_a_cached_rate_all_prompts_are_one_line() -> None:
    bill = working(explain(on=date(2026, 5, 16)), TINKER)
    assert bill.value(Name.PROMPT_BILL) == Decimal("2.06")  # 400,000 x $5.15 a million
    assert Name.CACHED_BILL not in {step.name for step in bill.steps}


def test_at_par_limits_are_worked_out_and_what_no_number_reaches_is_left_out() -> None:
    bill = working(ANSWER, DEDICATED)
    assert bill.value(Name.HEADROOM) == Decimal("4.49766")
    assert bill.value(Name.MOST_GPUS) == 35
    assert bill.value(Name.LEAST_PROMPT_TPS) == 1968
    slow = explain(fields={Field.PROMPT_TPS: 100, Field.DECODE_TPS: Decimal("0.5")})
    named = {step.name for step in working(slow, DEDICATED).steps}
    assert Name.HEADROOM in named
    assert named.isdisjoint({Name.MOST_GPUS, Name.LEAST_PROMPT_TPS})


def test_each_caveat_stands_beside_the_figure_that_it_is_about() -> None:
    def kinds(path: BillingPath | None, name: Name) -> set[type]:
        return {type(caveat) for caveat in step(ANSWER, path, name).caveats}

    assert kinds(None, Name.CACHED) == {IdealPrefixCache}
    assert StaleRates in kinds(TINKER, Name.RUN)
    assert kinds(DEDICATED, Name.MOST_GPUS) == {FixedThroughput}
    assert kinds(TINKER, Name.EPISODE) == set()


def test_several_models_are_each_worked_out() -> None:
    answer = explain("kimi-k2p6", "gpt-oss-120b")
    assert [entry.model.key for entry in answer.models] == ["kimi-k2p6", "gpt-oss-120b"]
    assert all(entry.working for entry in answer.models)
    assert len(set(answer.caveats)) == len(answer.caveats)


def test_of_several_values_the_first_is_worked_out_and_named() -> None:
    for turns in ((5, 10), Span(start=5, end=50)):
        answer = explain(fields={Field.TURNS: turns})
        assert isinstance(answer.verdict, Explained)
        assert answer.verdict.narrowed == {Field.TURNS: 5}
        assert answer.workload is not None
        assert answer.workload.shape.turns == 5


def test_a_path_without_an_amount_has_no_working() -> None:
    answer = explain(fields={Field.GPUS: 12})
    assert DEDICATED not in {working.path for working in answer.models[0].working}

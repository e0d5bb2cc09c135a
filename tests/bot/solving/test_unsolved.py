"""What cannot be solved says why and offers a request that works; what was said beside it is answered."""

import re
from datetime import date
from itertools import product

import pytest

from bot.formatting.verdict_wording import verdict_text
from bot.requests import read
from bot.requests.request import Field, Value
from bot.verdicts import Judged, Limited, Listed, Solved
from tests.bot.asking import CATALOGUE, TODAY, ask
from tests.bot.solving.questions import only, solve


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
        "Try `solve turns kimi-k3 serverless standard serverless priority`."
    )


QUESTIONS = (
    "how many gpus for {model} {run} in 6 hours under $5k",
    "how many episodes {model} {run} budget=10k in 6 hours",
    "at how many turns is it cheaper {model} {run} under $5k in 3 hours",
    "until how many turns is standard cheaper than dedicated {model} {run}",
    "limits {model} {run} in 3 hours under $1k",
)
RUNS = (
    "",
    "gpus=12",
    "gpu_type=h200",
    "as_of=2020-01-01",
    "as_of=2026-05-16",
    "turns=5,10",
    "gpus=8xB300 prompt_tps=9000 decode_tps=700",
    "swe-pro-sonnet45",
)


@pytest.mark.parametrize(("question", "run"), [*product(QUESTIONS, RUNS)])
def test_every_request_that_a_reply_offers_is_answered_for_every_model(
    question: str, run: str
) -> None:
    for model in CATALOGUE.models:
        text = question.format(model=model.key, run=run)
        verdict = verdict_text(ask(read(text, CATALOGUE, today=TODAY)))
        for offered in re.findall("`([^`]+)`", verdict):
            assert offered == model.key or is_answered(offered), (text, verdict)


def is_answered(text: str) -> bool:
    reply = ask(read(text, CATALOGUE, today=TODAY))
    match reply.verdict:
        case Solved() | Limited():
            return not reply.verdict.unanswered
        case Judged():
            return bool(reply.verdict.offered or reply.verdict.notional)
        case Listed():
            return reply.verdict.in_force > 0
        case _:
            return False


def test_gpus_of_a_model_without_a_throughput_say_why_an_estimate_is_what_can_be_asked() -> None:
    text = "glm-5p3 how many gpus for 5000 episodes in 6 hours"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))) == (
        "How many GPUs cannot be worked out: no throughput is known for GLM-5.3. An estimate of one cluster, said "
        "whole with its throughput, tells how long that one takes. Try `glm-5p3 episodes=5000 deadline_hours=6 "
        "gpus=8 gpu_type=B300_288GB prompt_tps=30000 decode_tps=1500`."
    )


def test_a_throughput_that_was_said_stays_in_the_estimate_that_is_offered() -> None:
    text = "glm-5p3 how many gpus in 6 hours prompt_tps=9000 decode_tps=700"
    verdict = verdict_text(ask(read(text, CATALOGUE, today=TODAY)))
    assert verdict.endswith(
        "Try `glm-5p3 deadline_hours=6 gpus=8 gpu_type=B300_288GB prompt_tps=9000 decode_tps=700`."
    )


def test_the_request_that_is_offered_keeps_the_preset() -> None:
    text = "swe-pro-sonnet45 glm-5p3 how many gpus in 6 hours"
    assert "`glm-5p3 swe-pro-sonnet45 " in verdict_text(ask(read(text, CATALOGUE, today=TODAY)))


def test_a_limit_of_which_no_solution_says_anything_is_said_with_the_request_that_it_decides() -> (
    None
):
    # Priority is never cheaper than standard, so there is no number of turns to price.
    fields: dict[Field, Value] = {Field.BUDGET_USD: 5000}
    paths = ("serverless_priority", "serverless_standard")
    answer = solve(Field.TURNS, fields=fields, on=date(2026, 8, 1), paths=paths)
    assert verdict_text(answer) == (
        "Serverless priority is never cheaper than Serverless standard. A budget of $5,000 is not judged here; "
        "ask `solve episodes kimi-k2p6 budget_usd=5000 as_of=2026-08-01`."
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


def test_several_values_of_a_question_that_one_value_has_no_answer_to_say_both() -> None:
    text = "glm-5p3 how many gpus in 6 hours turns=5,10"
    verdict = verdict_text(ask(read(text, CATALOGUE, today=TODAY)))
    assert verdict.startswith(
        "Solutions are of one run, and more than one value of turns is named. "
        "How many GPUs cannot be worked out: no throughput is known for `glm-5p3`."
    )

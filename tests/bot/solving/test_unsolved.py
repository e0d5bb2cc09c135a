"""What cannot be solved says why and offers a request that works; what was said beside it is answered."""

import re
from datetime import date
from itertools import product

import pytest

from bot.formatting.as_json import answer_json
from bot.formatting.reply import reply_to
from bot.formatting.verdict_wording import verdict_text
from bot.judged import Judged
from bot.requests import read
from bot.requests.request import Field, Request, Value
from bot.verdicts import Compared, Limited, Solved
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
    assert f"Try `{unanswered.suggestion}`" in verdict_text(answer)
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
        "Try `solve turns kimi-k3 serverless standard serverless priority` (without Tinker)."
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
        asked = read(text, CATALOGUE, today=TODAY)
        verdict = verdict_text(ask(asked))
        for offered in re.findall("(?:Try|ask|all:|time:) `([^`]+)`", verdict):
            assert is_answered(offered), (text, verdict)
            again = read(offered, CATALOGUE, today=TODAY)
            assert not invents_a_cluster(asked, again), (text, verdict)


def invents_a_cluster(asked: Request, offered: Request) -> bool:
    """Whether a throughput is offered that was not said, or not of a cluster of that size and type."""
    throughput = offered.fields.keys() & {Field.PROMPT_TPS, Field.DECODE_TPS}
    cluster = (Field.GPUS, Field.GPU_TYPE, Field.PROMPT_TPS, Field.DECODE_TPS)
    return bool(throughput) and any(asked.fields.get(f) != offered.fields.get(f) for f in cluster)


def is_answered(text: str) -> bool:
    reply = ask(read(text, CATALOGUE, today=TODAY))
    match reply.verdict:
        case Solved() | Limited():
            return not reply.verdict.unanswered
        case Judged():
            return bool(reply.verdict.offered or reply.verdict.notional)
        case Compared():
            return bool(reply.verdict.ranked)
        case _:
            return False


def test_gpus_of_a_model_without_a_throughput_say_why_an_estimate_is_what_can_be_asked() -> None:
    text = "glm-5p3 how many gpus for 5000 episodes in 6 hours"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))) == (
        "How many GPUs cannot be worked out: no throughput is known for GLM-5.3. To price a cluster that you have "
        "measured, ask for an estimate with `gpus`, `gpu_type`, `prompt_tps` and `decode_tps`. "
        "Try `glm-5p3 episodes=5000 deadline_hours=6` (an estimate)."
    )


def test_a_throughput_of_seven_gpus_is_moved_to_no_other_number() -> None:
    text = "how many gpus for 1 episodes in 100 hours inkling gpus=7xGB300 prompt_tps=5000 decode_tps=1500"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))) == (
        "A throughput is that of a cluster of some size, and the size is what is asked for. No other is known for "
        "`inkling`. To price a cluster that you have measured, ask for an estimate with `gpus`, `gpu_type`, `prompt_tps` "
        "and `decode_tps`. Try `inkling episodes=1 deadline_hours=100` (an estimate, without the cluster)."
    )


def test_gpus_of_another_type_say_that_the_model_s_own_are_offered() -> None:
    text = "how many h100s kimi-k2p6 within 2 hours"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(
        "Try `solve gpus kimi-k2p6 deadline_hours=2` (its own 8 × B300)."
    )


def test_episodes_of_a_model_without_a_rate_are_offered_on_the_nearest_day_that_has_one() -> None:
    # Kimi-K2-Thinking's only rates are of the days up to 2026-07-16; Ember 1 never had any.
    episodes = "how many episodes {} budget=500"
    kimi, ember = (
        verdict_text(ask(read(episodes.format(model), CATALOGUE, today=TODAY)))
        for model in ("kimi-k2-thinking", "ember-1")
    )
    assert kimi.endswith(
        "Try `solve episodes kimi-k2-thinking budget_usd=500 as_of=2026-07-16` (the rates of 2026-07-16)."
    )
    assert ember.endswith("Try `compare budget_usd=500` (a comparison of all models).")


def test_a_deadline_is_not_judged_by_a_throughput_that_nobody_knows() -> None:
    text = "solve turns kimi-k3 in 3 hours"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(
        "A deadline of 3 hours cannot be judged: no throughput is known, so neither is how long a run takes."
    )


@pytest.mark.parametrize("model", ["kimi-k3", "kimi-k2p6"])
def test_a_deadline_beside_named_paths_without_hours_is_not_judged_by_another_path(
    model: str,
) -> None:
    text = f"until how many turns is priority cheaper than standard {model} in 3 hours as of 2026-08-01"
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(
        "How long these paths take is not known, so nothing is said of a deadline of 3 hours."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            # GB300 have a rate since August.
            "solve episodes turns=5 initial=50000 added=12000 decode=200 nemotron-3-super gpus=14xGB300 "
            "prompt_tps=30000 decode_tps=500 budget=99.99 deadline=0.5h as of 2026-07-12",
            " (an estimate, the rates of 2026-08-01).",
        ),
        (
            "crossover in turns gpt-oss-120b gpus=13xGB300 deadline=10h as of 2026-05-16",
            "is not judged here. Try `solve gpus gpt-oss-120b as_of=2026-05-16 deadline_hours=10` (its own 4 × H200).",
        ),
    ],
)
def test_the_request_that_decides_a_limit_says_what_it_leaves_out_or_changes(
    text: str, said: str
) -> None:
    assert verdict_text(ask(read(text, CATALOGUE, today=TODAY))).endswith(said)


@pytest.mark.parametrize(
    ("text", "models", "reasons", "suggestion"),
    [
        (
            "solve gpus kimi-k2p6 prompt_tps=12345 deadline=1h",
            ["kimi-k2p6"],
            [{"code": "no_size"}],
            "solve gpus kimi-k2p6 deadline_hours=1",
        ),
        (
            "solve gpus kimi-k2p6 gpt-oss-120b prompt_tps=12345 deadline=1h turns=4,5",
            ["kimi-k2p6", "gpt-oss-120b"],
            [{"code": "several_values", "fields": ["turns"]}, {"code": "no_size"}],
            "solve gpus kimi-k2p6 gpt-oss-120b deadline_hours=1 turns=4",
        ),
        (
            "limits kimi-k2p6 gpus=12",
            ["kimi-k2p6"],
            [{"code": "no_throughput", "path": "dedicated"}],
            "limits kimi-k2p6 gpus=8",
        ),
        (
            "solve episodes ember-1 budget=500",
            ["ember-1"],
            [{"code": "no_amount"}],
            "compare budget_usd=500",
        ),
        (
            "solve turns deepseek-v3p1",
            ["deepseek-v3p1"],
            [{"code": "only_one_path", "path": "tinker"}],
            "deepseek-v3p1",
        ),
    ],
)
def test_a_program_is_told_why_there_is_no_answer(
    text: str, models: list[str], reasons: list[dict[str, object]], suggestion: str
) -> None:
    (found,) = answer_json(ask(read(text, CATALOGUE, today=TODAY)))["unanswered"]
    assert (found["models"], found["reasons"]) == (models, reasons)
    assert found["suggestion"] == suggestion


def test_a_refusal_of_two_models_together_can_be_pressed_and_not_exported() -> None:
    text = "solve gpus kimi-k2p6 gpt-oss-120b prompt_tps=12345 deadline=1h"
    blocks = reply_to(ask(read(text, CATALOGUE, today=TODAY)), shareable=False).beneath
    values = [block["elements"][0]["value"] for block in blocks]
    assert values[0] == "solve gpus kimi-k2p6 gpt-oss-120b deadline_hours=1"
    assert not any(e["action_id"] == "export" for block in blocks for e in block["elements"])


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
        "Serverless priority is never cheaper than Serverless standard. A budget of $5,000 is not judged here. "
        "Try `solve episodes kimi-k2p6 serverless priority serverless standard budget_usd=5000 as_of=2026-08-01`."
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


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("limits kimi k2.6 qwen 397b turns=5,10", "limits kimi-k2p6 qwen3p5-397b turns=5"),
        ("solve turns kimi k2.6 qwen 397b episodes=5,10", "solve turns kimi-k2p6 qwen3p5-397b episodes=5"),
        (
            "how many gpus for kimi k2.6 and qwen 397b in 6 hours prompt_tps=9000 decode_tps=700",
            "solve gpus kimi-k2p6 qwen3p5-397b deadline_hours=6",
        ),
        (
            "how many gpus for kimi k2.6 and qwen 397b in 6 hours prompt_tps=9000 decode_tps=700 turns=5,10",
            "solve gpus kimi-k2p6 qwen3p5-397b deadline_hours=6 turns=5",
        ),
    ],
)  # fmt: skip
def test_what_is_offered_keeps_every_model(text: str, offered: str) -> None:
    assert re.findall("Try `([^`]+)`", verdict_text(ask(read(text, CATALOGUE, today=TODAY)))) == [
        offered
    ]
    assert is_answered(offered)


@pytest.mark.parametrize(
    "text",
    [
        "limits glm-5p3 kimi-k3 turns=5,10",
        "how many gpus for glm-5p3 and kimi k3 in 6 hours turns=5,10",
        "how many gpus for kimi k2.6 and glm-5p3 in 6 hours prompt_tps=9000 decode_tps=700",
    ],
)
def test_where_no_request_does_for_all_models_each_has_its_own(text: str) -> None:
    request = read(text, CATALOGUE, today=TODAY)
    offered = re.findall("Try `([^`]+)`", verdict_text(ask(request)))
    asked = [read(each, CATALOGUE, today=TODAY).models for each in offered]
    assert asked == [(key,) for key in request.models]
    assert all(map(is_answered, offered))


def test_several_values_of_a_question_that_one_value_has_no_answer_to_say_both() -> None:
    text = "glm-5p3 how many gpus in 6 hours turns=5,10"
    verdict = verdict_text(ask(read(text, CATALOGUE, today=TODAY)))
    assert verdict.startswith(
        "Solutions are of one run, and more than one value of turns is named. "
        "How many GPUs cannot be worked out: no throughput is known for `glm-5p3`."
    )

"""What a thread keeps of a request that was refused, so that no later price leaves a part of it out unseen."""

from decimal import Decimal

import pytest

from bot.answers import Answer
from bot.requests import Field, Intent, Request, from_json, read, starts_over
from bot.threads import open_text, still_open, to_keep
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate
from tests.bot.asking import CATALOGUE, TODAY, ask


def asked(text: str, before: str = "") -> tuple[dict[str, object], tuple[Field, ...]]:
    """What is kept of `before`, and what of it is open once `text` follows."""
    kept = to_keep(read(before, CATALOGUE, today=TODAY))
    request = read(text, CATALOGUE, today=TODAY, previous=from_json(kept))
    return kept, still_open(kept, request)


def test_a_refused_value_stays_open_until_it_is_said() -> None:
    kept, missing = asked("9000 episodes", before="kimi-k2p6 turns=0 episodes=5000")
    assert kept["fields"] == {"episodes": 5000}
    assert missing == (Field.TURNS,)
    assert asked("turns=10", before="kimi-k2p6 turns=0 episodes=5000")[1] == ()


def test_what_is_open_stays_so_through_requests_that_do_not_say_it() -> None:
    kept = to_keep(read("kimi-k2p6 turns=0", CATALOGUE, today=TODAY))
    for text in ("episodes=abc", "rates", "and on qwen 397b with 500 episodes?"):
        request = read(text, CATALOGUE, today=TODAY, previous=from_json(kept))
        assert Field.TURNS in still_open(kept, request)
        kept = to_keep(request, before=kept)
    said = read("20 turns", CATALOGUE, today=TODAY, previous=from_json(kept))
    assert "open" not in to_keep(said, before=kept)
    assert said.models == ("qwen3p5-397b",)
    assert said.fields == {Field.TURNS: 20, Field.EPISODES: 500}


def test_nothing_typed_is_kept() -> None:
    kept, _ = asked("", before="kimi-k2p6 turns=secretword")
    assert "secretword" not in str(kept)


def test_of_an_unknown_model_none_is_kept() -> None:
    kept, _ = asked("and 40 turns", before="model=llama-foo turns=20")
    assert kept["models"] == []
    assert kept["fields"] == {"turns": 20}


@pytest.mark.parametrize("text", ["start over", "*Start over*: kimi-k2p6 turns=5", "from scratch"])
def test_a_text_may_forget_what_was_asked_before(text: str) -> None:
    assert starts_over(text)
    assert not starts_over(f"{text[:3]} and 40 turns")


def test_the_sentence_names_the_field_and_what_it_takes() -> None:
    assert open_text([Field.TURNS]) == (
        "`turns` could not be read before, and is still to be said: "
        "`turns` takes whole numbers from 1 to 200. Or `start over`."
    )


def test_what_is_asked_for_is_no_longer_open() -> None:
    assert asked("in 6 hours", before="how many gpus=abc for kimi-k2p6 in 12 hours")[1] == ()
    assert asked("turns=10", before="solve turns turns=-3 kimi-k2p6")[1] == ()


def answers(*texts: str) -> list[Answer]:
    """The answers of a thread, each text read after what was kept of the one before."""
    found, request = [], None
    for text in texts:
        previous: Request | None = from_json(to_keep(request)) if request else None
        request = read(text, CATALOGUE, today=TODAY, previous=previous)
        found.append(ask(request))
    return found


def test_a_stated_cluster_is_priced_and_held_against_the_deadline() -> None:
    """5,000 episodes of 8 turns read 5000 · Σ(8000 + 12000 i), i < 8 = 5000 · 400,000 prompt tokens, of which
    5000 · 92,000 are new, and decode 5000 · 16,000 = 80M tokens. At 40k and 2k tokens a second that is
    11,500 s and 40,000 s: 11 1/9 hours by the slower one, on 16 GPUs as on any count that has this throughput."""
    first, cluster, longer = answers(
        "kimi-k2p6 how many gpus in 6 hours 5000 episodes",
        "on 16 h200 at 40k prompt tok/s and 2k decode tok/s",
        "and in 12 hours?",
    )
    assert first.request.intent is Intent.SOLVE
    for answer, deadline_hours in ((cluster, 6), (longer, 12)):
        assert answer.request.intent is Intent.ESTIMATE
        assert answer.request.fields[Field.GPUS] == 16
        assert answer.request.fields[Field.DEADLINE_HOURS] == deadline_hours
        estimate = answer.models[0].quote(BillingPath.DEDICATED).priced.estimate
        assert isinstance(estimate, DedicatedEstimate)
        assert estimate.deployment.gpus == 16
        assert abs(estimate.cluster_hours - Decimal(40_000) / 3600) < Decimal("1e-9")


@pytest.mark.parametrize(
    ("first", "text", "field", "value"),
    [
        ("how many episodes of kimi-k2p6 for $10k", "what about 2000 episodes?", Field.EPISODES, 2000),
        ("crossover in turns on kimi-k2p6", "at 10 turns?", Field.TURNS, 10),
        ("how many gpus for kimi-k2p6 in 6 hours", "what about 16 gpus?", Field.GPUS, 16),
    ],
)  # fmt: skip
def test_what_a_solve_asks_for_and_a_follow_up_says_is_the_run(
    first: str, text: str, field: Field, value: int
) -> None:
    answer = answers(first, text)[1]
    assert answer.request.intent is Intent.ESTIMATE
    assert answer.request.fields[field] == value
    assert field not in answer.defaults
    assert answer.models[0].quotes

"""Where nothing can be bought, a request is offered under which something can."""

from datetime import date, timedelta

import pytest

from bot.answers import Answer
from bot.formatting.reply import reply_to
from bot.formatting.verdict_wording import verdict_text
from bot.requests import read
from bot.requests.request import Request
from bot.suggestions import as_typed
from bot.verdicts import Compared, Listed, Refused
from pricing.cards import AnyCard, CardPath, Ended, RateBook
from tests.bot.asking import BOOK, CATALOGUE, TODAY, ask
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card


def asked(text: str, *, book: RateBook = BOOK) -> Answer:
    return ask(read(text, CATALOGUE, today=TODAY), book=book)


def instead(text: str, *cards: AnyCard) -> str | None:
    return typed(asked(text, book=book_of(*cards)))


def typed(answer: Answer) -> str | None:
    """What is offered instead, as one types it."""
    return as_typed(answer.instead) if answer.instead else None


def sells(answer: Answer) -> bool:
    """Whether something can be bought in an answer."""
    if isinstance(answer.verdict, Compared):
        return bool(answer.verdict.ranked)
    if isinstance(answer.verdict, Listed):
        return answer.verdict.in_force > 0
    return any(e.cheapest or any(p.cheapest for p in e.points) for e in answer.models)


@pytest.mark.parametrize(
    "question",
    [
        "{}",
        "explain {} as of 2026-01-02",
        "{} as of 2026-06-20",
        "{} turns=200",
        "sweep {} turns=150..200",
        "sweep {} turns=2,4 as of 2026-01-02",
        "rates {}",
        "rates {} as of 2026-01-02",
    ],
)
def test_every_model_gets_an_answer_or_a_request_that_has_one(question: str) -> None:
    for model in CATALOGUE:
        answer = asked(question.format(model.key))
        assert answer.request.problems == ()
        assert (answer.instead is None) == sells(answer), model.key
        if answer.instead:
            offered = as_typed(answer.instead)
            again: Request = read(offered, CATALOGUE, today=TODAY)
            assert again.problems == (), offered
            assert sells(ask(again)), offered


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("kimi-k2p6 turns=abc episodes=7", "kimi-k2p6 episodes=7"),
        ("kimi-k2p6 turns=5 turns=6", "kimi-k2p6"),
        ("kimi-k2p6 banana=20 turns=4", "kimi-k2p6 turns=4"),
        ("kimi-k2p6 turns=4 17", "kimi-k2p6 turns=4"),
        ("kimi-k2p6 preset=foo turns=4", "kimi-k2p6 turns=4"),
        ("limits kimi-k2p6 gpu_type=A100", "limits kimi-k2p6"),
        ("how many episodes of kimi-k2p6 budget=abc", "kimi-k2p6"),
        ("claude turns=4", "compare turns=4"),
        ("claude turns=4,5 episodes=7", "compare turns=4 episodes=7"),
        ("compare claude and kimi-k2p6", "compare kimi-k2p6"),
        ("rates claude", "rates"),
        ("preset=foo 17", "compare"),
        ("terminal-9 claude", "compare terminal-9"),
    ],
)
def test_what_was_not_read_is_left_out_where_nothing_near_mends_it(text: str, offered: str) -> None:
    answer = asked(text)
    assert isinstance(answer.verdict, Refused)
    assert answer.verdict.suggestion is None
    assert answer.verdict.without == offered
    assert verdict_text(answer).endswith(f": `{offered}`.")
    assert sells(asked(offered))
    assert reply_to(answer, shareable=False).beneath[0]["elements"][0]["value"] == offered


@pytest.mark.parametrize(
    "text", ["kimi-k2p6 turnz=20", "turns=20", "kimi turns=20", "swe kimi-k2p6"]
)
def test_what_is_near_is_offered_alone(text: str) -> None:
    verdict = asked(text).verdict
    assert isinstance(verdict, Refused)
    assert verdict.suggestion
    assert verdict.without is None


def test_of_a_text_that_is_too_long_nothing_is_left() -> None:
    verdict = asked("x" * 2001).verdict
    assert isinstance(verdict, Refused)
    assert verdict.without is None


def test_a_day_to_come_is_mended_by_today_and_says_so() -> None:
    said = verdict_text(asked("kimi-k2p6 as_of=2027-01-01"))
    assert said.endswith(" Try `kimi-k2p6`.")


MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)


def test_before_all_rates_the_first_day_with_one_is_offered() -> None:
    cards = (
        serverless_card("1", effective_from=JUNE),
        tinker_card(131_072, "2", effective_from=MARCH),
    )
    assert instead("kimi-k2p6 as_of=2026-01-02", *cards) == "kimi-k2p6 as_of=2026-03-01"
    explained = instead("explain kimi-k2p6 as_of=2026-01-02", *cards)
    assert explained == "explain kimi-k2p6 as_of=2026-03-01"
    swept = instead("sweep kimi-k2p6 turns=2,4 as_of=2026-01-02", *cards)
    assert swept == "kimi-k2p6 as_of=2026-03-01 turns=2, 4"
    compared = asked("compare kimi-k2p6 kimi-k3 as_of=2026-01-02", book=book_of(*cards))
    assert "Try `compare kimi-k2p6 kimi-k3 as_of=2026-03-01` (the" in verdict_text(compared)
    assert instead("rates kimi-k2p6 as_of=2026-01-02", *cards) == "rates kimi-k2p6 as_of=2026-03-01"


@pytest.mark.parametrize(
    ("question", "offered"),
    [
        ("limits kimi-k2p6", "limits kimi-k2p6 as_of=2026-06-01"),
        (
            "solve kimi-k2p6 budget=10k",
            "solve episodes kimi-k2p6 as_of=2026-06-01 budget_usd=10000",
        ),
        (
            "solve gpus kimi-k2p6 deadline=6h",
            "solve gpus kimi-k2p6 as_of=2026-06-01 deadline_hours=6",
        ),
        ("solve turns kimi-k2p6", "solve turns kimi-k2p6 as_of=2026-06-01"),
    ],
)
def test_limits_and_solves_are_offered_the_first_day_of_their_cluster(
    question: str, offered: str
) -> None:
    book = book_of(gpu_card("12", effective_from=JUNE), serverless_card("1", effective_from=MARCH))
    answer = asked(f"{question} as_of=2026-01-02", book=book)
    assert f"Try `{offered}` (the rates of 2026-06-01)." in verdict_text(answer)
    assert read(offered, CATALOGUE, today=TODAY).problems == ()


def test_in_a_gap_between_rates_the_nearer_end_is_offered() -> None:
    before = serverless_card("1", **ended(MARCH, Ended.UNKNOWN))
    cards = (before, serverless_card("2", effective_from=JUNE))
    for day, nearest in ((MARCH + timedelta(5), MARCH), (JUNE - timedelta(5), JUNE)):
        assert instead(f"kimi-k2p6 as_of={day}", *cards) == f"kimi-k2p6 as_of={nearest}"


def test_the_preset_and_what_was_said_stay() -> None:
    card = serverless_card("1", effective_from=MARCH)
    assert instead("swe-pro-gpt5 kimi-k2p6 episodes=7 as_of=2026-01-02", card) == (
        "kimi-k2p6 swe-pro-gpt5 as_of=2026-03-01 episodes=7"
    )


def test_turns_that_fit_come_before_anything_else() -> None:
    # 8,000 + 21 × 12,000 + 2,000 = 262,000 is the most that 262,144 tokens hold
    assert typed(asked("kimi-k2p6 turns=40")) == "kimi-k2p6 turns=22"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        # Sixteen GPUs are two of its own clusters, so they stay where only the path and the turns stand in the way.
        (
            "kimi-k2p6 turns=40 budget=$500 gpus=16 on priority",
            "`kimi-k2p6 turns=22 budget_usd=500 gpus=16` (22 turns, any path)",
        ),
        # The throughput of 12 GPUs is not known, of 8 it is.
        (
            "kimi-k2p6 turns=40 gpus=12 on dedicated",
            "`kimi-k2p6 dedicated turns=22` (22 turns, its own 8 × B300)",
        ),
        # Of the preset's 23 turns 16 fit the window.
        (
            "gpt-oss-120b deep-research-kimi dedicated only as of 2026-06-11",
            "`gpt-oss-120b dedicated deep-research-kimi as_of=2026-06-11 turns=16` (16 turns)",
        ),
        ("kimi-k2p6 as_of=2026-01-02", "`kimi-k2p6 as_of=2026-04-20` (the rates of 2026-04-20)"),
        ("rates llama-3p1-8b", "`rates` (all models)"),
        ("sweep kimi-k2p6 turns=30,40", "`kimi-k2p6 turns=22` (an estimate, 22 turns)"),
        (
            "kimi-k3p1-pro gpus=4 within 6 hours",
            "`compare deadline_hours=6` (a comparison of all models, without the cluster)",
        ),
    ],
)
def test_an_offer_says_what_it_leaves_out_or_changes(text: str, offered: str) -> None:
    assert verdict_text(asked(text)).endswith(f" Try {offered}.")


def test_of_a_model_that_is_sold_no_more_others_are_offered() -> None:
    gone = serverless_card("1", **ended(MARCH))
    paths = (CardPath.SERVERLESS_STANDARD, CardPath.SERVERLESS_PRIORITY)
    sold = [serverless_card("1", model="kimi-k3", path=path) for path in paths]
    assert instead("kimi-k2p6 episodes=7", gone, *sold) == "compare episodes=7"


def test_where_nothing_is_ever_sold_nothing_is_offered() -> None:
    assert instead("kimi-k2p6") is None
    assert instead("rates kimi-k2p6") is None


def test_what_can_be_bought_is_offered_nothing_else() -> None:
    assert asked("kimi-k2p6").instead is None
    assert asked("rates kimi-k2p6").instead is None


def test_the_offer_ends_the_verdict_and_can_be_pressed() -> None:
    answer = asked("kimi-k2p6 as_of=2026-01-02")
    assert verdict_text(answer).endswith(f" Try `{typed(answer)}` (the rates of 2026-04-20).")
    pressed = reply_to(answer, shareable=False).beneath[0]["elements"][0]
    assert pressed["value"] == typed(answer)
    assert read(pressed["value"], CATALOGUE, today=TODAY).problems == ()

"""Which texts ask for something beside a price, and which only look like it."""

from datetime import date

import pytest

from bot.listeners.verbs import verb_of
from bot.requests import read
from pricing.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def is_verb(text: str) -> bool:
    return verb_of(text, read(text, CATALOGUE, today=date(2026, 11, 21))) is not None


@pytest.mark.parametrize(
    "text",
    [
        "digest",
        "<@U0BOT> digest list",
        "please subscribe this channel to weekly digests",
        "save nightly kimi-k2p6 turns=20",
        "save coding swe-pro-gpt5 kimi-k2p6",
        "save nightly",
        "save 5nights kimi-k2p6",
        "save",
        "saved",
        "saved runs, please",
        "Scenarios?",
        "forget",
        "forget the nightly run",
        "forget nightly",
        "history kimi k2.6",
        "rates history kimi k2.6",
        "review",
        "Rates Review",
        "review approve 1",
        "rates check",
    ],
)
def test_these_ask_for_something_beside_a_price(text: str) -> None:
    assert is_verb(text)


@pytest.mark.parametrize(
    "text",
    [
        "kimi-k2p6 turns=20",
        "rates kimi-k2p6",
        "check the price of kimi k2.6",
        "review our kimi k2.6 run",
        "save=3 kimi-k2p6",
        "save money on kimi-k2p6 at 20 turns",
        "save time with kimi-k2p6",
        "save us some money: kimi-k2p6 20 turns",
        "save 50% on kimi-k2p6",
        "save $5k with kimi-k2p6",
        "saved $5k with kimi-k2p6 at 20 turns",
        "forget the budget",
        "forget budget",
        "forget it",
        "forget everything",
        "forget tinker",
        "forget the deadline, and 40 turns",
        "help",
        "",
    ],
)
def test_these_are_for_the_desk(text: str) -> None:
    assert not is_verb(text)

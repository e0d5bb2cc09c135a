"""The history of a rate as people read it: sentences worked by hand, golden files, and what Slack takes."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.formatting.history_view import history_json, history_view
from bot.formatting.layout import Table
from bot.formatting.reply import Reply
from bot.formatting.text import render
from bot.history import history
from pricing.cards import Ended, RateBook
from tests.bot.asking import BOOK, CATALOGUE, TODAY
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

MODELS = ("kimi-k2p6", "gpt-oss-120b", "deepseek-v4-flash-0731")


def reply(key: str) -> Reply:
    return Reply(view=history_view(history(BOOK, CATALOGUE.get(key), on=TODAY)))


def summary(on: date, book: RateBook = BOOK, key: str = "kimi-k2p6") -> str:
    return history_view(history(book, CATALOGUE.get(key), on=on)).summary


@pytest.mark.parametrize("key", MODELS)
def test_the_terminal_s_history_is_the_reviewed_one(key: str, golden: Golden) -> None:
    golden(f"history_{key}.txt", render(reply(key).view) + "\n")


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("key", MODELS)
def test_slack_s_history_is_the_reviewed_one(key: str, native: bool, golden: Golden) -> None:
    body = {"text": reply(key).text, "blocks": reply(key).blocks(native=native)}
    name = f"slack_history_{key}{'' if native else '_plain'}.json"
    golden(name, json.dumps(body, ensure_ascii=False, indent=1) + "\n")


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("key", [model.key for model in CATALOGUE])
def test_slack_takes_the_history_of_each_model(key: str, native: bool) -> None:
    body = {"text": reply(key).text, "blocks": reply(key).blocks(native=native)}
    assert [*message_faults(body), *shared_faults("message", body)] == []


def test_on_a_change_s_day_the_sentence_says_what_moved() -> None:
    assert summary(date(2026, 9, 1)) == (
        "In force for `kimi-k2p6`: Tinker 32K and Tinker 128K since 2026-07-17; "
        "Serverless standard since 2026-04-20 at the latest; "
        "Serverless priority since 2026-06-16 at the latest; B300 288GB since 2026-09-01. "
        "The last change was on 2026-09-01: B300 288GB from $12.00 to $15.00 per GPU-hour. "
        "To come: no more Serverless standard and Serverless priority after 2026-09-25."
    )


def test_a_cached_rate_that_is_new_had_none_before() -> None:
    assert (
        "The last change was on 2026-07-17: Tinker 32K input from $1.47 to $2.205, cached from none to $0.441 "
        "and output from $3.66 to $5.49; Tinker 128K cached from none to $1.03."
    ) in summary(date(2026, 7, 20))


def test_what_left_is_no_longer_offered_and_what_nobody_saw_is_seen_no_more() -> None:
    assert summary(TODAY, key="deepseek-v4-flash-0731") == (
        "No rate of `deepseek-v4-flash-0731` is in force on 2026-11-21. The last change was on 2026-09-26: "
        "Serverless standard and Serverless priority no longer offered."
    )
    lost = book_of(serverless_card("1", effective_to=date(2026, 3, 1), ended="unknown"))
    assert summary(TODAY, lost).endswith("on 2026-03-02: Serverless standard seen no more.")


def test_before_any_change_none_is_known() -> None:
    assert "No change of these rates is known." in summary(date(2026, 5, 16))
    assert summary(date(2026, 5, 16), book_of()) == (
        "No rate of `kimi-k2p6` is known; `rates` lists those that are."
    )


def test_a_path_that_a_provider_named_from_a_day_on_began_then() -> None:
    assert summary(TODAY, book_of(gpu_card("15"))) == (
        "In force for `kimi-k2p6`: B300 288GB since 2026-01-01. "
        "The last change was on 2026-01-01: B300 288GB began, at $15.00 per GPU-hour."
    )


def test_what_is_announced_is_said_and_not_yet_a_change() -> None:
    coming = date(2026, 12, 1)
    book = book_of(
        gpu_card("12", from_certain=False, **ended(date(2026, 11, 30), Ended.REPLACED)),
        gpu_card("15", effective_from=coming),
    )
    assert summary(TODAY, book) == (
        "In force for `kimi-k2p6`: B300 288GB since 2026-01-01 at the latest. "
        "No change of these rates is known. "
        "To come: B300 288GB from 2026-12-01 on at $15.00 per GPU-hour."
    )


def test_a_gap_has_a_row_without_a_rate() -> None:
    book = book_of(
        tinker_card(32_768, "1", effective_to=date(2026, 2, 10), ended="unknown", confidence="low",
                    feed_only=True),
        tinker_card(32_768, "2", effective_from=date(2026, 3, 1), from_certain=False),
    )  # fmt: skip
    table = history_view(history(book, CATALOGUE.get("kimi-k2p6"), on=TODAY)).sections[0].table
    assert isinstance(table, Table)
    assert [tuple(map(str, row)) for row in table.rows] == [
        ("Tinker 32K", "2026-01-01", "2026-02-10, not seen since", "$1.00", "—", "$1.00", "low, by a feed only",
         "2026-11-01"),
        ("Tinker 32K", "2026-02-11", "2026-02-28", "—", "—", "—", "no rate known", "—"),
        ("Tinker 32K", "2026-03-01", "open", "$2.00", "—", "$2.00", "high, first seen", "2026-11-01"),
    ]  # fmt: skip


def test_rates_that_cannot_be_read_are_said_to_be_missing() -> None:
    told = render(
        history_view(history(BOOK.without_observed(), CATALOGUE.get("kimi-k2p6"), on=TODAY))
    )
    assert "database of observed rates cannot be reached" in " ".join(told.split())


def test_the_json_has_each_card_gap_and_change() -> None:
    whole = history_json(history(BOOK, CATALOGUE.get("gpt-oss-120b"), on=TODAY))
    assert (whole["model"], whole["as_of"], whole["observed_rates_missing"]) == (
        "gpt-oss-120b",
        "2026-11-21",
        False,
    )
    by_key: dict[Any, Any] = {(track["path"], track["variant"]): track for track in whole["tracks"]}
    long = by_key["tinker", "128K"]
    assert [card["rates"] for card in long["cards"]] == [
        {"input": 0.63, "cached_input": None, "output": 1.54, "train": 1.82},
        {"input": 0.78, "cached_input": 0.156, "output": 1.94, "train": 2.33},
    ]
    assert long["changes"] == [
        {"on": "2026-07-17", "rate": "input", "before": 0.63, "after": 0.78},
        {"on": "2026-07-17", "rate": "cached_input", "before": None, "after": 0.156},
        {"on": "2026-07-17", "rate": "output", "before": 1.54, "after": 1.94},
    ]
    gpu = by_key["dedicated", None]
    assert gpu["gpu_type"] == "H200_141GB"
    assert [(change["before"], change["after"]) for change in gpu["changes"]] == [(6, 7), (7, 8)]
    assert gpu["cards"][0]["certain_from"] == "2026-05-07"
    assert json.loads(json.dumps(whole)) == whole


def test_the_json_of_a_gap_names_both_its_days() -> None:
    book = book_of(
        serverless_card("1", **ended(date(2026, 2, 10))),
        serverless_card("1", effective_from=date(2026, 3, 1)),
    )
    (track,) = history_json(history(book, CATALOGUE.get("kimi-k2p6"), on=TODAY))["tracks"]
    assert track["gaps"] == [{"from": "2026-02-11", "to": "2026-02-28"}]
    assert Decimal(track["cards"][0]["rates"]["input"]) == 1

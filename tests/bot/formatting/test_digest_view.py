"""Whole digests as a terminal and Slack show them, reviewed as golden files; and what long ones leave out."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.digests import Digest, SavedScenario, compose
from bot.formatting.digest_view import alive_view, digest_view, failing_view
from bot.formatting.layout import View
from bot.formatting.reply import Reply
from bot.formatting.text import render
from bot.requests import read
from pricing.cards import AnyCard, CardPath
from pricing.catalogue import GpuType
from pricing.snapshots import Snapshot, from_json, snapshot, to_json
from tests.bot.asking import BOOK, CATALOGUE
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

JULY_17 = date(2026, 7, 17)
SAVED = {
    "nightly": "gpt-oss-120b",
    "one-shot": "gpt-oss-120b turns=1",
    "big": "kimi-k2p6 episodes=50000",
    "k3": "kimi-k3",
}


def saved(**runs: str) -> list[SavedScenario]:
    return [
        SavedScenario(name=name, request=read(text, CATALOGUE, today=JULY_17))
        for name, text in runs.items()
    ]


def composed(before: Snapshot, now: Snapshot, **kept: Any) -> Digest:
    today = kept.pop("today", JULY_17)
    found = compose(from_json(to_json(before)), now, catalogue=CATALOGUE, today=today, **kept)
    assert found
    return found


def of_day(day: date, **kept: Any) -> Digest:
    return composed(snapshot(BOOK, day - timedelta(1)), snapshot(BOOK, day), today=day, **kept)


def holding(*cards: AnyCard) -> Snapshot:
    return snapshot(book_of(*cards), JULY_17)


def rising(usd: str, on: date, gpu_type: GpuType = GpuType.B300_288GB) -> list[AnyCard]:
    return [
        gpu_card("12", gpu_type=gpu_type),
        gpu_card(usd, gpu_type=gpu_type, effective_from=on),
    ]


STAYS = serverless_card("1")
LEAVES = serverless_card("1", **ended(date(2026, 9, 25)))
ANNOUNCED = composed(
    holding(STAYS, *rising("15", date(2026, 9, 1)), gpu_card("12", gpu_type=GpuType.H200_141GB)),
    holding(
        LEAVES,
        *rising("15", date(2026, 10, 1)),
        *rising("10", date(2026, 8, 1), GpuType.H200_141GB),
    ),
)
CALLED_OFF = composed(
    holding(LEAVES, *rising("15", date(2026, 9, 1))), holding(STAYS, gpu_card("12"))
)
DIGESTS = {
    "gpt_oss": of_day(JULY_17, models=frozenset({"gpt-oss-120b"})),
    "saved_runs": of_day(JULY_17, scenarios=saved(**SAVED)),
    "gpu_hours": of_day(date(2026, 9, 1)),
    "gone": of_day(
        date(2026, 9, 26), waiting=2, failing=[("Fireworks' pricing page", date(2026, 9, 20))]
    ),
    "announced": ANNOUNCED,
    "called_off": CALLED_OFF,
}


def text(digest: Digest) -> str:
    """On one line, for a sentence may be broken anywhere."""
    return " ".join(render(digest_view(digest)).split())


def message(view: View, *, native: bool = True) -> dict[str, Any]:
    reply = Reply(view=view)
    return {"text": reply.text, "blocks": reply.blocks(native=native)}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest_reads_as_reviewed(name: str, golden: Golden) -> None:
    golden(f"digest_{name}.txt", render(digest_view(DIGESTS[name])) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", ["saved_runs", "gone"])
def test_a_digest_is_laid_out_as_reviewed(name: str, native: bool, golden: Golden) -> None:
    body = message(digest_view(DIGESTS[name]), native=native)
    suffix = "" if native else "_plain"
    file = f"slack_digest_{name}{suffix}.json"
    golden(file, json.dumps(body, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", DIGESTS)
def test_slack_finds_no_fault_in_any_digest(name: str, native: bool) -> None:
    body = message(digest_view(DIGESTS[name]), native=native)
    assert [*message_faults(body), *shared_faults("message", body)] == []


def test_the_verdict_says_that_list_prices_and_the_bill_went_opposite_ways() -> None:
    assert digest_view(DIGESTS["gpt_oss"]).summary == (
        "For gpt-oss-120b at the default run Tinker 128K falls from $276.64 to $150.85 (−45.5%); "
        "Serverless standard stays cheapest at $28.02. "
        "Tinker 128K's list prices rise, yet its bill falls."
    )
    # +0.15/0.63 and +0.40/1.54
    assert "lists input +23.8% and output +26.0%, yet the bill falls by 45.5%" in text(
        DIGESTS["gpt_oss"]
    )


def test_the_verdict_leads_with_another_cheapest_path_and_counts_the_rest() -> None:
    assert digest_view(DIGESTS["saved_runs"]).summary == (
        "Another path is cheapest for `one-shot` (gpt-oss-120b): Serverless standard at $2.40; "
        "before, it was Tinker 32K at $2.32. 2 more saved runs move too."
    )
    assert "Unaffected 1 saved run" in text(DIGESTS["saved_runs"])


def test_of_saved_runs_it_is_said_how_many_flip_and_how_many_have_no_path_left() -> None:
    runs = saved(a="kimi-k2p6", b="kimi-k2p6 turns=7", c="qwen3p7-plus")
    flips = of_day(date(2026, 9, 26), scenarios=runs)
    assert digest_view(flips).summary.endswith(
        "2 more saved runs move too, 1 to another cheapest path, 1 without any path now."
    )


def test_endings_of_one_day_stand_in_one_line() -> None:
    assert text(DIGESTS["gone"]).count("from 2026-09-26:") == 1
    assert "kimi-k2p6 (Serverless standard and priority)" in text(DIGESTS["gone"])


def test_what_was_announced_otherwise_before_says_so() -> None:
    shown = text(ANNOUNCED)
    assert "B300 288GB GPU-hour $12.00 → $15.00 from 2026-10-01 (before: 2026-09-01)" in shown
    assert "H200 141GB GPU-hour $12.00 → $10.00 from 2026-08-01" in shown
    assert "gone from 2026-09-26: kimi-k2p6 (Serverless standard)" in shown


RUN = saved(r="kimi-k2p6 turns=1 initial_prompt_tokens=100000 decode_tokens_per_turn=0")


def verdict(before: list[AnyCard], now: list[AnyCard], **kept: Any) -> str:
    kept = {"scenarios": RUN} | kept
    return digest_view(composed(holding(*before), holding(*now), **kept)).summary


ONE, TWO, FREE = serverless_card("1"), serverless_card("2"), serverless_card("0")
DEAR = tinker_card(131_072, "9")
NEVER_SOLD = tinker_card(131_072, "9", feed_only=True)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ([ONE], [TWO], "Serverless standard rises from $100.00 to $200.00 (+100.0%), and stays the cheapest path."),
        ([TWO], [ONE], "Serverless standard falls from $200.00 to $100.00 (−50.0%), and stays the cheapest path."),
        ([ONE], [ONE, DEAR], "Tinker 128K is new at $900.00; Serverless standard stays cheapest at $100.00."),
        ([ONE, DEAR], [ONE], "Tinker 128K has gone (it was $900.00); Serverless standard stays cheapest at $100.00."),
        ([ONE], [], "No path can be bought any more for `r` (kimi-k2p6): Serverless standard was cheapest at $100.00."),
        ([], [ONE], "Serverless standard can now be bought for `r` (kimi-k2p6) at $100.00; before, no path could."),
        ([ONE, tinker_card(131_072, "8", feed_only=True)], [ONE, DEAR], "Tinker 128K can now be bought, at $900.00; Serverless standard stays cheapest at $100.00."),
        ([FREE], [ONE], "Serverless standard rises from $0 to $100.00, and stays the cheapest path."),
        ([tinker_card(131_072, "8", feed_only=True)], [NEVER_SOLD], "Tinker 128K rises from $800.00 to $900.00 (+12.5%); no path can be bought for it."),
    ],
)  # fmt: skip
def test_the_verdict_says_what_became_of_a_run(
    before: list[AnyCard], now: list[AnyCard], said: str
) -> None:
    assert verdict(before, now).removeprefix("For `r` (kimi-k2p6) ") == said


US = CardPath.SERVERLESS_US


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ([serverless_card("1", path=US)], [serverless_card("3", path=US)],
         "kimi-k2p6 Serverless US input rises from $1.00 to $3.00 (+200.0%) from 2026-01-01."),
        ([], [serverless_card("1", path=US, from_certain=False)],
         "kimi-k2p6 Serverless US is new first seen 2026-01-01."),
        ([serverless_card("1", path=US)], [], "kimi-k2p6 Serverless US is gone."),
        ([serverless_card("0", path=US)], [serverless_card("1", path=US)],
         "kimi-k2p6 Serverless US changes from 2026-01-01."),
    ],
)  # fmt: skip
def test_rates_that_move_no_bill_speak_for_themselves(
    before: list[AnyCard], now: list[AnyCard], said: str
) -> None:
    assert verdict([ONE, *before], [ONE, *now], scenarios=[]) == said


def test_a_change_too_small_for_its_place_is_no_zero() -> None:
    assert "(+under 0.1%)" in verdict([serverless_card("10000")], [serverless_card("10000.1")])


def test_what_is_not_said_to_be_certain_was_first_seen() -> None:
    moved = composed(holding(ONE), holding(serverless_card("2", from_certain=False)))
    assert "US dollars per 1M tokens · first seen 2026-01-01" in text(moved)


def test_days_that_differ_have_a_column() -> None:
    later = gpu_card("13", effective_from=JULY_17)
    moved = composed(holding(ONE, gpu_card("12")), holding(TWO, later))
    (table,) = [
        s.table for s in digest_view(moved).sections if s.table and "From" in s.table.header
    ]
    assert {str(row[-1]) for row in table.rows} == {"2026-01-01", "2026-07-17"}


# Sixty cards of twenty models, three rates each, so that nothing of a digest is short.
PATHS = (CardPath.SERVERLESS_STANDARD, CardPath.SERVERLESS_PRIORITY, CardPath.SERVERLESS_FAST)
MODELS = sorted((model.key for model in CATALOGUE), key=len)[-20:]
EIGHT = saved(**{f"a-rather-long-name-of-a-run-{n}": MODELS[n] for n in range(8)})


def sixty(usd: str, **changes: Any) -> list[AnyCard]:
    return [
        serverless_card(usd, model=key, path=path, cached_input_usd_per_mtok=Decimal(usd) / 10)
        .model_copy(update={**changes, "source_url": f"https://example.com/{key}/{path}"})
        for key in MODELS
        for path in PATHS
    ]  # fmt: skip


LONG: dict[str, Callable[[], Digest]] = {
    "changed": lambda: composed(
        holding(*sixty("1.2345")), holding(*sixty("2.3456")), scenarios=EIGHT
    ),
    "new": lambda: composed(holding(), holding(*sixty("1")), scenarios=EIGHT),
    "gone": lambda: composed(holding(*sixty("1")), holding(), scenarios=EIGHT),
    "announced": lambda: composed(
        holding(), holding(*sixty("1", effective_from=date(2026, 12, 1))), scenarios=EIGHT
    ),
}


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", LONG)
def test_sixty_moves_and_eight_runs_fit_one_message(name: str, native: bool) -> None:
    body = message(digest_view(LONG[name]()), native=native)
    assert [*message_faults(body), *shared_faults("message", body)] == []
    assert "did not fit" not in json.dumps(body)


def test_what_a_long_digest_leaves_out_is_counted() -> None:
    view = digest_view(LONG["changed"]())
    effects, moves = (section.table for section in view.sections if section.table)
    assert effects
    assert moves
    assert len(effects.rows) == 8 * 3
    facts = dict(fact for section in view.sections for fact in section.facts)
    count = re.match(r"(\d+) more rates", facts["Not shown"])
    assert count
    assert len(moves.rows) + int(count[1]) == 60 * 3
    lines = [line for section in view.sections for line in section.lines]
    assert lines[-1] == "and 54 more pages"


def test_lines_that_are_many_are_counted_too() -> None:
    announced = digest_view(LONG["announced"]())
    assert [t for s in announced.sections for label, t in s.facts if label == "Announced"][-1] == (
        "and 54 more"
    )
    assert " and 8 more" in text(LONG["gone"]())


def test_a_run_is_named_as_it_was_typed_and_never_live() -> None:
    named = saved(**{"<!channel>": "kimi-k2p6"})
    body = message(digest_view(composed(holding(ONE), holding(TWO), scenarios=named)))
    assert "`&lt;!channel&gt;`" in body["text"]
    assert message_faults(body) == []


def test_a_quiet_month_says_that_somebody_looked() -> None:
    quiet: dict[str, Any] = {"since": date(2026, 10, 1), "checks": 1234, "last": date(2026, 11, 1)}
    assert alive_view(**quiet).summary == (
        "No rate that concerns this channel has changed since 2026-10-01; "
        "1,234 checks since, the last on 2026-11-01."
    )
    assert alive_view(**quiet, over_percent=Decimal(5), over_usd=Decimal(500)).summary == (
        "No bill of this channel has moved by more than 5% or $500 since 2026-10-01; "
        "1,234 checks since, the last on 2026-11-01."
    )


def test_checks_that_fail_say_which_since_when_and_what_follows() -> None:
    assert failing_view([("A page", date(2026, 11, 1))]).summary == (
        "The checks of rates fail: I cannot read A page since 2026-11-01. "
        "Until it works again its rates are those of the last good check, and changes there go unnoticed; "
        "whoever runs the bot sees why with `rlcost rates check`."
    )
    both = [("A page", date(2026, 11, 1)), ("B page", date(2026, 11, 3))]
    assert "A page since 2026-11-01 and B page since 2026-11-03. Until they work again their" in (
        failing_view(both).summary
    )

"""What a channel is told: the bills of its own runs before and after, each worked out from the cards by hand."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.digests import Digest, Failing, SavedScenario, compose
from bot.effects import Effect
from bot.requests import read
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import BillingPath
from engine.costs import Notional
from pricing.cards import AnyCard, CardPath, RateBook
from pricing.catalogue import GpuType
from pricing.changes import RateName
from pricing.snapshots import MoveKind, Snapshot, from_json, snapshot, to_json
from tests.bot.asking import BOOK, CATALOGUE
from tests.pricing.books import book_of, ended, gpu_card, serverless_card, tinker_card

TINKER, STANDARD = BillingPath.TINKER, BillingPath.SERVERLESS_STANDARD
PRIORITY, DEDICATED = BillingPath.SERVERLESS_PRIORITY, BillingPath.DEDICATED
JULY_17, SEPTEMBER_1 = date(2026, 7, 17), date(2026, 9, 1)
GPT = "gpt-oss-120b"


def on(day: date, book: RateBook = BOOK) -> Snapshot:
    return snapshot(book, day)


def told(day: date) -> Snapshot:
    """What a channel was told the day before, as it was kept."""
    return from_json(to_json(on(day - timedelta(days=1))))


def holding(*cards: AnyCard) -> Snapshot:
    return on(JULY_17, book_of(*cards))


def run(name: str, *models: str, **fields: Value) -> SavedScenario:
    named = {Field(field): value for field, value in fields.items()}
    return SavedScenario(
        name=name, request=Request(intent=Intent.ESTIMATE, models=models, fields=named)
    )


def composed(before: Snapshot, now: Snapshot, *runs: SavedScenario, **kept: Any) -> Digest | None:
    today = kept.pop("today", JULY_17)
    return compose(before, now, catalogue=CATALOGUE, today=today, scenarios=runs, **kept)


def digest(before: Snapshot, now: Snapshot, *runs: SavedScenario, **kept: Any) -> Digest:
    found = composed(before, now, *runs, **kept)
    assert found
    return found


def bills(effect: Effect) -> dict[BillingPath, tuple[str | None, str | None]]:
    """Each bill that moved, in cents."""
    return {path.path: (cents(path.usd_before), cents(path.usd_after)) for path in effect.moved}


def cents(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:.2f}"


def test_at_eight_turns_gpt_oss_falls_while_its_list_prices_rise() -> None:
    (effect,) = digest(told(JULY_17), on(JULY_17), run("nightly", GPT)).effects
    # before: 400,000 × 0.63 + 16,000 × 1.54 a million; after: 92,000 × 0.78 + 308,000 × 0.156 + 16,000 × 1.94
    assert bills(effect) == {TINKER: ("276.64", "150.85")}
    moved = effect.path(TINKER)
    assert moved.usd_after == Decimal("150.848")
    assert moved.against_list_prices
    assert moved.share
    assert round(moved.share, 4) == Decimal("-0.4547")
    # 92,000 × 0.15 + 308,000 × 0.015 + 16,000 × 0.60
    assert effect.path(STANDARD).usd_after == Decimal("28.02")
    assert (effect.cheapest_before, effect.cheapest_after) == (STANDARD, STANDARD)
    assert not effect.flipped


def test_at_one_turn_the_same_day_makes_gpt_oss_dearer_and_another_path_cheapest() -> None:
    (effect,) = digest(told(JULY_17), on(JULY_17), run("one-shot", GPT, turns=1)).effects
    # 8,000 × 0.18 + 2,000 × 0.44, then 8,000 × 0.33 + 2,000 × 0.84, in the window of 32K
    assert bills(effect) == {TINKER: ("2.32", "4.32")}
    assert not effect.path(TINKER).against_list_prices
    # 8,000 × 0.15 + 2,000 × 0.60
    assert effect.path(STANDARD).usd_after == Decimal("2.40")
    assert effect.flipped
    assert (effect.cheapest_before, effect.cheapest_after) == (TINKER, STANDARD)


def test_list_prices_that_fall_can_raise_a_bill_by_taking_the_cached_rate_away() -> None:
    was = tinker_card(131_072, "2", cached_input_usd_per_mtok=Decimal("0.1"))
    (effect,) = digest(
        holding(was), holding(tinker_card(131_072, "1.5")), run("r", "kimi-k2p6")
    ).effects
    # 108,000 × 2 + 308,000 × 0.1 a million, then 416,000 × 1.5
    assert bills(effect) == {TINKER: ("246.80", "624.00")}
    assert effect.path(TINKER).against_list_prices


def test_list_prices_that_went_both_ways_contradict_no_bill() -> None:
    was = tinker_card(131_072, "2", cached_input_usd_per_mtok=Decimal("0.1"))
    now = tinker_card(131_072, "2.1", cached_input_usd_per_mtok=Decimal("0.01"))
    (effect,) = digest(holding(was), holding(now), run("r", "kimi-k2p6")).effects
    assert not effect.path(TINKER).against_list_prices


def test_the_gpu_hours_of_september_raise_the_bill_of_each_cluster() -> None:
    found = digest(told(SEPTEMBER_1), on(SEPTEMBER_1), today=SEPTEMBER_1)
    assert {move.key.item for move in found.moves if move.key.path is CardPath.DEDICATED} == {
        *GpuType
    } - {GpuType.A100_80GB}
    # decode binds: 16,000,000 tokens at 1,500 (Kimi), 1,200 (Qwen) and 2,500 (GPT-OSS) tok/s; 8, 8 and 4 GPUs
    assert {effect.model.key: bills(effect) for effect in found.effects} == {
        "qwen3p5-397b": {DEDICATED: ("296.30", "385.19")},
        "kimi-k2p6": {DEDICATED: ("284.44", "355.56")},
        "kimi-k2p5": {DEDICATED: ("284.44", "355.56")},
        GPT: {DEDICATED: ("49.78", "56.89")},
    }
    assert found.effects[0].model.key == "qwen3p5-397b"
    assert all(effect.name is None for effect in found.effects)


def test_a_model_that_leaves_serverless_flips_what_is_cheapest() -> None:
    day = date(2026, 9, 26)
    (effect,) = digest(told(day), on(day), run("sweep", "kimi-k2p6"), today=day).effects
    # 92,000 × 0.95 + 308,000 × 0.16 + 16,000 × 4; priority 92,000 × 1.5 + 308,000 × 0.22 + 16,000 × 6
    assert bills(effect) == {STANDARD: ("200.68", None), PRIORITY: ("301.76", None)}
    assert (effect.cheapest_before, effect.cheapest_after) == (STANDARD, DEDICATED)
    gone = [m for m in digest(told(day), on(day)).moves if m.kind is MoveKind.GONE]
    assert len(gone) == 17
    assert {move.on for move in gone} == {day}


def test_without_saved_runs_the_four_most_affected_models_are_priced() -> None:
    found = digest(told(JULY_17), on(JULY_17))
    assert len(found.effects) == 4
    keys = [effect.model.key for effect in found.effects]
    # 5.15 × 400,000 + 12.81 × 16,000 = 2,264.96, and with 1.03 cached 996.00: 56.03 % less, as nothing else
    assert keys[0] == "kimi-k2p6"
    assert bills(found.effects[0]) == {TINKER: ("2264.96", "996.00")}
    assert GPT in found.not_shown
    assert not set(keys) & set(found.not_shown)


def test_saved_runs_that_do_not_move_are_counted_and_no_default_run_is_shown() -> None:
    found = digest(told(JULY_17), on(JULY_17), run("k3", "kimi-k3"), run("nightly", GPT))
    assert [effect.name for effect in found.effects] == ["nightly"]
    assert found.unaffected == 1
    assert found.not_shown == ()


def test_a_saved_run_of_two_models_is_priced_for_each() -> None:
    found = digest(told(JULY_17), on(JULY_17), run("both", GPT, "kimi-k2p6"))
    assert {(effect.name, effect.model.key) for effect in found.effects} == {
        ("both", GPT),
        ("both", "kimi-k2p6"),
    }


def test_a_saved_day_does_not_keep_a_bill_from_moving() -> None:
    pinned = run("pinned", GPT, as_of=date(2026, 5, 16))
    (effect,) = digest(told(JULY_17), on(JULY_17), pinned).effects
    assert bills(effect) == {TINKER: ("276.64", "150.85")}


def test_what_describes_no_single_run_is_named() -> None:
    several = SavedScenario(
        name="several", request=read(f"{GPT} turns=4,8", CATALOGUE, today=JULY_17)
    )
    unread = SavedScenario(name="unread", request=read("turnz=3", CATALOGUE, today=JULY_17))
    found = digest(
        told(JULY_17),
        on(JULY_17),
        several,
        unread,
        run("old", "left-the-catalogue"),
        run("ok", GPT),
    )
    assert found.unpriced == ("several", "unread", "old")
    assert [effect.name for effect in found.effects] == ["ok"]


def test_a_saved_cluster_is_priced_with_the_gpu_that_it_names() -> None:
    fields: dict[str, Value] = {"gpus": 8, "gpu_type": "H100_80GB", "prompt_tps": 10_000}
    saved = run("own", "kimi-k2p6", **fields, decode_tps=1000)
    (effect,) = digest(
        told(SEPTEMBER_1),
        on(SEPTEMBER_1),
        saved,
        models=frozenset({"kimi-k2p6"}),
        today=SEPTEMBER_1,
    ).effects
    # decode binds: 16,000 seconds on 8 GPUs at $7, then at $8
    assert bills(effect) == {DEDICATED: ("248.89", "284.44")}


def test_models_narrow_the_moves_to_theirs_and_to_their_clusters_gpus() -> None:
    found = digest(
        told(SEPTEMBER_1), on(SEPTEMBER_1), models=frozenset({GPT, "kimi-k3"}), today=SEPTEMBER_1
    )
    items = {move.key.item for move in found.moves}
    assert items == {GpuType.H200_141GB, "kimi-k3"}
    assert [effect.model.key for effect in found.effects] == [GPT]


def test_the_runs_of_other_models_are_left_out_too() -> None:
    saved = (run("k", "kimi-k2p6"), run("g", GPT))
    found = digest(told(JULY_17), on(JULY_17), *saved, models=frozenset({GPT}))
    assert [effect.name for effect in found.effects] == ["g"]
    assert {move.key.item for move in found.moves} == {GPT}


def test_there_is_nothing_to_say_where_nothing_moved_or_nothing_concerns() -> None:
    assert composed(on(JULY_17), on(JULY_17), waiting=3, failing=[("a page", JULY_17)]) is None
    assert composed(told(JULY_17), on(JULY_17), models=frozenset({"kimi-k3"})) is None


def test_what_waits_and_what_fails_is_told_along() -> None:
    found = digest(told(JULY_17), on(JULY_17), waiting=3, failing=[("a page", JULY_17)])
    assert found.waiting == 3
    assert found.failing == (Failing("a page", JULY_17),)


# From $100 to $110 and from $110 to $100, by 1,000 episodes of 100,000 prompt tokens.
ONE_TURN: dict[str, Value] = {
    "turns": 1,
    "initial_prompt_tokens": 100_000,
    "decode_tokens_per_turn": 0,
}
AT_1, AT_1_10 = serverless_card("1"), serverless_card("1.1")


@pytest.mark.parametrize(
    ("thresholds", "speaks"),
    [
        ({}, True),
        ({"over_percent": Decimal("9.9")}, True),
        ({"over_percent": Decimal(10)}, False),
        ({"over_usd": Decimal("9.99")}, True),
        ({"over_usd": Decimal(10)}, False),
        ({"over_percent": Decimal(50), "over_usd": Decimal(1)}, True),
        ({"over_percent": Decimal(1), "over_usd": Decimal(500)}, True),
        ({"over_percent": Decimal(10), "over_usd": Decimal(10)}, False),
    ],
)
def test_a_rise_speaks_where_it_is_over_one_of_the_thresholds(
    thresholds: dict[str, Decimal], speaks: bool
) -> None:
    saved = run("r", "kimi-k2p6", **ONE_TURN)
    found = composed(holding(AT_1), holding(AT_1_10), saved, **thresholds)
    assert (found is not None) is speaks


@pytest.mark.parametrize(("over_percent", "speaks"), [("9.09", True), ("9.1", False)])
def test_a_fall_counts_as_a_rise_does(over_percent: str, speaks: bool) -> None:
    saved = run("r", "kimi-k2p6", **ONE_TURN)
    found = composed(holding(AT_1_10), holding(AT_1), saved, over_percent=Decimal(over_percent))
    assert (found is not None) is speaks


HIGH = {"over_percent": Decimal(1000), "over_usd": Decimal(1_000_000)}


def test_a_path_that_comes_or_goes_is_over_every_threshold() -> None:
    saved = run("r", "kimi-k2p6", **ONE_TURN)
    dear = tinker_card(131_072, "9")
    assert composed(holding(AT_1), holding(AT_1, dear), saved, **HIGH)
    assert composed(holding(AT_1, dear), holding(AT_1), saved, **HIGH)


def test_a_flip_of_the_cheapest_is_over_every_threshold() -> None:
    saved = run("r", "kimi-k2p6", **ONE_TURN)
    between = tinker_card(131_072, "1.05")
    found = digest(holding(AT_1, between), holding(AT_1_10, between), saved, **HIGH)
    assert found.effects[0].cheapest_after is TINKER
    assert composed(holding(AT_1), holding(AT_1_10), saved, **HIGH) is None


def test_thresholds_look_at_the_saved_runs_and_not_at_other_models() -> None:
    saved = run("k3", "kimi-k3")
    assert composed(told(JULY_17), on(JULY_17), saved, over_percent=Decimal(1)) is None
    assert composed(told(JULY_17), on(JULY_17), over_percent=Decimal(1))


def test_announcements_have_no_bill_yet_and_always_count() -> None:
    rise = on(
        JULY_17,
        book_of(
            gpu_card("12", **ended(date(2026, 8, 31))), gpu_card("15", effective_from=SEPTEMBER_1)
        ),
    )
    stay = holding(gpu_card("12"))
    found = digest(stay, rise, **HIGH)
    assert [(one.on, one.card is None) for one in found.announced] == [
        (SEPTEMBER_1, False),
        (SEPTEMBER_1, True),
    ]
    assert (found.moves, found.effects) == ((), ())
    assert len(digest(rise, stay, **HIGH).called_off) == 2
    assert composed(stay, rise, models=frozenset({GPT})) is None


def test_a_path_only_a_feed_knows_turns_into_one_on_offer() -> None:
    feed = serverless_card("1", feed_only=True)
    confirmed = serverless_card("1.1")
    (effect,) = digest(holding(feed), holding(confirmed), run("r", "kimi-k2p6", **ONE_TURN)).effects
    path = effect.path(STANDARD)
    assert isinstance(path.before.priced, Notional)
    assert path.turned
    assert (effect.cheapest_before, effect.cheapest_after) == (None, STANDARD)


def test_a_free_path_that_costs_something_now_has_no_share_and_counts() -> None:
    free = serverless_card("0")
    saved = run("r", "kimi-k2p6", **ONE_TURN)
    found = digest(holding(free), holding(AT_1), saved, over_percent=Decimal(999))
    assert found.effects[0].path(STANDARD).share is None


def test_a_training_rate_alone_moves_no_bill_but_is_told() -> None:
    was = tinker_card(131_072, "1", train_usd_per_mtok=Decimal(3))
    now = tinker_card(131_072, "1", train_usd_per_mtok=Decimal(4))
    found = digest(holding(was), holding(now))
    assert [d.rate for move in found.moves for d in move.differences] == [RateName.TRAIN]
    assert found.effects == ()

"""A preset fills what is not said, and nothing else: bills worked out by hand from its published shape."""

from decimal import Decimal

import pytest

from bot.answers import SHAPE_DEFAULTS
from bot.estimates import workload_of
from bot.presets import preset_fields_of
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import BillingPath, DefaultsUsed
from engine.costs import usd_of
from engine.workload import EpisodeShape, Workload
from pricing.shapes import presets
from tests.bot.asking import ask

SONNET = presets().get("swe-pro-sonnet45")
TURNS, FIRST = Field.TURNS, Field.INITIAL_PROMPT_TOKENS
ADDED, DECODE = Field.TOKENS_ADDED_PER_TURN, Field.DECODE_TOKENS_PER_TURN
TOOL = Field.TOOL_RESULT_TOKENS_PER_TURN


def run(fields: dict[Field, Value]) -> tuple[int, int, int, int]:
    shape = workload_of(fields, SONNET)[0].shape
    return (
        shape.turns,
        shape.initial_prompt_tokens,
        shape.tokens_added_per_turn,
        shape.decode_tokens_per_turn,
    )


@pytest.mark.parametrize(
    ("fields", "shape", "filled"),
    [
        ({}, (78, 3000, 855, 227), (TURNS, FIRST, ADDED, DECODE)),
        ({TURNS: 40}, (40, 3000, 855, 227), (FIRST, ADDED, DECODE)),
        ({FIRST: 0}, (78, 0, 855, 227), (TURNS, ADDED, DECODE)),
        ({DECODE: 900}, (78, 3000, 855, 900), (TURNS, FIRST, ADDED)),
        # Δ = tool result + decode, whatever the preset's Δ
        ({TOOL: 2000}, (78, 3000, 2227, 227), (TURNS, FIRST, DECODE)),
        ({TOOL: 2000, DECODE: 500}, (78, 3000, 2500, 500), (TURNS, FIRST)),
        # decode = Δ − tool result, whatever the preset's decode
        ({TOOL: 2000, ADDED: 2100}, (78, 3000, 2100, 100), (TURNS, FIRST)),
        ({TOOL: 5, ADDED: 15, DECODE: 10, TURNS: 1, FIRST: 9}, (1, 9, 15, 10), ()),
    ],
    ids=str,
)
def test_what_is_said_comes_before_the_preset(
    fields: dict[Field, Value], shape: tuple[int, ...], filled: tuple[Field, ...]
) -> None:
    assert run(fields) == shape
    assert preset_fields_of(fields, SONNET) == filled


def test_what_no_preset_knows_keeps_its_default() -> None:
    workload, defaults = workload_of({}, SONNET)
    assert workload.episodes == 1000
    assert defaults == {Field.EPISODES}


def test_without_a_preset_all_is_as_before() -> None:
    workload, defaults = workload_of({}, None)
    shape = EpisodeShape(
        turns=8,
        initial_prompt_tokens=8000,
        tokens_added_per_turn=12_000,
        decode_tokens_per_turn=2000,
    )
    assert workload == Workload(shape=shape, episodes=1000)
    assert defaults == SHAPE_DEFAULTS.keys()
    assert preset_fields_of({}, None) == ()


def test_a_preset_is_priced_as_the_same_run_said() -> None:
    """Tinker 128K at $5.15, $1.03 and $12.81: 68,835 uncached, 2,732,730 cached and 17,706 decoded tokens."""
    asked = Request(
        intent=Intent.ESTIMATE,
        models=("kimi-k2p6",),
        fields={Field.EPISODES: 1},
        preset="swe-pro-sonnet45",
    )
    answer = ask(asked)
    said = dict(zip((TURNS, FIRST, ADDED, DECODE), (78, 3000, 855, 227), strict=True))
    same = ask(Request(intent=Intent.ESTIMATE, models=("kimi-k2p6",), fields={Field.EPISODES: 1, **said}))  # fmt: skip

    tinker = usd_of(answer.models[0].quote(BillingPath.TINKER).priced)
    assert tinker == Decimal("0.35450025") + Decimal("2.8147119") + Decimal("0.22681386")
    assert answer.models == same.models
    assert answer.preset == SONNET
    assert answer.preset_fields == (TURNS, FIRST, ADDED, DECODE)


def test_defaults_do_not_name_what_the_preset_gave() -> None:
    answer = ask(
        Request(intent=Intent.ESTIMATE, models=("kimi-k2p6",), fields={}, preset="terminal-9")
    )
    assert not {TURNS, FIRST, ADDED, DECODE} & {*answer.defaults}
    assert Field.EPISODES in answer.defaults
    (named,) = [caveat for caveat in answer.caveats if isinstance(caveat, DefaultsUsed)]
    assert named.fields == answer.defaults

"""Tokens of an episode, against turns added up one by one."""

from decimal import localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.workload import EpisodeShape, count_tokens, turns_that_fit
from tests.examples import DEFAULT_SHAPE, shape

SHAPES = st.builds(
    EpisodeShape,
    turns=st.integers(1, 200),
    initial_prompt_tokens=st.integers(0, 10_000_000),
    tokens_added_per_turn=st.integers(0, 10_000_000),
    decode_tokens_per_turn=st.integers(0, 10_000_000),
)


def test_the_published_shape_prompts_400_000_tokens_and_caches_308_000() -> None:
    # Prompts of 8k, 20k, 32k, 44k, 56k, 68k, 80k and 92k.
    tokens = count_tokens(DEFAULT_SHAPE)
    assert tokens.prompt_tokens == 400_000
    assert tokens.cached_prompt_tokens == 400_000 - 92_000
    assert tokens.decode_tokens == 16_000
    assert tokens.peak_context_tokens == 92_000 + 2_000
    assert float(tokens.cache_hit_rate) == 0.77


def test_one_turn_has_nothing_to_cache() -> None:
    tokens = count_tokens(shape(turns=1))
    assert (tokens.prompt_tokens, tokens.cached_prompt_tokens) == (8_000, 0)
    assert tokens.cache_hit_rate == 0


def test_an_episode_without_prompts_has_a_cache_hit_rate_of_zero() -> None:
    tokens = count_tokens(shape(turns=3, initial=0, added=0))
    assert tokens.prompt_tokens == 0
    assert tokens.cache_hit_rate == 0


def test_the_hit_rate_is_exact_in_any_decimal_context() -> None:
    with localcontext(prec=2):
        rate = count_tokens(shape(turns=20)).cache_hit_rate
    assert float(rate) == 2_204_000 / 2_440_000


@given(SHAPES)
def test_cached_and_uncached_add_up_to_the_prompts_of_each_turn(episode: EpisodeShape) -> None:
    prompts = [
        episode.initial_prompt_tokens + turn * episode.tokens_added_per_turn
        for turn in range(episode.turns)
    ]
    tokens = count_tokens(episode)
    assert tokens.prompt_tokens == sum(prompts)
    assert tokens.uncached_prompt_tokens == prompts[-1]
    assert tokens.uncached_prompt_tokens + tokens.cached_prompt_tokens == sum(prompts)
    assert tokens.cached_prompt_tokens >= 0


@given(SHAPES, st.integers(1, 20_000_000))
def test_the_turns_that_fit_are_the_most_whose_peak_the_window_holds(
    episode: EpisodeShape, window_tokens: int
) -> None:
    fits = turns_that_fit(episode, window_tokens=window_tokens)
    assert 0 <= fits <= episode.turns
    if fits:
        held = episode.model_copy(update={"turns": fits})
        assert count_tokens(held).peak_context_tokens <= window_tokens
    if fits < episode.turns:
        one_more = episode.model_copy(update={"turns": fits + 1})
        assert count_tokens(one_more).peak_context_tokens > window_tokens


@pytest.mark.parametrize(
    ("window_tokens", "turns"), [(32_768, 2), (65_536, 5), (131_072, 11), (262_144, 22)]
)
def test_windows_hold_so_many_turns_of_the_published_shape(window_tokens: int, turns: int) -> None:
    assert turns_that_fit(shape(turns=200), window_tokens=window_tokens) == turns


def test_a_shape_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="steps"):
        EpisodeShape.model_validate(DEFAULT_SHAPE.model_dump() | {"steps": 3})

"""What is run: the shape of an episode, how many episodes, and the tokens that follow from it."""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt

from engine.exact import exact


class Checked(BaseModel):
    """A value from outside: checked once when it is made, frozen after, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EpisodeShape(Checked):
    """One episode: `turns` prompts, each the one before it plus what a turn adds.

    `tokens_added_per_turn` (Δ) is the model's response and the tool result that follow a prompt (P₁, P₂ …);
    `decode_tokens_per_turn` may exceed it where reasoning is dropped between turns.
    """

    turns: PositiveInt
    initial_prompt_tokens: NonNegativeInt
    tokens_added_per_turn: NonNegativeInt
    decode_tokens_per_turn: NonNegativeInt


class Workload(Checked):
    """A run: `episodes` of one shape."""

    shape: EpisodeShape
    episodes: PositiveInt


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCounts:
    """Tokens of one episode. Cached are those that an earlier turn of the episode sent already."""

    prompt_tokens: int
    cached_prompt_tokens: int
    decode_tokens: int
    peak_context_tokens: int

    @property
    def uncached_prompt_tokens(self) -> int:
        """Tokens that are sent for the first time: as many as the last prompt holds."""
        return self.prompt_tokens - self.cached_prompt_tokens

    @property
    def cache_hit_rate(self) -> Decimal:
        """The cached share of all prompt tokens, 0 to 1; 0 where nothing is prompted."""
        with exact():
            return Decimal(self.cached_prompt_tokens) / (self.prompt_tokens or 1)


def count_tokens(shape: EpisodeShape) -> TokenCounts:
    """Add up one episode.

    With T turns, P₁ the first prompt, Δ added and G decoded per turn:
    last prompt P_T = P₁ + (T−1)·Δ, prompts Σ = T·P₁ + Δ·T·(T−1)/2, cached = Σ − P_T,
    decode = T·G, peak = P_T + G (docs/formulas.md derives them).
    """
    turns, added = shape.turns, shape.tokens_added_per_turn
    last_prompt = shape.initial_prompt_tokens + (turns - 1) * added
    prompts = turns * shape.initial_prompt_tokens + added * (turns * (turns - 1) // 2)
    return TokenCounts(
        prompt_tokens=prompts,
        cached_prompt_tokens=prompts - last_prompt,
        decode_tokens=turns * shape.decode_tokens_per_turn,
        peak_context_tokens=last_prompt + shape.decode_tokens_per_turn,
    )


def turns_that_fit(shape: EpisodeShape, *, window_tokens: int) -> int:
    """The most turns, up to those of `shape`, whose peak a window of `window_tokens` holds; 0 for none.

    P₁ + (T−1)·Δ + G ≤ W, so T ≤ (W − P₁ − G)/Δ + 1.
    """
    spare = window_tokens - shape.initial_prompt_tokens - shape.decode_tokens_per_turn
    if spare < 0:
        return 0
    if spare >= (shape.turns - 1) * shape.tokens_added_per_turn:
        return shape.turns
    return spare // shape.tokens_added_per_turn + 1

"""The fields of a request: how each is written, its range, and what a number must be to stand in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from pricing.catalogue import GpuType

from . import vocabulary as words
from .request import Field, Number, ProblemCode

TOKEN_FIELDS = frozenset(
    {
        Field.INITIAL_PROMPT_TOKENS,
        Field.TOKENS_ADDED_PER_TURN,
        Field.TOOL_RESULT_TOKENS_PER_TURN,
        Field.DECODE_TOKENS_PER_TURN,
    }
)
ONE_VALUE_FIELDS = frozenset({Field.GPU_TYPE, Field.AS_OF, Field.BUDGET_USD, Field.DEADLINE_HOURS})
"""Fields that take one value, never a list or a range."""

# The A100 has rate cards of its past and cannot be asked for.
GPU_TYPES = tuple(gpu.value for gpu in GpuType if gpu is not GpuType.A100_80GB)


@dataclass(frozen=True, slots=True)
class Range:
    """What a number field may hold; `above` excludes the lowest value, `whole` asks for a count."""

    lowest: int
    highest: int
    whole: bool = True
    above: bool = False

    def __str__(self) -> str:
        kind = "whole, " if self.whole else ""
        low = f"above {self.lowest:,}, to" if self.above else f"{self.lowest:,} …"
        return f"{kind}{low} {self.highest:,}"


RANGES = {
    Field.TURNS: Range(1, 200),
    Field.EPISODES: Range(1, 10_000_000),
    Field.INITIAL_PROMPT_TOKENS: Range(0, 10_000_000),
    Field.TOKENS_ADDED_PER_TURN: Range(0, 10_000_000),
    Field.TOOL_RESULT_TOKENS_PER_TURN: Range(0, 10_000_000),
    Field.DECODE_TOKENS_PER_TURN: Range(0, 10_000_000),
    Field.GPUS: Range(1, 100_000),
    Field.PROMPT_TPS: Range(0, 10**9, whole=False, above=True),
    Field.DECODE_TPS: Range(0, 10**9, whole=False, above=True),
    Field.BUDGET_USD: Range(0, 10**12, whole=False, above=True),
    Field.DEADLINE_HOURS: Range(0, 10**6, whole=False, above=True),
}

_TPS = "tps tokspersec tokspersecond tokenspersec tokenspersecond tokpersec tokpersecond throughput".split()
_PREFILL = (
    "prefill prompt input prompttoken prompttokens prefilltoken prefilltokens inputtokens".split()
)
_DECODING = (
    "decode decodes decoding decoded gen generation generate generates generating generated output outputs "
    "completion completions response responses sample sampled"
).split()

_ALIASES: dict[Field, list[str]] = {
    Field.TURNS: "turn turns t turnsperepisode turnperepisode turnsperrollout turnspertrajectory turnsanepisode "
    "turnseachepisode".split(),
    Field.EPISODES: "ep eps episode episodes rollout rollouts trajectory trajectories n".split(),
    Field.INITIAL_PROMPT_TOKENS: "initial init prompt initialprompt systemprompt startingcontext initialcontext "
    "startingprompt startcontext p1".split(),
    Field.TOKENS_ADDED_PER_TURN: "tokensadded added add adds adding delta δ growth grow grows growing growthrate growby growsby "
    "growingby contextgrowth contextadded".split(),
    Field.TOOL_RESULT_TOKENS_PER_TURN: "tool toolresult toolresults tooloutput tooloutputs toolcalloutput "
    "toolcalloutputs toolcallresult toolcallresults observation observations".split(),
    Field.DECODE_TOKENS_PER_TURN: _DECODING,
    Field.GPUS: "gpu gpus".split(),
    Field.GPU_TYPE: "gputype gputypes typeofgpu".split(),
    Field.PROMPT_TPS: [f"{side}{unit}" for side in _PREFILL for unit in _TPS]
    + [f"{unit}{of}{side}" for side in _PREFILL for unit in _TPS for of in ("", "of", "for")],
    Field.DECODE_TPS: [
        f"{side}{token}{unit}"
        for side in _DECODING
        for unit in _TPS
        for token in ("", "token", "tokens")
    ]
    + [f"{unit}{of}{side}" for side in _DECODING for unit in _TPS for of in ("", "of", "for")],
    Field.BUDGET_USD: "budget budgetusd".split(),
    Field.DEADLINE_HOURS: "deadline deadlinehours".split(),
    Field.AS_OF: ["asof"],
}

_PREFIXES = ("", "num", "n", "numberof")
_SUFFIXES = ("", "count")
_TOKEN_SUFFIXES = (
    "",
    "tokens",
    "token",
    "perturn",
    "tokensperturn",
    "tokenperturn",
    "count",
    "tokencount",
    "tokenscount",
)


@lru_cache(maxsize=4096)
def squash(key: str) -> str:
    """A key without case, `_`, `-` and spaces."""
    return key.casefold().replace("_", "").replace("-", "").replace(" ", "")


@cache
def aliases() -> dict[str, Field]:
    """Every squashed spelling of a key."""
    return {
        spelling: field
        for field, bases in _ALIASES.items()
        for base in bases
        for spelling in _spellings(field, base)
    }


def _spellings(field: Field, base: str) -> Iterator[str]:
    if len(base) == 1 or field in (Field.GPU_TYPE, Field.AS_OF, Field.PROMPT_TPS, Field.DECODE_TPS):
        yield base
        return
    suffixes = _TOKEN_SUFFIXES if field in TOKEN_FIELDS else _SUFFIXES
    for prefix in _PREFIXES:
        for suffix in suffixes:
            yield prefix + base + suffix


def fault(field: Field, value: Decimal | None) -> ProblemCode | None:
    """Why a number cannot stand in a field; that it is none comes before that it is too large."""
    allowed = RANGES[field]
    if value is None or value.is_nan():
        return ProblemCode.VALUE_INVALID
    if allowed.whole and value.is_finite() and value != value.to_integral_value():
        return ProblemCode.VALUE_INVALID
    # 1e-400 is above 0 and yet 0 to whoever computes with it.
    low = float(value) <= allowed.lowest if allowed.above else value < allowed.lowest
    return ProblemCode.VALUE_OUT_OF_RANGE if low or value > allowed.highest else None


def nearest(field: Field, value: Decimal) -> Number | None:
    """The value of a field that a number comes nearest to; None where there is none (*above 0* has no lowest)."""
    allowed = RANGES[field]
    if value.is_nan():
        return None
    whole = value.to_integral_value() if allowed.whole else value
    near = min(max(whole, Decimal(allowed.lowest)), Decimal(allowed.highest))
    return None if allowed.above and float(near) <= allowed.lowest else number(near)


def number(value: Decimal) -> Number:
    """A count as `int`, a fraction as it is; only for values without a fault."""
    return int(value) if value == value.to_integral_value() else value


def gpu_type(word: str) -> str | None:
    """The GPU type that a word names: `h100`, `H100s`, `h100-80gb`; None where it is none of the five."""
    plain = squash(word).removesuffix("s")
    for name in GPU_TYPES:
        kind, _, memory = name.lower().partition("_")
        if plain in (kind, kind + memory):
            return name
    return None


_UNITS = (
    words.TOKEN_WORDS
    | frozenset(words.HOURS_IN)
    | words.MINUTES
    | words.DOLLARS
    | words.FOREIGN_MONEY
)
_COUNTED = words.NOT_KEYS | words.COUNTED | _UNITS | {"percent", "tps"}


def is_counted(word: str) -> bool:
    """Whether a number before this word counts it: a field's key, a unit, a thing that no field counts."""
    return squash(word) in aliases() or word in _COUNTED


def nearest_field(key: str) -> str:
    """The field whose key looks most like this one; empty where none comes near."""
    from rapidfuzz import fuzz, process  # slow to import, and needed only for a hint

    bases = {
        base: field
        for field, bases in _ALIASES.items()
        for base in (squash(field), *bases)
        if len(base) > 2
    }
    near = process.extractOne(squash(key), list(bases), scorer=fuzz.ratio, score_cutoff=78)
    return bases[near[0]].value if near else ""

"""The cost calculator published on 2026-05-16, to the digit.

Kept so that a figure that somebody took from that page can be found again. It differs from today's answer
on purpose: its rates, the long-context variant of Tinker without a cached rate, no check of the window,
GPUs that change the cost and not the speed, dedicated time = the longer phase, and limits that are never
below one second or one GPU. It is reckoned in binary floating point, in the order of that page.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from engine.workload import Workload, count_tokens

PUBLISHED_ON = "2026-05-16"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedModel:
    """What the page held about a model. Nobody can change it any more."""

    tinker_variant: str
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    gpu_type: str
    usd_per_gpu_hour: float
    gpus: int
    prompt_tps: int
    decode_tps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigures:
    """What the page showed. None stands where it showed no number (nothing divided by nothing)."""

    prompt_tokens_per_episode: int
    uncached_prompt_tokens_per_episode: int
    cached_prompt_tokens_per_episode: int
    decode_tokens_per_episode: int
    cache_hit_percent: float
    tinker_usd_per_episode: float
    tinker_usd: float
    dedicated_cluster_hours: float
    dedicated_usd_per_episode: float
    dedicated_usd: float
    dedicated_vs_tinker: str
    at_par_max_gpus: int | None
    at_par_min_prompt_tps: int
    at_par_min_decode_tps: int


_KIMI_K2 = PublishedModel(
    tinker_variant="128K",
    input_usd_per_mtok=5.15,
    output_usd_per_mtok=12.81,
    gpu_type="B300_288GB",
    usd_per_gpu_hour=12.0,
    gpus=8,
    prompt_tps=30_000,
    decode_tps=1_500,
)

PUBLISHED_MODELS: Mapping[str, PublishedModel] = MappingProxyType(
    {
        "kimi-k2p6": _KIMI_K2,
        "kimi-k2p5": _KIMI_K2,
        "qwen3p5-397b": PublishedModel(
            tinker_variant="256K",
            input_usd_per_mtok=4.0,
            output_usd_per_mtok=10.0,
            gpu_type="B200_180GB",
            usd_per_gpu_hour=10.0,
            gpus=8,
            prompt_tps=20_000,
            decode_tps=1_200,
        ),
        "gpt-oss-120b": PublishedModel(
            tinker_variant="128K",
            input_usd_per_mtok=0.63,
            output_usd_per_mtok=1.54,
            gpu_type="H200_141GB",
            usd_per_gpu_hour=7.0,
            gpus=4,
            prompt_tps=25_000,
            decode_tps=2_500,
        ),
    }
)


def published_figures(
    model: PublishedModel,
    workload: Workload,
    *,
    gpus: int,
    prompt_tps: float,
    decode_tps: float,
) -> PublishedFigures:
    """What the page showed for these inputs."""
    tokens, episodes = count_tokens(workload.shape), workload.episodes
    uncached = tokens.uncached_prompt_tokens * episodes
    decoded = tokens.decode_tokens * episodes
    busy_seconds = max(uncached / prompt_tps, decoded / decode_tps)
    hours = busy_seconds / 3600
    dedicated_usd = hours * gpus * model.usd_per_gpu_hour
    tinker_per_episode = (
        tokens.prompt_tokens / 1_000_000 * model.input_usd_per_mtok
        + tokens.decode_tokens / 1_000_000 * model.output_usd_per_mtok
    )
    tinker_usd = tinker_per_episode * episodes
    par_seconds = max(tinker_usd * 3600 / (gpus * model.usd_per_gpu_hour), 1.0)
    prompts = tokens.prompt_tokens
    return PublishedFigures(
        prompt_tokens_per_episode=prompts,
        uncached_prompt_tokens_per_episode=tokens.uncached_prompt_tokens,
        cached_prompt_tokens_per_episode=tokens.cached_prompt_tokens,
        decode_tokens_per_episode=tokens.decode_tokens,
        cache_hit_percent=tokens.cached_prompt_tokens / prompts * 100 if prompts else 0.0,
        tinker_usd_per_episode=tinker_per_episode,
        tinker_usd=tinker_usd,
        dedicated_cluster_hours=hours,
        dedicated_usd_per_episode=dedicated_usd / episodes,
        dedicated_usd=dedicated_usd,
        dedicated_vs_tinker=_label(tinker_usd, dedicated_usd),
        at_par_max_gpus=_max_gpus(tinker_usd, busy_seconds * model.usd_per_gpu_hour),
        at_par_min_prompt_tps=math.ceil(uncached / par_seconds),
        at_par_min_decode_tps=math.ceil(decoded / par_seconds),
    )


def _max_gpus(tinker_usd: float, usd_per_gpu_seconds: float) -> int | None:
    """Whole GPUs, at least one, as the page had it; None where it divided by zero."""
    if not usd_per_gpu_seconds:
        return None
    return max(1, math.floor(tinker_usd * 3600 / usd_per_gpu_seconds))


def _label(tinker_usd: float, dedicated_usd: float) -> str:
    """The page's words for the ratio of the two bills."""
    if not (dedicated_usd > 0 and tinker_usd > 0):
        return "—"
    ratio = tinker_usd / dedicated_usd
    if ratio >= 1.05:
        return f"{_one_place(ratio)}× cheaper"
    if ratio <= 0.95:
        return f"{_one_place(1 / ratio)}× more"
    return "at par"


def _one_place(number: float) -> Decimal:
    """One decimal place of the double's exact value, halves up."""
    return Decimal(number).quantize(Decimal("0.1"), ROUND_HALF_UP)

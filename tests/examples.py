"""The worked example: the published calculator's default shape and its rates, dated by name."""

from decimal import Decimal

from engine.rates import Deployment, TokenRates
from engine.workload import EpisodeShape, Workload

DEFAULT_SHAPE = EpisodeShape(
    turns=8,
    initial_prompt_tokens=8_000,
    tokens_added_per_turn=12_000,
    decode_tokens_per_turn=2_000,
)
DEFAULT_WORKLOAD = Workload(shape=DEFAULT_SHAPE, episodes=1_000)

TINKER_KIMI_2026_05_16 = TokenRates(
    input_usd_per_mtok=Decimal("5.15"), output_usd_per_mtok=Decimal("12.81")
)
TINKER_KIMI_2026_07_17 = TokenRates(
    input_usd_per_mtok=Decimal("5.15"),
    cached_input_usd_per_mtok=Decimal("1.03"),
    output_usd_per_mtok=Decimal("12.81"),
)


def kimi_cluster(*, usd_per_gpu_hour: int, gpus: int = 8) -> Deployment:
    """The published calculator's cluster for Kimi K2.6."""
    return Deployment(
        gpu_type="B300_288GB",
        gpus=gpus,
        usd_per_gpu_hour=Decimal(usd_per_gpu_hour),
        prompt_tps=Decimal(30_000),
        decode_tps=Decimal(1_500),
    )


def shape(
    *, turns: int = 8, initial: int = 8_000, added: int = 12_000, decode: int = 2_000
) -> EpisodeShape:
    return EpisodeShape(
        turns=turns,
        initial_prompt_tokens=initial,
        tokens_added_per_turn=added,
        decode_tokens_per_turn=decode,
    )

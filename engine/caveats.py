"""What a number leaves out: a closed set of small facts, worded elsewhere.

A `Reason` says why a path cannot be bought as asked; a `Caveat` says what stands beside the numbers.
Days are written `YYYY-MM-DD`, as they came: nothing here counts them.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar


class BillingPath(StrEnum):
    """One way to buy rollouts, in the order in which answers list them."""

    TINKER = "tinker"
    SERVERLESS_STANDARD = "serverless_standard"
    SERVERLESS_PRIORITY = "serverless_priority"
    SERVERLESS_FAST = "serverless_fast"
    DEDICATED = "dedicated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextOverflow:
    """The peak of an episode is longer than the widest window; `max_turns` of this shape would fit."""

    code: ClassVar[str] = "context_overflow"
    needs_tokens: int
    window_tokens: int
    max_turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """The model left the path; `on` is the last day on which it could be bought."""

    code: ClassVar[str] = "retired"
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """Only a feed has the rate; no official page confirms it. `verified_on` is the feed's last day."""

    code: ClassVar[str] = "unconfirmed"
    verified_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRate:
    """No rate is known for the day: none before `first_from`, none after `last_to`, or none at all."""

    code: ClassVar[str] = "no_rate"
    first_from: str | None = None
    last_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoThroughput:
    """No throughput is known for these GPUs. `nearest_gpus` of `nearest_gpu_type` would do;
    otherwise the fields in `missing` have to be said."""

    code: ClassVar[str] = "no_throughput"
    gpus: int | None
    gpu_type: str | None
    nearest_gpus: tuple[int, ...]
    nearest_gpu_type: str | None
    missing: tuple[str, ...]


Reason = ContextOverflow | Retired | Unconfirmed | NoRate | NoThroughput


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOffered:
    """Why some paths are notional or unpriced; carries the reason's own code and facts."""

    paths: tuple[BillingPath, ...]
    reason: Reason

    @property
    def code(self) -> str:
        return self.reason.code


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasesOverlap:
    """The dedicated amount lets prefill and decode run at once (low); one after the other they cost `usd_high`."""

    code: ClassVar[str] = "phases_overlap"
    usd_low: Decimal
    usd_high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IdealPrefixCache:
    """Every token that was sent before is taken to be a cache hit; without any, so many episodes cost these amounts."""

    code: ClassVar[str] = "ideal_prefix_cache"
    episodes: int
    cache_hit_rate: Decimal
    usd_without_hits: tuple[tuple[BillingPath, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaturatedThroughput:
    """The throughput is that of a cluster that is always full; an idle one is paid for all the same."""

    code: ClassVar[str] = "saturated_throughput"
    prompt_tps: Decimal
    decode_tps: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughputUnusual:
    """A throughput per GPU lies outside what is published for models of this class."""

    code: ClassVar[str] = "throughput_unusual"
    field: str
    tps_per_gpu: Decimal
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTooSmall:
    """The weights alone, at four bits a parameter, do not fit into the memory of these GPUs."""

    code: ClassVar[str] = "throughput_unusual"
    gpus: int
    gpu_type: str
    memory_gb: int
    weights_gb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedThroughput:
    """At-par limits of GPUs hold the throughput still: more GPUs then cost more and are no faster."""

    code: ClassVar[str] = "fixed_throughput"
    prompt_tps: Decimal
    decode_tps: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasScaleLinearly:
    """`replicas` clusters of `cluster_gpus` are taken to be that many times as fast as one."""

    code: ClassVar[str] = "replicas_scale_linearly"
    replicas: int
    cluster_gpus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowUnknown:
    """No window is known on these paths, so whether the peak fits was not checked.

    `smallest_known_tokens` is the smallest window that is known of any model there, None where none is.
    """

    code: ClassVar[str] = "window_unknown"
    paths: tuple[BillingPath, ...]
    needs_tokens: int
    smallest_known_tokens: int | None

    @property
    def may_overflow(self) -> bool:
        """Whether windows are known that would not hold the peak: a bill on these paths may then be of nothing."""
        return self.smallest_known_tokens is None or self.needs_tokens > self.smallest_known_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowDiffers:
    """Paths truncate at different windows, so beyond the narrowest they do not run the same episodes."""

    code: ClassVar[str] = "overflow_differs"
    windows: tuple[tuple[BillingPath, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRatesMissing:
    """Changes of rates that were seen lately could not be read, and may be missing here."""

    code: ClassVar[str] = "observed_rates_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldForReview:
    """A source says otherwise since a day, and nobody has decided yet: `says` are its rates, or the path is `gone` there."""

    code: ClassVar[str] = "held_for_review"
    path: BillingPath
    says: tuple[tuple[str, Decimal | None], ...]
    gone: bool
    since: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyNamedCards:
    """Just the rate cards that were named count; what else is sold is not said."""

    code: ClassVar[str] = "only_named_cards"
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleRates:
    """Rates still in force that nobody has checked for a while."""

    code: ClassVar[str] = "stale_rates"
    paths: tuple[BillingPath, ...]
    verified_on: str
    age_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainStart:
    """The day lies before the rate is certain to have started: it was first seen by `certain_from`."""

    code: ClassVar[str] = "uncertain_start"
    path: BillingPath
    effective_from: str
    certain_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictingSources:
    """Two pages disagree; `used` is what the numbers follow."""

    code: ClassVar[str] = "conflicting_sources"
    subject: str
    used: str
    used_source: str
    other: str
    other_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessBaseModelOnly:
    """Serverless does not serve a LoRA of one's own, so on-policy rollouts cannot use it."""

    code: ClassVar[str] = "serverless_base_model_only"
    paths: tuple[BillingPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingExcluded:
    """Only rollouts are priced; the trainer's bill comes on top."""

    code: ClassVar[str] = "training_excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeExceedsAdded:
    """More is decoded than stays in the context: right where reasoning is dropped between turns."""

    code: ClassVar[str] = "decode_exceeds_added"
    decode_tokens_per_turn: int
    tokens_added_per_turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsUsed:
    """What the request left open."""

    code: ClassVar[str] = "defaults_used"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAQuote:
    """An estimate from published rates."""

    code: ClassVar[str] = "not_a_quote"


Caveat = (
    NotOffered
    | PhasesOverlap
    | IdealPrefixCache
    | SaturatedThroughput
    | ThroughputUnusual
    | ClusterTooSmall
    | FixedThroughput
    | ReplicasScaleLinearly
    | WindowUnknown
    | OverflowDiffers
    | ObservedRatesMissing
    | HeldForReview
    | OnlyNamedCards
    | StaleRates
    | UncertainStart
    | ConflictingSources
    | ServerlessBaseModelOnly
    | TrainingExcluded
    | DecodeExceedsAdded
    | DefaultsUsed
    | NotAQuote
)

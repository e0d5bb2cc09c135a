"""Every sentence about the numbers: paths, reasons, caveats, and what moved."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import assert_never

from bot.formatting.figures import NO_AMOUNT, against, money, number, percent, price, rounded
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    ConflictingSources,
    ContextOverflow,
    DecodeExceedsAdded,
    DefaultsUsed,
    FixedThroughput,
    HeldForReview,
    IdealPrefixCache,
    NoRate,
    NotAQuote,
    NoThroughput,
    NotOffered,
    ObservedRatesMissing,
    OnlyNamedCards,
    OverflowDiffers,
    PhasesOverlap,
    Reason,
    ReplicasScaleLinearly,
    Retired,
    SaturatedThroughput,
    ServerlessBaseModelOnly,
    StaleRates,
    ThroughputUnusual,
    TrainingExcluded,
    UncertainStart,
    Unconfirmed,
    WindowUnknown,
)
from engine.costs import usd_of
from engine.rates import TokenRates
from pricing.cards import HeldClaim
from pricing.quotes import Quote

PATH_NAMES = {
    "tinker": "Tinker",
    "serverless_standard": "Serverless standard",
    "serverless_priority": "Serverless priority",
    "serverless_fast": "Serverless fast",
    "serverless_us": "Serverless US",
    "serverless_us_priority": "Serverless US priority",
    "serverless_spot": "Serverless spot",
    "serverless_ultra_fast": "Serverless ultra-fast",
    "dedicated": "Dedicated",
}


def variant_name(path: str, variant: str | None) -> str:
    """A path by its name, Tinker with the window that is priced: `Tinker 128K`."""
    return f"{PATH_NAMES[path]} {variant}" if variant else PATH_NAMES[path]


def model_name(label: str) -> str:
    """A model's label without the window that the published calculator put behind it."""
    return re.sub(r" \(\d+K\)$", "", label)


def gpu_name(gpu_type: str) -> str:
    """`B300_288GB` as people say it: B300."""
    return gpu_type.partition("_")[0]


def gpus_words(gpus: int, gpu_type: str) -> str:
    return f"{gpus:,} × {gpu_name(gpu_type)}"


def source_name(source: str) -> str:
    """A page's address as one reads it."""
    return source.removeprefix("https://").rstrip("/")


def listed(words: Iterable[str], *, last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *front, end = [*words] or [""]
    return f"{', '.join(front)} {last} {end}" if front else end


def path_names(paths: Iterable[str]) -> str:
    """Names of paths, with the modes of serverless drawn together."""
    paths = tuple(paths)
    serverless = [p for p in paths if p.startswith("serverless")]
    names = [PATH_NAMES[p] for p in paths if p not in serverless]
    if len(serverless) == 1:
        names.append(PATH_NAMES[serverless[0]])
    elif serverless:
        modes = [PATH_NAMES[p].removeprefix("Serverless ") for p in serverless]
        names.insert(1 if BillingPath.TINKER in paths else 0, f"Serverless {listed(modes)}")
        # the modes have an `and` of their own
        return ", and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return listed(names)


def vs_tinker(quote: Quote, tinker_usd: Decimal | None) -> str:
    """A path against Tinker; Tinker itself is `1×`."""
    usd = usd_of(quote.priced)
    if quote.path is BillingPath.TINKER:
        return NO_AMOUNT if usd is None else "1×"
    return against(tinker_usd, usd)


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def reason_word(reason: Reason) -> str:
    """A reason in two words, for a table."""
    match reason:
        case ContextOverflow():
            return "too long"
        case Retired():
            return "retired"
        case Unconfirmed():
            return "unconfirmed"
        case NoRate():
            return "no rate"
        case NoThroughput():
            return "no tok/s"
        case _:
            assert_never(reason)


def reason_clause(reason: Reason) -> str:
    """A reason within a sentence: *Tinker is notional: …*."""
    match reason:
        case ContextOverflow(needs_tokens=needs, window_tokens=window):
            return f"an episode peaks at {needs:,} tokens, its window holds {window:,}"
        case Retired(on=on):
            return f"retired after {on}"
        case Unconfirmed():
            return "no official page confirms the rate"
        case NoRate():
            return "no rate is known for the day"
        case NoThroughput():
            return "no throughput is known for the cluster"
        case _:
            assert_never(reason)


def reason_text(paths: Iterable[BillingPath], reason: Reason) -> str:
    """A reason as a sentence of its own."""
    names = path_names([*paths])
    match reason:
        case ContextOverflow(needs_tokens=needs, window_tokens=window, max_turns=turns):
            room = (
                f"{plural(turns, 'turn')} of this shape would fit"
                if turns
                else "not even one turn fits"
            )
            return f"{names}: an episode peaks at {needs:,} tokens and the window holds {window:,}; {room}."
        case Retired(on=on):
            return f"{names}: this model left after {on}; its last rates are shown."
        case Unconfirmed(verified_on=day):
            return f"{names}: only a feed has this rate (last seen {day}), no official page."
        case NoRate(first_from=first, last_to=last):
            return f"{names}: {_gap(first, last)}."
        case NoThroughput():
            return f"{names}: {_no_throughput(reason)}."
        case _:
            assert_never(reason)


def _gap(first: str | None, last: str | None) -> str:
    if first and last:
        return f"no rate is known between {last} and {first}"
    if first:
        return f"no rate is known before {first}"
    if last:
        return f"no rate is known after {last}"
    return "no rate of this model is known there"


def _no_throughput(reason: NoThroughput) -> str:
    say = f"say {listed(reason.missing)}"
    if reason.gpus is None or reason.gpu_type is None:
        return f"no throughput of this model is known; {say}"
    counts = [
        gpus_words(gpus, reason.nearest_gpu_type)
        for gpus in reason.nearest_gpus
        if reason.nearest_gpu_type
    ]
    known = f"it is known for {listed(counts, last='or')}; otherwise " if counts else ""
    return f"no throughput is known for {gpus_words(reason.gpus, reason.gpu_type)}; {known}{say}"


def caveat_text(caveat: Caveat) -> str:
    """The sentence of a caveat."""
    match caveat:
        case NotOffered(paths=paths, reason=reason):
            return reason_text(paths, reason)
        case PhasesOverlap(usd_low=low, usd_high=high):
            return f"Dedicated is {money(low)} if prefill and decode overlap fully, {money(high)} if they take turns."
        case IdealPrefixCache(episodes=episodes, cache_hit_rate=share, usd_without_hits=amounts):
            without = ", ".join(f"{PATH_NAMES[path]} {money(usd)}" for path, usd in amounts)
            one = ", for one episode" if episodes == 1 else ""
            return f"Every token sent before counts as a cache hit ({percent(share)}). Without any hit{one}: {without}."
        case ServerlessBaseModelOnly():
            return "Serverless does not serve a LoRA of your own, so on-policy rollouts cannot run there."
        case TrainingExcluded():
            return "Rollouts only: the trainer's bill comes on top."
        case DefaultsUsed(fields=fields):
            return f"Not said, so taken by default: {listed(fields)}."
        case NotAQuote():
            return "An estimate from published rates, not a quote."
        case OverflowDiffers() | WindowUnknown() | DecodeExceedsAdded():
            return _shape_text(caveat)
        case (
            SaturatedThroughput()
            | ThroughputUnusual()
            | ClusterTooSmall()
            | FixedThroughput()
            | ReplicasScaleLinearly()
        ):
            return _cluster_text(caveat)
        case ObservedRatesMissing() | HeldForReview() | OnlyNamedCards():
            return _book_text(caveat)
        case StaleRates() | UncertainStart() | ConflictingSources():
            return _rates_text(caveat)
        case _:
            assert_never(caveat)


def _book_text(caveat: ObservedRatesMissing | HeldForReview | OnlyNamedCards) -> str:
    match caveat:
        case ObservedRatesMissing():
            return "The database of observed rates cannot be reached: a change that was seen lately may be missing here."
        case HeldForReview(path=path):
            return f"{PATH_NAMES[path]}: {held_words(caveat)}."
        case OnlyNamedCards(cards=count):
            return f"{named_cards_words(count)}; what else is sold is not said."
        case _:
            assert_never(caveat)


def named_cards_words(count: int) -> str:
    return f"Priced with just the {plural(count, 'rate card')} that {'was' if count == 1 else 'were'} named"


def held_words(claim: HeldForReview | HeldClaim) -> str:
    """What a source says other than the card, and that it does not count yet."""
    if claim.gone:
        said = "does not list it any more"
    else:
        rates = (
            f"{rate.replace('_', ' ')} {'no more' if usd is None else price(usd)}"
            for rate, usd in claim.says
        )
        said = f"says {listed(rates)}"
    return f"{claim.source} {said} since {claim.since}; held until a person decides, so the card counts here"


def _shape_text(caveat: OverflowDiffers | WindowUnknown | DecodeExceedsAdded) -> str:
    match caveat:
        case OverflowDiffers(windows=windows):
            return f"Windows differ ({_window_words(windows)}): where one truncates, the episodes are no longer alike."
        case WindowUnknown(paths=paths, needs_tokens=needs):
            return f"{path_names(paths)}: the window is not known, so {needs:,} tokens were not checked against it."
        case DecodeExceedsAdded(decode_tokens_per_turn=decode, tokens_added_per_turn=added):
            return f"{decode:,} tokens decoded a turn and {added:,} added: right only if reasoning is dropped between turns."
        case _:
            assert_never(caveat)


def _window_words(windows: Iterable[tuple[BillingPath, int]]) -> str:
    """`Tinker 131,072, Dedicated 262,144 tokens`, paths with one window together."""
    by_size: dict[int, list[BillingPath]] = {}
    for path, window in windows:
        by_size.setdefault(window, []).append(path)
    return ", ".join(f"{path_names(paths)} {size:,}" for size, paths in by_size.items()) + " tokens"


def _cluster_text(
    caveat: SaturatedThroughput
    | ThroughputUnusual
    | ClusterTooSmall
    | FixedThroughput
    | ReplicasScaleLinearly,
) -> str:
    match caveat:
        case SaturatedThroughput(prompt_tps=prompt, decode_tps=decode):
            return (
                f"{number(prompt)} prompt and {number(decode)} decode tok/s are those of a cluster kept full; "
                "idle hours cost the same."
            )
        case ThroughputUnusual(field=field, tps_per_gpu=tps, lowest=low, highest=high):
            side = "prompt" if field == "prompt_tps" else "decode"
            return (
                f"{rounded(tps)} {side} tok/s a GPU is unusual: "
                f"{low:,} to {high:,} are published for models of this class."
            )
        case ClusterTooSmall(gpus=gpus, gpu_type=gpu_type, memory_gb=memory, weights_gb=weights):
            return (
                f"The memory of {gpus_words(gpus, gpu_type)} is {memory:,} GB; "
                f"the weights alone take about {weights:,} GB at four bits each."
            )
        case FixedThroughput(prompt_tps=prompt, decode_tps=decode):
            return (
                f"The limit of GPUs holds the throughput at {number(prompt)} prompt and {number(decode)} "
                "decode tok/s: more GPUs then cost more and are no faster."
            )
        case ReplicasScaleLinearly(replicas=replicas, cluster_gpus=gpus):
            return f"{replicas:,} clusters of {gpus:,} GPUs are taken to be {replicas:,}× as fast as one."
        case _:
            assert_never(caveat)


def if_the_window_holds(caveat: WindowUnknown) -> str:
    """What an amount hangs on whose path has no known window, to stand behind it."""
    return f", if the window, which is not known, holds {caveat.needs_tokens:,} tokens"


def too_small_text(caveat: ClusterTooSmall, model: str, *, idle: str) -> str:
    """That a cluster cannot hold a model, so that something said of it is `idle`."""
    return (
        f"{gpus_words(caveat.gpus, caveat.gpu_type)} cannot hold {model}, so {idle} cannot be had: "
        f"the memory is {caveat.memory_gb:,} GB, and the weights alone take about {caveat.weights_gb:,} GB at four bits "
        "each."
    )


def _rates_text(caveat: StaleRates | UncertainStart | ConflictingSources) -> str:
    match caveat:
        case StaleRates(paths=paths, verified_on=day, age_days=age):
            return f"{path_names(paths)}: rates last checked on {day}, {age:,} days ago."
        case UncertainStart(path=path, effective_from=first, certain_from=certain):
            seen = f"on {first}" if first == certain else f"between {first} and {certain}"
            return (
                f"{PATH_NAMES[path]}: this rate was first seen {seen}; its first day is not known."
            )
        case ConflictingSources():
            used = f"{caveat.used} ({source_name(caveat.used_source)})"
            other = f"{caveat.other} ({source_name(caveat.other_source)})"
            return f"Sources disagree on {caveat.subject}. Used here: {used}; against it: {other}."
        case _:
            assert_never(caveat)


def rates_words(rates: TokenRates) -> str:
    """`$5.15 input, $1.03 cached, $12.81 output`."""
    cached = rates.cached_input_usd_per_mtok
    pieces = [f"{price(rates.input_usd_per_mtok)} input"]
    if cached is not None:
        pieces.append(f"{price(cached)} cached")
    return ", ".join([*pieces, f"{price(rates.output_usd_per_mtok)} output"])

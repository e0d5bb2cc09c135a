"""At-par limits as tables and as JSON."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.estimate_view import path_label, run_title, status_words
from bot.formatting.figures import NO_AMOUNT, money, number, price, times
from bot.formatting.grounds import input_facts, inputs_of
from bot.formatting.layout import Cell, Figure, Section, Table
from bot.formatting.limits_wording import LIMIT_NAMES, usd_on
from bot.formatting.model_notes import notes_sections, rates_sections
from bot.formatting.moved_wording import moved_text
from bot.formatting.request_wording import hours_words
from bot.formatting.wording import gpus_words, listed
from bot.limits import LimitsAgainst, PublishedLimits
from bot.moved import ClusterMoved, TinkerMoved
from engine.caveats import BillingPath
from engine.costs import DedicatedEstimate
from engine.parity import AtParLimits
from engine.published import PUBLISHED_ON


def limits_sections(answer: Answer) -> Iterator[Section]:
    """The parts of the answer."""
    for entry in answer.models:
        if not entry.limits:
            continue
        yield Section(title=f"At par · {run_title(answer, entry)}", table=_table(entry))
        yield Section(facts=tuple(_facts(answer, entry)))
        for found in entry.limits:
            if found.published:
                yield from _published_sections(answer, found, found.published)
    told = [entry for entry in answer.models if entry.limits]
    if told:
        yield from notes_sections(answer, told, first=_held_throughput(told))
    yield from rates_sections(answer, told)


def _held_throughput(told: list[ModelAnswer]) -> str:
    """What the limit of GPUs is, and that it is none of replicas."""
    replicas = any(found.max_replicas for entry in told for found in entry.limits)
    among = "; in brackets the whole replicas among them" if replicas else ""
    return (
        f"GPUs at par hold the throughput as it is: more of them cost more and are no faster{among}. Replicas that bring "
        "their own throughput end sooner for the same bill, so no number of them moves par."
    )


def _table(entry: ModelAnswer) -> Table:
    return Table(
        header=(
            "Against",
            "Status",
            "$/run",
            "Headroom",
            "GPUs",
            "Prompt tok/s",
            "Decode tok/s",
        ),
        rows=tuple(_row(entry, found) for found in entry.limits),
        numeric=frozenset(range(2, 7)),
    )


def _row(entry: ModelAnswer, found: LimitsAgainst) -> tuple[Cell, ...]:
    quote, limits = entry.quote(found.against), found.limits
    headroom = limits.headroom
    return (
        path_label(quote),
        status_words(quote),
        Figure(money(usd_on(entry, found.against)), usd_on(entry, found.against)),
        _headroom(headroom),
        _gpus(found),
        _bound("≥", "prompt_tps", limits.min_prompt_tps or None, limits),
        _bound("≥", "decode_tps", limits.min_decode_tps or None, limits),
    )


def _headroom(headroom: Decimal | None) -> Cell:
    """So many times cheaper than the other path; below 1 it costs more."""
    return NO_AMOUNT if headroom is None else Figure(times(headroom, Decimal(1)), headroom)


def _gpus(found: LimitsAgainst) -> Cell:
    """The limit of GPUs, with the whole replicas that they make: `≤ 44 (5×8)`."""
    most = _bound("≤", "gpus", found.limits.max_gpus, found.limits)
    if isinstance(most, str) or not found.max_replicas:
        return most
    return Figure(f"{most} ({found.max_replicas:,}×{found.replica_gpus:,})", most.value)


def _bound(sign: str, field: str, value: int | None, limits: AtParLimits) -> Cell:
    if field in limits.unreachable:
        return "unreachable"
    if value is None:
        return "any"
    return Figure(f"{sign} {value:,}", Decimal(value))


def _facts(answer: Answer, entry: ModelAnswer) -> Iterator[tuple[str, str]]:
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    if isinstance(estimate, DedicatedEstimate):
        yield "Dedicated", _cluster_words(estimate)
        yield "A replica", _replica_words(entry)
    yield from input_facts(answer, *inputs_of(answer, entry))


def _cluster_words(estimate: DedicatedEstimate) -> str:
    """What the limits start from."""
    cluster = estimate.deployment
    binds = f"; {estimate.binding} binds" if estimate.binding else ""
    return (
        f"{gpus_words(cluster.gpus, cluster.gpu_type)} at {price(cluster.usd_per_gpu_hour)} a GPU-hour, "
        f"{number(cluster.prompt_tps)} prompt and {number(cluster.decode_tps)} decode tok/s: "
        f"{money(estimate.usd)} in {hours_words(estimate.cluster_hours)}{binds}"
    )


def _replica_words(entry: ModelAnswer) -> str:
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    gpu_type = estimate.deployment.gpu_type if isinstance(estimate, DedicatedEstimate) else ""
    return gpus_words(entry.limits[0].replica_gpus, gpu_type)


def _published_sections(
    answer: Answer, found: LimitsAgainst, published: PublishedLimits
) -> Iterator[Section]:
    """What the page showed against Tinker, and what explains the difference."""
    figures, limits = published.page.figures, found.limits
    rows = (
        ("GPUs", figures.at_par_max_gpus, _bound("≤", "gpus", limits.max_gpus, limits)),
        (
            "Prompt tok/s",
            figures.at_par_min_prompt_tps,
            _bound("≥", "prompt_tps", limits.min_prompt_tps or None, limits),
        ),
        (
            "Decode tok/s",
            figures.at_par_min_decode_tps,
            _bound("≥", "decode_tps", limits.min_decode_tps or None, limits),
        ),
    )
    yield Section(
        title=f"At par with Tinker on the page of {PUBLISHED_ON}",
        table=Table(
            header=("Limit", PUBLISHED_ON, str(answer.as_of)),
            rows=tuple((name, _was(was), now) for name, was, now in rows),
            numeric=frozenset({1, 2}),
        ),
    )
    yield Section(title="Why they differ", lines=tuple(_why_they_differ(published)))


def _was(value: int | None) -> Cell:
    return NO_AMOUNT if value is None else Figure(f"{value:,}", Decimal(value))


def _why_they_differ(published: PublishedLimits) -> Iterator[str]:
    """What moved an amount, since amounts are what limits follow from, and how the page reckoned otherwise."""
    for moved in published.page.moved:
        if isinstance(moved, TinkerMoved | ClusterMoved) and moved.usd_before != moved.usd_after:
            yield moved_text(moved)
    sides = [f for f in published.beyond_par if f != "gpus"]
    if "gpus" in published.beyond_par:
        yield "It never showed fewer than one GPU, even where one costs too much."
    if sides:
        yield (
            f"It gave {listed(LIMIT_NAMES[f] for f in sides)} although the other phase alone takes longer "
            "than par pays for."
        )
    if published.held_to_a_second:
        yield "It took par to pay for at least one second of the cluster."


def limits_json(_answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What this question adds to a model's entry in JSON."""
    return {"limits": [_json(found) for found in entry.limits]}


def _json(found: LimitsAgainst) -> dict[str, Any]:
    limits = found.limits
    out: dict[str, Any] = {
        "against": found.against,
        "max_gpus": limits.max_gpus,
        "max_replicas": None if "gpus" in limits.unreachable else found.max_replicas,
        "min_prompt_tps": limits.min_prompt_tps,
        "min_decode_tps": limits.min_decode_tps,
        "binding": limits.binding,
        "headroom": json_number(limits.headroom),
        "unreachable": list(limits.unreachable),
    }
    if found.published:
        figures = found.published.page.figures
        out["published"] = {
            "max_gpus": figures.at_par_max_gpus,
            "min_prompt_tps": figures.at_par_min_prompt_tps,
            "min_decode_tps": figures.at_par_min_decode_tps,
            "why": [*_why_they_differ(found.published)],
        }
    return out

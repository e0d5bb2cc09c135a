"""What the verdict of a sweep says of dedicated's cluster: that it is too small, has no throughput, how long it takes."""

from collections.abc import Iterator

from bot.answers import ModelAnswer
from bot.formatting.figures import number
from bot.formatting.request_wording import field_words, hours_band_words
from bot.formatting.sweep_words import points_words, quote_at, values_words
from bot.formatting.wording import gpus_words, listed, model_name, reason_text, too_small_text
from bot.requests.request import CLUSTER_FIELDS, Field
from bot.sweep_lines import lacks_throughput, too_small
from bot.sweeps import SweepPoint
from bot.verdicts import Swept
from engine.caveats import BillingPath, NoThroughput
from engine.costs import DedicatedEstimate, Offered


def cannot_hold_sentences(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """That the cluster is too small for the model, where it is, so that dedicated wins nothing there."""
    found = [(p, too_small(quote_at(p, BillingPath.DEDICATED), entry.model)) for p in entry.points]
    small = [(point, caveat) for point, caveat in found if caveat]
    if small:
        _, largest = max(small, key=lambda one: one[1].memory_gb)
        where = ""
        if len(small) < len(entry.points):
            where = f" {points_words(verdict.fields, [point for point, _ in small], entry)}"
        idle = f"what is said of Dedicated{where}"
        yield too_small_text(largest, model_name(entry.model.label), idle=idle)


def no_throughput_sentences(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """For which clusters no throughput is known, so that nothing is said of dedicated there, and what would do."""
    lacking = [point for point in entry.points if lacks_throughput(point.quotes)]
    if not lacking:
        return
    reason, own = _reason(lacking[-1]), entry.model.cluster
    if own is None or Field.GPUS not in verdict.fields:
        yield reason_text([BillingPath.DEDICATED], reason)
        return
    counts = list(dict.fromkeys(point.fields[Field.GPUS] for point in lacking))
    where = f" at {values_words(Field.GPUS, counts)}" if len(lacking) < len(entry.points) else ""
    yield (
        f"Dedicated is left out{where}: its throughput is known for multiples of "
        f"{gpus_words(own.gpus, own.gpu_type)} only. "
        f"For any other cluster say {listed(f'`{field}`' for field in reason.missing)}."
    )


def _reason(point: SweepPoint) -> NoThroughput:
    return next(
        reason
        for quote in point.quotes
        for reason in quote.priced.reasons
        if isinstance(reason, NoThroughput)
    )


def hours_sentences(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """*Dedicated takes 14.8 to 19.1 hours at 8 GPUs and 1.85 to 2.38 hours at 64*, where the sweep is over the cluster."""
    field = verdict.fields[0]
    times = [
        (point.fields[field], hours_band_words(one.cluster_hours, one.cluster_hours_high))
        for point in entry.points
        for quote in point.quotes
        if isinstance(quote.priced, Offered)
        and isinstance(one := quote.priced.estimate, DedicatedEstimate)
    ]
    if field not in CLUSTER_FIELDS or not times:
        return
    (first, at_first), (last, at_last) = times[0], times[-1]
    if at_first != at_last:
        where = field_words(field, first)
        yield f"Dedicated takes {at_first} at {where} and {at_last} at {number(last)}."

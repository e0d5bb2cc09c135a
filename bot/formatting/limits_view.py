"""At-par limits in words."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting.as_json import number as json_number
from bot.formatting.estimate_view import (
    inputs_of,
    notes_of,
    path_label,
    preset_facts,
    rate_lines,
    run_title,
    status_words,
    titled,
)
from bot.formatting.figures import NO_AMOUNT, money, number, price, rounded
from bot.formatting.layout import Cell, Figure, Section, Table
from bot.formatting.moved_wording import moved_text
from bot.formatting.request_wording import _FIELD_WORDS
from bot.formatting.wording import PATH_NAMES, gpus_words, listed, model_name, plural, reason_clause
from bot.instead import Unanswered
from bot.limits import LimitsAgainst, PublishedLimits
from bot.moved import ClusterMoved, TinkerMoved
from bot.verdicts import Limited
from engine.caveats import BillingPath, FixedThroughput
from engine.costs import DedicatedEstimate, Offered
from engine.parity import AtParLimits
from engine.published import PUBLISHED_ON

_MOST_SPELLED_OUT = 2
"""So many paths are for a sentence, the others for the table."""


def limits_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    verdict = answer.verdict
    if not isinstance(verdict, Limited):
        return ""
    sentences = [_entry_text(answer, entry) for entry in answer.models]
    sentences += [unanswered_text(u, answer, asked="Limits") for u in verdict.unanswered]
    return " ".join(sentence for sentence in sentences if sentence)


def unanswered_text(unanswered: Unanswered, answer: Answer, *, asked: str) -> str:
    """Why a model's question has no answer, and a request that has one."""
    labels = {entry.model.key: model_name(entry.model.label) for entry in answer.models}
    model = labels.get(unanswered.model, unanswered.model)
    if unanswered.several:
        fields = listed(_FIELD_WORDS.get(field, str(field)) for field in unanswered.several)
        why = f"{asked} are of one run, and more than one value of {fields} is named."
    elif unanswered.sizeless:
        why = (
            "A throughput is that of a cluster of some size, and the size is what is asked for: leave the "
            "throughput out, or say the whole cluster and ask for its price."
        )
    elif unanswered.alone:
        why = (
            f"{PATH_NAMES[unanswered.alone]} is the only path of {model} with an amount on {answer.as_of}, "
            "so there is nothing to set it against."
        )
    elif unanswered.reasons:
        reasons = "; ".join(reason_clause(reason) for reason in unanswered.reasons)
        why = f"{PATH_NAMES[unanswered.path]} has no amount for {model}: {reasons}."
    else:
        why = f"No path of {model} has an amount on {answer.as_of}."
    return f"{why} Try `{unanswered.suggestion}`."


def _entry_text(answer: Answer, entry: ModelAnswer) -> str:
    """The paths that were named, or those that matter most: the cheapest that can be bought, and Tinker."""
    named = [found for found in entry.limits if found.against in answer.request.paths]
    chosen = named or _telling(entry)
    prefix = f"{model_name(entry.model.label)}: " if len(answer.models) > 1 else ""
    return prefix + " ".join(_against_text(entry, found) for found in chosen[:_MOST_SPELLED_OUT])


def _telling(entry: ModelAnswer) -> list[LimitsAgainst]:
    def rank(found: LimitsAgainst) -> tuple[bool, Decimal]:
        return not _is_offered(entry, found), _usd(entry, found.against)

    ordered = sorted(entry.limits, key=rank)
    tinker = [found for found in ordered[1:] if found.against is BillingPath.TINKER]
    return ordered[:1] + tinker


def _is_offered(entry: ModelAnswer, found: LimitsAgainst) -> bool:
    return isinstance(entry.quote(found.against).priced, Offered)


def _usd(entry: ModelAnswer, path: BillingPath) -> Decimal:
    estimate = entry.quote(path).priced.estimate
    return estimate.usd if estimate else Decimal(0)


def _against_text(entry: ModelAnswer, found: LimitsAgainst) -> str:
    limits, quote = found.limits, entry.quote(found.against)
    ours, theirs = money(_usd(entry, BillingPath.DEDICATED)), money(_usd(entry, found.against))
    notional = "" if _is_offered(entry, found) else ", notional"
    other = f"{path_label(quote)} ({theirs}{notional})"
    if limits.headroom is None:
        return f"Dedicated costs nothing here, so nothing limits it against {other}."
    ratio = f"headroom {rounded(limits.headroom)}×"
    binds = f", {limits.binding} binds" if limits.binding else ""
    how = f"{ratio}{binds}"
    if limits.headroom >= 1:
        return f"Dedicated at {ours} is within par with {other}: {how}; par is at {_ways(limits)}, each alone."
    ways = _ways(limits)
    each = "each alone" if " or " in ways else "alone"
    needs = f"par takes {ways}, {each}" if ways else "no GPUs or tok/s alone reach par"
    unreached = [_FIELD_WORDS_OF[field] for field in limits.unreachable]
    rest = f" ({listed(unreached)}: unreachable)" if ways and unreached else ""
    return f"Dedicated at {ours} costs more than {other}: {how}; {needs}{rest}."


def _ways(limits: AtParLimits) -> str:
    """`22 GPUs at this throughput, 10,953 prompt tok/s or 536 decode tok/s`."""
    ways = []
    if "gpus" not in limits.unreachable:
        most = limits.max_gpus
        gpus = "any number of GPUs" if most is None else plural(most, "GPU")
        ways.append(f"{gpus} at this throughput")
    for side, tps in (("prompt", limits.min_prompt_tps), ("decode", limits.min_decode_tps)):
        if tps is not None:
            ways.append(f"{tps:,} {side} tok/s" if tps else f"any {side} tok/s")
    return listed(ways, last="or")


_FIELD_WORDS_OF = {"gpus": "GPUs", "prompt_tps": "prompt tok/s", "decode_tps": "decode tok/s"}


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
        yield from titled("Rates", tuple(rate_lines(answer, entry)))
    if any(entry.limits for entry in answer.models):
        entry = next(entry for entry in answer.models if entry.limits)
        fixed = [c for c in answer.caveats if isinstance(c, FixedThroughput)]
        notes = notes_of(answer.caveats, entry)
        yield from titled("Notes", (*_replica_notes(fixed), *notes))


def _replica_notes(fixed: list[FixedThroughput]) -> Iterator[str]:
    if fixed:
        yield (
            f"GPUs at par hold the throughput at {number(fixed[0].prompt_tps)} prompt and "
            f"{number(fixed[0].decode_tps)} decode tok/s: more of them cost more and are no faster. Replicas that "
            "bring their own throughput end sooner for the same bill, so no number of them moves par."
        )


def _table(entry: ModelAnswer) -> Table:
    return Table(
        header=(
            "Against",
            "Status",
            "$/run",
            "Headroom",
            "GPUs",
            "Replicas",
            "Prompt tok/s",
            "Decode tok/s",
        ),
        rows=tuple(_row(entry, found) for found in entry.limits),
        numeric=frozenset(range(2, 8)),
    )


def _row(entry: ModelAnswer, found: LimitsAgainst) -> tuple[Cell, ...]:
    quote, limits = entry.quote(found.against), found.limits
    headroom = limits.headroom
    return (
        path_label(quote),
        status_words(quote),
        Figure(money(_usd(entry, found.against)), _usd(entry, found.against)),
        Figure(f"{rounded(headroom)}×", headroom) if headroom is not None else NO_AMOUNT,
        _bound("≤", "gpus", limits.max_gpus, limits),
        _replicas(found),
        _bound("≥", "prompt_tps", limits.min_prompt_tps or None, limits),
        _bound("≥", "decode_tps", limits.min_decode_tps or None, limits),
    )


def _replicas(found: LimitsAgainst) -> Cell:
    """Whole clusters within the limit of GPUs."""
    most = found.max_replicas
    return "any" if most is None else Figure(f"≤ {most:,}" if most else "none", Decimal(most))


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
    yield from inputs_facts(answer, entry)


def inputs_facts(answer: Answer, entry: ModelAnswer) -> Iterator[tuple[str, str]]:
    """What was said, and what was taken by default."""
    said, by_default = inputs_of(answer, entry)
    if said:
        yield "You said", ", ".join(said)
    yield from preset_facts(answer)
    if by_default:
        yield "By default", ", ".join(by_default)


def _cluster_words(estimate: DedicatedEstimate) -> str:
    """What the limits start from."""
    cluster = estimate.deployment
    binds = f"; {estimate.binding} binds" if estimate.binding else ""
    return (
        f"{gpus_words(cluster.gpus, cluster.gpu_type)} at {price(cluster.usd_per_gpu_hour)} a GPU-hour, "
        f"{number(cluster.prompt_tps)} prompt and {number(cluster.decode_tps)} decode tok/s: "
        f"{money(estimate.usd)} in {rounded(estimate.cluster_hours)} hours{binds}"
    )


def _replica_words(entry: ModelAnswer) -> str:
    estimate = entry.quote(BillingPath.DEDICATED).priced.estimate
    gpu_type = estimate.deployment.gpu_type if isinstance(estimate, DedicatedEstimate) else ""
    return (
        f"{gpus_words(entry.limits[0].replica_gpus, gpu_type)}; the limit of GPUs in whole replicas"
    )


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
    for moved in published.page.moved:
        if isinstance(moved, TinkerMoved | ClusterMoved):
            yield moved_text(moved)
    sides = [f for f in published.beyond_par if f != "gpus"]
    if "gpus" in published.beyond_par:
        yield "It never showed fewer than one GPU, even where one costs too much."
    if sides:
        yield (
            f"It gave {listed(_FIELD_WORDS_OF[f] for f in sides)} although the other phase alone takes longer "
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

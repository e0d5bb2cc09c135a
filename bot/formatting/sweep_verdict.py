"""The first sentences of a sweep: who is cheapest from where to where, what it comes to, and what could turn that."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import money, number
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_words import (
    best_usd,
    capital,
    field_name,
    points_words,
    ranked_points,
    rival_of,
    span_words,
    values_words,
)
from bot.formatting.wording import PATH_NAMES, gpus_words, listed, model_name, plural, reason_text
from bot.requests.request import Field, Number
from bot.sweep_lines import lacks_throughput
from bot.sweeps import SweepPoint
from bot.verdicts import Lead, NotSwept, Swept
from engine.caveats import BillingPath, NoThroughput

# As many leads as a sentence says; the table has the rest.
_SPELLED_OUT = 5


def sweep_text(answer: Answer) -> str:
    """The verdict in a few sentences with the numbers."""
    if isinstance(answer.verdict, NotSwept):
        return f"{_why_not(answer.verdict)} Try `{answer.verdict.suggestion}`."
    verdict = swept_of(answer)
    several = len(answer.models) > 1
    return " ".join(
        f"{model_name(entry.model.label)}: {said_of(verdict, entry)}"
        if several
        else said_of(verdict, entry)
        for entry in answer.models
    )


def swept_of(answer: Answer) -> Swept:
    if not isinstance(answer.verdict, Swept):
        raise TypeError(f"{type(answer.verdict).__name__} is no sweep")
    return answer.verdict


def _why_not(verdict: NotSwept) -> str:
    match verdict.counted:
        case "points":
            words = field_name(verdict.field) if verdict.field else "a field"
            return (
                f"{verdict.asked:,} values of {words} are more than the {verdict.most} that a sweep has room for; "
                "a wider step leaves fewer."
            )
        case "fields":
            return (
                f"A sweep goes over one field or two, and {verdict.asked} have several values here."
            )
        case "models":
            return f"A sweep has room for {verdict.most} models, and {verdict.asked} are named."
        case "nothing":
            return "A sweep needs a field with several values."


def said_of(verdict: Swept, entry: ModelAnswer) -> str:
    """The sentences about one model."""
    headline, unknown = headline_of(verdict, entry), " ".join(_no_throughput(verdict, entry))
    if all(lead.path is None for lead in leads_of(verdict, entry)):
        return f"{headline} {unknown}".rstrip()
    figures = " ".join(_figures(verdict, entry))
    if all(lacks_throughput(point.quotes) for point in entry.points):
        return f"{unknown} Of the other paths {headline} {figures}"
    return f"{headline} {figures} {unknown}".rstrip()


def headline_of(verdict: Swept, entry: ModelAnswer) -> str:
    """Who is cheapest from where to where."""
    leads = leads_of(verdict, entry)
    if all(lead.path is None for lead in leads):
        return _nothing(verdict, entry)
    if len(verdict.fields) > 1:
        return _counted(entry)
    if verdict.points_alone:
        return " ".join(_over_points(verdict.fields[0], entry))
    return " ".join(_order(leads))


def _figures(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """Between which bills, and what is too close to call."""
    if len(verdict.fields) > 1 or verdict.points_alone:
        yield from _of_points(verdict.fields, entry)
    else:
        leads = leads_of(verdict, entry)
        yield _bills(leads)
        yield from _too_close(leads)


def leads_of(verdict: Swept, entry: ModelAnswer) -> list[Lead]:
    return [lead for lead in verdict.leads if lead.model.key == entry.model.key]


def _nothing(verdict: Swept, entry: ModelAnswer) -> str:
    name = model_name(entry.model.label)
    where = f"at any of {len(entry.points):,} combinations"
    if len(verdict.fields) == 1:
        first, last = (entry.points[at].fields[verdict.fields[0]] for at in (0, -1))
        where = f"from {_range(verdict.fields[0], first, last)}"
    priced = any(quote.priced.estimate for point in entry.points for quote in point.quotes)
    amounts = "; the amounts are notional" if priced else ", and none has an amount for that day"
    return f"No path can be bought as asked for {name} {where}{amounts}."


# -- over one field --------------------------------------------------------------------------------------


def _order(leads: Sequence[Lead]) -> Iterator[str]:
    """*Tinker is cheapest up to 18 turns, Dedicated from 19 to 22. From 23 on no path can be bought as asked.*"""
    field, of = leads[0].field, (leads[0].first, leads[-1].last)
    if len(leads) == 1 and leads[0].path:
        yield f"{PATH_NAMES[leads[0].path]} is cheapest throughout, from {_range(field, *of)}."
        return
    shown = leads[:_SPELLED_OUT]
    clauses: list[str] = []
    nowhere: list[str] = []
    for lead in shown:
        if lead.path is None:
            nowhere.append(span_words(field, lead.first, lead.last, of=of, named=not clauses))
        else:
            where = span_words(field, lead.first, lead.last, of=of, named=not clauses)
            clauses.append(f"{PATH_NAMES[lead.path]} {'' if clauses else 'is cheapest '}{where}")
    more = len(leads) - len(shown)
    yield (
        ", ".join(clauses) + (f", and {plural(more, 'more change')} on the way" * bool(more)) + "."
    )
    if nowhere:
        yield f"{capital(listed(nowhere))} no path can be bought as asked."


def _bills(leads: Sequence[Lead]) -> str:
    """What the cheapest run comes to where it can first and last be bought; where that is the same, between which bills.

    Within a lead a bill only rises, or only falls: so its least and its most stand at the ends.
    """
    sold = [lead for lead in leads if lead.path]
    first, last, field = sold[0], sold[-1], sold[0].field
    bills = [usd for lead in sold for usd in (lead.usd_first, lead.usd_last) if usd is not None]
    least, most = min(bills), max(bills)
    if bills[0] != bills[-1]:
        return (
            f"A run comes to {money(bills[0])} at {field_words(field, first.first)} "
            f"and {money(bills[-1])} at {number(last.last)}."
        )
    return _spread(least, most)


def _spread(least: Decimal, most: Decimal) -> str:
    if least == most:
        return f"A run comes to {money(least)}."
    return f"A run comes to between {money(least)} and {money(most)}."


def _too_close(leads: Sequence[Lead]) -> Iterator[str]:
    """Where dedicated is cheapest and the dearer end of its band is not."""
    close = [span for lead in leads for span in lead.too_close]
    if not close:
        return
    field, of = leads[0].field, (leads[0].first, leads[-1].last)
    *front, last = close
    words = [span_words(field, *span, of=of, named=False) for span in front]
    where = listed([*words, span_words(field, *last, of=of)])
    yield (
        f"Too close to call {where}: if prefill and decode take turns, Dedicated is not the cheapest there."
    )


# -- over points between which nothing is known, and over two fields ------------------------------------------


def _over_points(field: Field, entry: ModelAnswer) -> Iterator[str]:
    """*Dedicated is cheapest at 8, 16 and 24 GPUs.*"""
    points = ranked_points(entry)
    clauses: list[str] = []
    for path in dict.fromkeys(point.cheapest for point in points if point.cheapest):
        own = [point for point in points if point.cheapest is path]
        where = points_words([field], own, entry)
        clauses.append(f"{PATH_NAMES[path]} {'' if clauses else 'is cheapest '}{where}")
    yield ", ".join(clauses) + "."
    unsold = [point.fields[field] for point in points if point.cheapest is None]
    if unsold:
        yield f"At {values_words(field, unsold)} no path can be bought as asked."


def _counted(entry: ModelAnswer) -> str:
    """How often which path is cheapest."""
    points = ranked_points(entry)
    wins = {path: sum(p.cheapest is path for p in points) for path in BillingPath}
    ranked = sorted((path for path in wins if wins[path]), key=lambda path: -wins[path])
    if wins[ranked[0]] == len(points):
        return f"{PATH_NAMES[ranked[0]]} is cheapest in all {len(points):,} combinations."
    unsold = sum(point.cheapest is None for point in points)
    won = listed(f"{PATH_NAMES[path]} in {wins[path]:,}" for path in ranked)
    nothing = f", and in {unsold:,} no path can be bought as asked" if unsold else ""
    return f"Of {len(points):,} combinations the cheapest is {won}{nothing}."


def _of_points(fields: Sequence[Field], entry: ModelAnswer) -> Iterator[str]:
    points = ranked_points(entry)
    bills = [usd for point in points if (usd := best_usd(point)) is not None]
    yield _spread(min(bills), max(bills))
    close = [point for point in points if rival_of(point)]
    if close:
        where = points_words(fields, close, entry)
        yield f"Too close to call {where}: it hangs on how far prefill and decode overlap."


# -- where dedicated has no amount ------------------------------------------------------------------------


def _no_throughput(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
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


def _range(field: Field, first: Number, last: Number) -> str:
    """*5 to 50 turns*."""
    return f"{number(first)} to {field_words(field, last)}"

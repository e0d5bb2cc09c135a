"""The first sentences of a sweep: who is cheapest from where to where, what it comes to, and what could turn that."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import money, number
from bot.formatting.judged_wording import among, behind, none_of
from bot.formatting.request_wording import field_words
from bot.formatting.sweep_cluster import (
    cannot_hold_sentences,
    hours_sentences,
    no_throughput_sentences,
)
from bot.formatting.sweep_limits import limit_sentences
from bot.formatting.sweep_words import (
    asked_of,
    best_usd,
    capital,
    field_name,
    had_of,
    points_words,
    ranked_points,
    rival_of,
    span_words,
    values_words,
)
from bot.formatting.wording import PATH_NAMES, listed, model_name, plural
from bot.requests.request import Field, Number
from bot.sweep_lines import lacks_throughput
from bot.verdicts import Lead, NotSwept, Swept
from engine.caveats import BillingPath

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
    """The sentences about one model, on the paths asked for; then where another is the cheapest of all."""
    said = " ".join([_of_asked(verdict, asked_of(verdict, entry)), *_left_out(verdict, entry)])
    asked = not verdict.paths or BillingPath.DEDICATED in verdict.paths
    idle = [*cannot_hold_sentences(verdict, entry)]
    return " ".join([*idle, said] if asked else [said, *idle])


def _of_asked(verdict: Swept, entry: ModelAnswer) -> str:
    headline = headline_of(verdict, entry)
    unknown = " ".join(no_throughput_sentences(verdict, entry))
    if all(lead.path is None for lead in leads_of(verdict, entry)):
        return f"{headline} {unknown}".rstrip()
    figures = " ".join(_figures(verdict, entry))
    if all(lacks_throughput(point.quotes) for point in entry.points):
        others = f"Of the other paths {headline}"
        if headline.startswith("Of"):
            others = behind("Of the other paths, ", headline)
        return f"{unknown} {others} {figures}"
    return f"{headline} {figures} {unknown}".rstrip()


def headline_of(verdict: Swept, entry: ModelAnswer) -> str:
    """Who of the paths asked for is cheapest from where to where."""
    leads, asked = leads_of(verdict, entry), asked_of(verdict, entry)
    if all(lead.path is None for lead in leads):
        return _nothing(verdict, asked)
    if len(verdict.fields) > 1:
        return _counted(asked, verdict.paths)
    if verdict.points_alone:
        return " ".join(_over_points(verdict.fields[0], asked, verdict.paths))
    return " ".join(_order(leads, verdict.paths))


def _figures(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """Between which bills, what is too close to call, and where a budget or a deadline is kept."""
    if len(verdict.fields) > 1 or verdict.points_alone:
        yield from _of_points(verdict, entry)
    else:
        leads = leads_of(verdict, entry)
        yield _bills(leads)
        yield from hours_sentences(verdict, entry)
        yield from _too_close(leads)
    yield from limit_sentences(verdict, entry)


def leads_of(verdict: Swept, entry: ModelAnswer) -> list[Lead]:
    return [lead for lead in verdict.leads if lead.model.key == entry.model.key]


def _nothing(verdict: Swept, entry: ModelAnswer) -> str:
    name = model_name(entry.model.label)
    where = f"at any of {len(entry.points):,} combinations"
    if len(verdict.fields) == 1:
        first, last = (entry.points[at].fields[verdict.fields[0]] for at in (0, -1))
        where = f"from {_range(verdict.fields[0], first, last)}"
    quotes = tuple(quote for point in entry.points for quote in point.quotes)
    amounts = ", and none has an amount for that day"
    if any(quote.priced.estimate for quote in quotes):
        amounts = "; the amounts are notional"
    elif not quotes or lacks_throughput(quotes):  # as another sentence says
        amounts = ""
    return f"{none_of(verdict.paths)} be bought as asked for {name} {where}{amounts}."


# -- over one field --------------------------------------------------------------------------------------


def _order(leads: Sequence[Lead], paths: Sequence[BillingPath]) -> Iterator[str]:
    """*Tinker is cheapest up to 18 turns, Dedicated from 19 to 22. From 23 on no path can be bought as asked.*"""
    field, of = leads[0].field, (leads[0].first, leads[-1].last)
    if len(leads) == 1 and leads[0].path:
        name = PATH_NAMES[leads[0].path]
        yield f"{_lead_to(paths)}{name} {_wins(paths)} throughout, from {_range(field, *of)}."
        return
    shown = leads[:_SPELLED_OUT]
    clauses: list[str] = []
    nowhere: list[str] = []
    for lead in shown:
        if lead.path is None:
            nowhere.append(span_words(field, lead.first, lead.last, of=of, named=not clauses))
        else:
            where = span_words(field, lead.first, lead.last, of=of, named=not clauses)
            wins = "" if clauses else f"{_wins(paths)} "
            clauses.append(f"{PATH_NAMES[lead.path]} {wins}{where}")
    more = len(leads) - len(shown)
    yield (
        _lead_to(paths)
        + ", ".join(clauses)
        + (f", and {plural(more, 'more change')} on the way" * bool(more))
        + "."
    )
    if nowhere:
        none = "it cannot" if len(paths) == 1 else f"{_none(paths)} can"
        yield f"{capital(listed(nowhere))} {none} be bought as asked."


def _lead_to(paths: Sequence[BillingPath]) -> str:
    """`Without Dedicated, ` before who is cheapest of several paths asked for."""
    return among(paths) if len(paths) > 1 else ""


def _wins(paths: Sequence[BillingPath]) -> str:
    """A path that was asked for alone has none to be cheaper than."""
    return "can be bought" if len(paths) == 1 else "is cheapest"


def _none(paths: Sequence[BillingPath]) -> str:
    return "none of these paths" if paths else "no path"


def _left_out(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    """Where a path that was not asked for is the cheapest of all: *Dedicated, which you left out, is the cheapest of all from
    3 turns on.*"""
    leads = [lead for lead in verdict.left_out if lead.model.key == entry.model.key]
    for path in dict.fromkeys(lead.path for lead in leads if lead.path):
        own = [lead for lead in leads if lead.path is path]
        if len(verdict.fields) > 1 or verdict.points_alone:
            points = [p for p in ranked_points(had_of(entry)) if p.cheapest is path]
            where = points_words(verdict.fields, points, asked_of(verdict, entry))
        else:
            field, at = verdict.fields[0], entry.points
            of = at[0].fields[field], at[-1].fields[field]
            where = listed(span_words(field, lead.first, lead.last, of=of) for lead in own)
        close = any(lead.too_close for lead in own)
        doubt = ", in part only while prefill and decode overlap" if close else ""
        yield f"{PATH_NAMES[path]}, which you left out, is the cheapest of all {where}{doubt}."


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


def _over_points(field: Field, entry: ModelAnswer, paths: Sequence[BillingPath]) -> Iterator[str]:
    """*Dedicated is cheapest at 8, 16 and 24 GPUs.*"""
    points = ranked_points(entry)
    clauses: list[str] = []
    for path in dict.fromkeys(point.cheapest for point in points if point.cheapest):
        own = [point for point in points if point.cheapest is path]
        where = points_words([field], own, entry)
        wins = "" if clauses else f"{_wins(paths)} "
        clauses.append(f"{PATH_NAMES[path]} {wins}{where}")
    yield _lead_to(paths) + ", ".join(clauses) + "."
    unsold = [point.fields[field] for point in points if point.cheapest is None]
    if unsold:
        yield f"At {values_words(field, unsold)} {_none(paths)} can be bought as asked."


def _counted(entry: ModelAnswer, paths: Sequence[BillingPath]) -> str:
    """How often which path is cheapest."""
    points = ranked_points(entry)
    wins = {path: sum(p.cheapest is path for p in points) for path in BillingPath}
    ranked = sorted((path for path in wins if wins[path]), key=lambda path: -wins[path])
    if wins[ranked[0]] == len(points):
        name = PATH_NAMES[ranked[0]]
        return f"{_lead_to(paths)}{name} {_wins(paths)} in all {len(points):,} combinations."
    if len(paths) == 1:
        return f"{PATH_NAMES[ranked[0]]} can be bought in {wins[ranked[0]]:,} of {len(points):,} combinations."
    unsold = sum(point.cheapest is None for point in points)
    won = listed(f"{PATH_NAMES[path]} in {wins[path]:,}" for path in ranked)
    nothing = f", and in {unsold:,} {_none(paths)} can be bought as asked" if unsold else ""
    said = f"Of {len(points):,} combinations the cheapest is {won}{nothing}."
    return behind(_lead_to(paths), said)


def _of_points(verdict: Swept, entry: ModelAnswer) -> Iterator[str]:
    points = ranked_points(entry)
    bills = [usd for point in points if (usd := best_usd(point)) is not None]
    hours = [*hours_sentences(verdict, entry)] if len(verdict.fields) == 1 else []
    stays = hours and min(bills) == max(bills)
    yield f"The bill stays {money(bills[0])}." if stays else _spread(min(bills), max(bills))
    yield from hours
    close = [point for point in points if rival_of(point)]
    if close:
        where = points_words(verdict.fields, close, entry)
        yield f"Too close to call {where}: it hangs on how far prefill and decode overlap."


def _range(field: Field, first: Number, last: Number) -> str:
    """*5 to 50 turns*."""
    return f"{number(first)} to {field_words(field, last)}"

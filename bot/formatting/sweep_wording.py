"""The first sentences of a sweep, and the words that its parts share."""

from collections.abc import Sequence
from decimal import Decimal

from bot.answers import Answer, ModelAnswer
from bot.formatting.figures import money, number
from bot.formatting.request_wording import field_words
from bot.formatting.wording import (
    PATH_NAMES,
    listed,
    model_name,
    plural,
)
from bot.requests.request import Field, Number
from bot.sweeps import SweepPoint, cheapest_of
from bot.verdicts import FlipAt, Swept, TooManyPoints
from engine.caveats import (
    BillingPath,
)
from engine.costs import Offered, Unpriced, usd_of
from pricing.quotes import Quote

# As many changes as a sentence says; the table has the rest.
_SPELLED_OUT = 4


def sweep_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    if isinstance(answer.verdict, TooManyPoints):
        return f"{_why_not(answer.verdict)} Try `{answer.verdict.suggestion}`."
    return " ".join(said_of(answer, swept_of(answer), entry) for entry in answer.models)


def _why_not(verdict: TooManyPoints) -> str:
    match verdict.counted:
        case "points":
            words = field_name(verdict.field) if verdict.field else "a field"
            return (
                f"{verdict.points:,} values of {words} are more than the {verdict.most} that a sweep has room for; "
                "a wider step leaves fewer."
            )
        case "fields":
            return f"A sweep goes over one field or two, and {verdict.points} have several values here."
        case "models":
            return f"A sweep has room for {verdict.most} models, and {verdict.points} are named."
        case "nothing":
            return "A sweep needs a field with several values."


def swept_of(answer: Answer) -> Swept:
    if not isinstance(answer.verdict, Swept):
        raise TypeError(f"{type(answer.verdict).__name__} is no sweep")
    return answer.verdict


def said_of(answer: Answer, verdict: Swept, entry: ModelAnswer) -> str:
    flips = [flip for flip in verdict.flips if flip.model.key == entry.model.key]
    grid = len(verdict.fields) > 1
    said = _grid_words(entry) if grid else _order(verdict.fields[0], flips, entry)
    several = len(answer.models) > 1
    return f"{model_name(entry.model.label)}: {said}" if several else said


def _order(field: Field, flips: Sequence[FlipAt], entry: ModelAnswer) -> str:
    """Which path is cheapest from where to where, what it comes to at the ends, and what overlap would change."""
    first, last = entry.points[0].fields[field], entry.points[-1].fields[field]
    best = [(point.fields[field], usd) for point in entry.points if (usd := best_usd(point))]
    if not best and not flips:
        name = model_name(entry.model.label)
        return (
            f"No path can be bought as asked for {name} from {_words(field, first, last)}; "
            "the amounts are notional."
        )
    sentences = [_by_stretch(field, flips, entry, first, last)]
    if best:
        sentences.append(_bills(field, best))
    overlaps = [_overlap(flip) for flip in flips if flip.overlap_decides and _between_paths(flip)]
    sentences += overlaps or _too_close(field, entry)
    return " ".join(sentences)


def _bills(field: Field, best: Sequence[tuple[Number, Decimal]]) -> str:
    """What the cheapest run comes to at the ends; where that is the same, between which bills."""
    (low, low_usd), (high, high_usd) = best[0], best[-1]
    if low_usd != high_usd:
        return (
            f"A run comes to {money(low_usd)} at {field_words(field, low)} "
            f"and {money(high_usd)} at {number(high)}."
        )
    least, most = min(usd for _, usd in best), max(usd for _, usd in best)
    if least == most:
        return f"A run comes to {money(least)}."
    return f"A run comes to between {money(least)} and {money(most)}."


def _between_paths(flip: FlipAt) -> bool:
    return flip.before is not None and flip.after is not None


def _by_stretch(
    field: Field, flips: Sequence[FlipAt], entry: ModelAnswer, first: Number, last: Number
) -> str:
    """*Tinker is cheapest up to 18 turns, Dedicated from 19 to 22. From 23 on no path can be bought as asked.*"""
    if not flips:
        return f"{_name(entry.points[0].cheapest)} is cheapest throughout, from {_words(field, first, last)}."
    stretches = [(entry.points[0].cheapest, first, flips[0].below)]
    ends = [*(flip.below for flip in flips[1:]), last]
    stretches += [(flip.after, flip.above, end) for flip, end in zip(flips, ends, strict=True)]
    shown = stretches[: _SPELLED_OUT + 1]
    clauses: list[str] = []
    none: list[str] = []
    for path, start, end in shown:
        until_end, from_start = end == last, start == first
        if from_start:
            where = f"up to {number(end) if clauses else field_words(field, end)}"
        elif until_end:
            where = f"from {number(start)} on"
        else:
            where = (
                f"from {number(start)} to {number(end)}" if end != start else f"at {number(end)}"
            )
        if path is None:
            none.append(where)
        else:
            clauses.append(
                f"{_name(path)} is cheapest {where}" if not clauses else f"{_name(path)} {where}"
            )
    more = len(stretches) - len(shown)
    sentence = (
        ", ".join(clauses) + (f", and {plural(more, 'more change')} below" if more else "") + "."
    )
    if none:
        words = listed(none)
        sentence += f" {words[0].upper()}{words[1:]} no path can be bought as asked."
    return sentence


def _overlap(flip: FlipAt) -> str:
    """What a change that dedicated has part in would be without any overlap."""
    turns = "If prefill and decode take turns,"
    if flip.above_if_phases_add is not None:
        return f"{turns} {_name(flip.after)} is cheapest from {number(flip.above_if_phases_add)}."
    if flip.after is BillingPath.DEDICATED:
        return f"{turns} Dedicated does not become cheapest there."
    return f"{turns} {_name(flip.after)} is cheapest before that too."


def _too_close(field: Field, entry: ModelAnswer) -> list[str]:
    """Where dedicated is cheapest and the dearer end of its band is not."""
    close = [point for point in entry.points if rival_of(point)]
    if not close:
        return []
    where = where_of([field], close, entry)
    return [f"Too close to call {where}: it hangs on how far prefill and decode overlap."]


def rival_of(point: SweepPoint) -> BillingPath | None:
    """The path that is cheapest if the phases of dedicated take turns, where that is another one."""
    other = cheapest_of(point.quotes, phases_add=True)
    return other if other is not point.cheapest else None


def _grid_words(entry: ModelAnswer) -> str:
    """How often which path is cheapest, and between which bills."""
    wins = {path: sum(p.cheapest is path for p in entry.points) for path in BillingPath}
    ranked = sorted((path for path in wins if wins[path]), key=lambda path: -wins[path])
    total, none = len(entry.points), sum(p.cheapest is None for p in entry.points)
    if not ranked:
        name = model_name(entry.model.label)
        return f"No path can be bought as asked for {name} at any of {total:,} combinations."
    bills = [usd for point in entry.points if (usd := best_usd(point)) is not None]
    spread = f"The cheapest run goes from {money(min(bills))} to {money(max(bills))}."
    if wins[ranked[0]] == total:
        return f"{_name(ranked[0])} is cheapest in all {total:,} combinations. {spread}"
    won = listed(f"{_name(path)} in {wins[path]:,}" for path in ranked)
    nothing = f", and in {none:,} no path can be bought as asked" if none else ""
    return f"Of {total:,} combinations the cheapest is {won}{nothing}. {spread}"


def _name(path: BillingPath | None) -> str:
    return PATH_NAMES[path] if path else "No path"


def best_usd(point: SweepPoint) -> Decimal | None:
    return usd_of(quote_at(point, point.cheapest).priced) if point.cheapest else None


def quote_at(point: SweepPoint, path: BillingPath) -> Quote:
    return next(quote for quote in point.quotes if quote.path is path)


def field_name(field: Field) -> str:
    """A field without a value: *turns*, *tokens decoded per turn*."""
    return field_words(field, 2).partition(" ")[2]


def _words(field: Field, first: Number, last: Number) -> str:
    """*5 to 50 turns*."""
    return f"{number(first)} to {field_words(field, last)}"


def capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def short_name(path: BillingPath) -> str:
    """A path as it heads a column: `Standard` of serverless."""
    return capital(PATH_NAMES[path].removeprefix("Serverless "))


def is_notional(quote: Quote) -> bool:
    return not isinstance(quote.priced, Offered | Unpriced)


def where_of(fields: Sequence[Field], points: Sequence[SweepPoint], entry: ModelAnswer) -> str:
    if len(points) == len(entry.points):
        return "at every point"
    if not points:
        return "at none of the points"
    if len(fields) > 1:
        return f"at {len(points):,} of {len(entry.points):,} points"
    values = [point.fields[fields[0]] for point in points]
    at = [point.fields[fields[0]] for point in entry.points]
    if values == at[: len(values)] and len(values) > 1:
        return f"up to {field_words(fields[0], values[-1])}"
    if values == at[-len(values) :] and len(values) > 1:
        return f"from {field_words(fields[0], values[0])} on"
    *front, last = values
    return f"at {listed([*map(number, front), field_words(fields[0], last)])}"

"""Why a question has no solution, and the nearest request that has an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from bot.answers import ModelAnswer
from bot.comparisons import ranks_any
from bot.instead import (
    Unanswered,
    has_rival,
    missing_of_cluster,
    nearest_with_amounts,
    nearest_with_dedicated,
    other_models,
    without,
)
from bot.requests.request import CLUSTER_FIELDS, Field, Intent, Request, Value
from bot.solving.question import Question
from bot.solving.solution import Solution
from engine.caveats import BillingPath


def of_several(
    several: tuple[Field, ...], questions: Sequence[Question], alone: Sequence[Unanswered | None]
) -> tuple[Unanswered, ...]:
    """That solutions are of one run; `alone` is why a question has none with the first value of each either."""
    refused = [one for one in alone if one]
    if len(refused) == len(alone):
        return (replace(refused[0], several=several), *refused[1:])
    first = questions[0]
    again = first.how_many(first.field, first.fields, first.paths, _models(questions))
    return (Unanswered(models=_models(questions), several=several, instead=again),)


def _models(questions: Sequence[Question]) -> tuple[str, ...]:
    return tuple(question.model.key for question in questions)


def sizeless(questions: Sequence[Question]) -> tuple[Unanswered, ...]:
    """That a cluster has a throughput and no size, for all models together where one request does for them. Empty where
    none was said beside a question for GPUs."""
    first = questions[0]
    if first.field is not Field.GPUS or not first.says_throughput:
        return ()
    works = [_on_its_own_cluster(question) for question in questions]
    together = works[0]
    if together is None or any(each != together for each in works):
        return tuple(map(_sizeless, questions, works))
    again = first.how_many(Field.GPUS, together, models=_models(questions))
    return (Unanswered(models=_models(questions), sizeless=True, instead=again),)


def _on_its_own_cluster(question: Question) -> dict[Field, Value] | None:
    """The run on the model's own cluster; None where no throughput is known but the one that was said."""
    return nearest_with_dedicated(_without_cluster(question), question.model, question.asking)


def _without_cluster(question: Question) -> dict[Field, Value]:
    """The run; a throughput without the size that it belongs to would price another cluster."""
    return without(question.fields, *CLUSTER_FIELDS)


def _sizeless(question: Question, works: dict[Field, Value] | None) -> Unanswered:
    """A throughput belongs to a number of GPUs, which a question for GPUs has no place for: another's would be a wrong price."""
    if works is None:
        return replace(_no_cluster(question), sizeless=True)
    again = question.how_many(Field.GPUS, works)
    return Unanswered(models=_models([question]), sizeless=True, instead=again)


def unsolved(
    question: Question, entry: ModelAnswer, solutions: tuple[Solution, ...]
) -> Unanswered | None:
    """Why none of a model's solutions says anything; None where one does."""
    if any(solution.says_something for solution in solutions):
        return None
    priced = [quote.path for quote in entry.quotes if quote.priced.estimate]
    asked = [path for s in solutions for path in (s.path, s.against) if path]
    lacking = next((path for path in asked if path not in priced), BillingPath.DEDICATED)
    instead = _instead(question, priced)
    if not priced:
        return instead
    alone = priced[0] if question.field is Field.TURNS and not solutions else None
    return replace(instead, path=lacking, reasons=entry.quote(lacking).priced.reasons, alone=alone)


def _instead(question: Question, priced: list[BillingPath]) -> Unanswered:
    """The same question of two paths with amounts, or on a cluster with one; where nothing has one, whatever has."""
    field, models = question.field, _models([question])
    if field is Field.TURNS and len(priced) > 1:
        two = (*priced[:2],)
        again = question.how_many(Field.TURNS, question.fields, two)
        return Unanswered(models=models, instead=again)
    works = nearest_with_dedicated(question.fields, question.model, question.asking)
    if works is None:
        return _no_cluster(question)
    if field is Field.TURNS and not has_rival(works, question.model, question.asking):
        return Unanswered(models=models, instead=question.another(Intent.ESTIMATE, works))
    return Unanswered(models=models, instead=question.how_many(field, works))


def _no_cluster(question: Question) -> Unanswered:
    """What can be asked of a model whose dedicated has no amount on any day, and what to say of a cluster for it to have one."""
    run = _run(question)
    return Unanswered(
        models=_models([question]),
        instead=_of_amounts(question, run),
        missing=missing_of_cluster(run, question.model, question.asking),
    )


def _run(question: Question) -> Mapping[Field, Value]:
    """What an estimate is of; of a question for GPUs it is said anew which cluster."""
    return _without_cluster(question) if question.field is Field.GPUS else question.fields


def _of_amounts(question: Question, run: Mapping[Field, Value]) -> Request:
    """The same question of paths with amounts, else an estimate; where no day has one, other models."""
    field, asking = question.field, question.asking
    enough = {Field.EPISODES: 1, Field.TURNS: 2}.get(field)
    if enough is not None:
        on_paths = nearest_with_amounts(run, question.model, asking, paths=enough)
        if on_paths is not None:
            return question.how_many(field, on_paths)
    priced = nearest_with_amounts(run, question.model, asking)
    if priced is not None:
        return question.another(Intent.ESTIMATE, priced)
    unpriced = question.another(Intent.ESTIMATE, run)
    return other_models(unpriced, partial(ranks_any, asking=asking))


def answered_by(question: Question, limit: Field) -> Request | None:
    """The request that a budget or a deadline decides, where the solutions say nothing of it; None where no hours
    are known: those of no path but dedicated are, nor of a cluster without a throughput."""
    if limit is Field.BUDGET_USD:
        return question.how_many(Field.EPISODES, question.fields, question.paths)
    if not question.is_of_dedicated:
        return None
    works = nearest_with_dedicated(question.fields, question.model, question.asking)
    if works is None:
        return None
    if works.keys() & {Field.PROMPT_TPS, Field.DECODE_TPS}:
        again = question.another(Intent.ESTIMATE, works)
        return replace(again, paths=question.paths)
    own = (BillingPath.DEDICATED,) if question.paths else ()
    return question.how_many(Field.GPUS, works, own)

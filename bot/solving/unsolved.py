"""Why a question has no solution, and the nearest request that has an answer."""

from dataclasses import replace

from bot.answers import ModelAnswer
from bot.instead import Unanswered, has_rival, with_cluster
from bot.requests.request import Field, Intent, Value
from bot.solving.question import Question
from bot.solving.solution import Solution
from engine.caveats import BillingPath


def of_several(
    several: tuple[Field, ...], question: Question, one: Unanswered | None
) -> Unanswered:
    """That solutions are of one run; `one` is why the question has none with the first value of each either."""
    if one:
        return replace(one, several=several)
    again = question.how_many(question.field, question.fields, question.paths)
    return Unanswered(model=question.model.key, several=several, suggestion=again)


def sizeless(question: Question) -> Unanswered | None:
    """That a cluster has a throughput and no size. None where none was said beside a question for GPUs."""
    if question.field is not Field.GPUS or not question.says_throughput:
        return None
    return _sizeless(question)


def _sizeless(question: Question) -> Unanswered:
    """A throughput belongs to a number of GPUs, which a question for GPUs has no place for: another's would be a wrong price."""
    left_out = (Field.PROMPT_TPS, Field.DECODE_TPS, Field.GPU_TYPE)
    run = {name: value for name, value in question.fields.items() if name not in left_out}
    works = with_cluster(run, question.model, question.asking)
    if works is None or Field.PROMPT_TPS in works:
        works = with_cluster(question.fields, question.model, question.asking)
        return _one_cluster(question, works, sizeless=True)
    again = question.how_many(Field.GPUS, works)
    return Unanswered(model=question.model.key, sizeless=True, suggestion=again)


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
    """The same question of two paths with amounts, or on a cluster with one; where nothing has one, its rates."""
    field, key = question.field, question.model.key
    if field is Field.TURNS and len(priced) > 1:
        two = (*priced[:2],)
        again = question.how_many(Field.TURNS, question.fields, two)
        return Unanswered(model=key, suggestion=again)
    works = with_cluster(question.fields, question.model, question.asking)
    if works is None or (field is Field.GPUS and Field.PROMPT_TPS in works):
        return _one_cluster(question, works)
    if field is Field.TURNS and not has_rival(works, question.model, question.asking):
        return Unanswered(model=key, suggestion=question.another(Intent.ESTIMATE, works))
    return Unanswered(model=key, suggestion=question.how_many(field, works))


def _one_cluster(
    question: Question, works: dict[Field, Value] | None, *, sizeless: bool = False
) -> Unanswered:
    """How long one whole cluster takes, which is said with its throughput; where no day has its card, the rates."""
    priced = works is not None
    again = question.another(Intent.ESTIMATE if priced else Intent.RATES, works or {})
    return Unanswered(
        model=question.model.key, sizeless=sizeless, only_estimate=priced, suggestion=again
    )


def answered_by(question: Question, limit: Field) -> str:
    """The request that a budget or a deadline decides, where the solutions say nothing of it."""
    if limit is Field.BUDGET_USD:
        return question.how_many(Field.EPISODES, question.fields)
    works = with_cluster(question.fields, question.model, question.asking)
    if works is None:
        return question.another(Intent.RATES, {})
    if works.keys() & {Field.PROMPT_TPS, Field.DECODE_TPS}:
        return question.another(Intent.ESTIMATE, works)
    return question.how_many(Field.GPUS, works)

"""The answer to a solve: each model's solutions, and the run priced at the first of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.answers import Answer, Asking, ModelAnswer
from bot.estimates import PricedRun, priced_run
from bot.instead import Unanswered, one_value_each
from bot.requests.request import Field, Request, Value, several_values
from bot.solving.caveats import caveats_of_solutions
from bot.solving.episodes import MOST_EPISODES, episodes_bought
from bot.solving.gpus import gpus_needed
from bot.solving.most_turns import turns_bought
from bot.solving.pieces import pieces_of
from bot.solving.question import Question
from bot.solving.solution import Solution
from bot.solving.turns import crossings
from bot.solving.unsolved import answered_by, of_several, sizeless, unsolved
from bot.verdicts import Solved
from engine.caveats import BillingPath


def solved(request: Request, asking: Asking) -> Answer:
    """One field solved for, of each model that is named."""
    field = request.solve_for or Field.TURNS
    questions = [
        Question(
            field=field,
            model=asking.catalogue.get(key),
            fields=one_value_each(request.fields),
            paths=request.paths,
            asking=asking,
        )
        for key in request.models
    ]
    refusals = sizeless(questions)
    several = several_values(request.fields)
    if several:
        refusals = of_several(several, questions, refusals or [_unanswered(q) for q in questions])
    if refusals:
        verdict = Solved(field=field, unanswered=refusals)
        return Answer(request=request, as_of=asking.as_of, today=asking.today, verdict=verdict)
    return _answered(request, asking, questions)


def _unanswered(question: Question) -> Unanswered | None:
    """Why a question about one run has no solution."""
    return unsolved(question, _run(question, {}).entry, _solutions(question))


def _answered(request: Request, asking: Asking, questions: list[Question]) -> Answer:
    field = questions[0].field
    found = [_solutions(question) for question in questions]
    priced_at = _priced_at(field, found[0])
    runs = [_run(question, priced_at) for question in questions]
    entries = [
        replace(run.entry, solutions=solutions) for run, solutions in zip(runs, found, strict=True)
    ]
    # GPUs that are asked for stand on a cluster that may be a default.
    own = field if field is not Field.GPUS else None
    defaults = tuple(default for default in runs[0].defaults if default is not own)
    # Each path buys another number of episodes, so what is noted is of one.
    noted = runs if field is not Field.EPISODES else [_run(q, {field: 1}) for q in questions]
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=replace(_verdict(questions, entries), priced_at=(*priced_at.items(),)),
        workload=runs[0].workload,
        defaults=defaults,
        models=tuple(entries),
        caveats=caveats_of_solutions(questions, entries, noted, defaults),
    )


def _verdict(questions: list[Question], entries: list[ModelAnswer]) -> Solved:
    """Which models have no solution and why, and what was said of which those of the others say nothing."""
    lacking = [
        unsolved(question, entry, entry.solutions)
        for question, entry in zip(questions, entries, strict=True)
    ]
    solvable = [q for q, why in zip(questions, lacking, strict=True) if why is None]
    solutions = [solution for entry in entries for solution in entry.solutions]
    return Solved(
        field=questions[0].field,
        unanswered=tuple(why for why in lacking if why),
        undecided=tuple(
            (limit, answered_by(question, limit))
            for question in solvable[:1]
            for limit in _undecided(question, solutions)
        ),
    )


def _solutions(question: Question) -> tuple[Solution, ...]:
    match question.field:
        case Field.TURNS:
            pieces = pieces_of(question)
            return (*turns_bought(question, pieces), *crossings(question, pieces))
        case Field.EPISODES:
            quotes = _run(question, {}).entry.quotes
            return tuple(episodes_bought(quote, question) for quote in quotes)
        case _:
            quote = _run(question, {}).entry.quote(BillingPath.DEDICATED)
            return (gpus_needed(quote, question),)


def _run(question: Question, solution: Mapping[Field, Value]) -> PricedRun:
    return priced_run({**question.fields, **solution}, question.model, question.asking)


def _priced_at(field: Field, solutions: tuple[Solution, ...]) -> dict[Field, int]:
    """The run that the paths are priced for: that of the solution, where there is one."""
    if field is Field.GPUS:
        return {}
    told = [s for s in solutions if s.value is not None]
    chosen = [s for s in told if s.offered] or told
    if any(s.is_most_turns for s in chosen):
        chosen = [s for s in chosen if s.is_most_turns]
    if not chosen:
        return {}
    most = max(s.value or 0 for s in chosen)
    if field is Field.TURNS:
        return {field: max(1, most if chosen[0].is_most_turns else chosen[0].crossing_turns or 0)}
    return {field: min(max(1, most), MOST_EPISODES)}


def _is_answered(solution: Solution) -> bool:
    """Whether it says how many turns there are within the limits."""
    return solution.is_most_turns and solution.value is not None


_DECIDES = {Field.BUDGET_USD: Field.EPISODES, Field.DEADLINE_HOURS: Field.GPUS}


def _undecided(question: Question, solutions: list[Solution]) -> Iterator[Field]:
    """A budget or a deadline that was said, of which no solution says anything."""
    judged = {
        Field.BUDGET_USD: any(s.budget or _is_answered(s) for s in solutions),
        Field.DEADLINE_HOURS: any(
            s.deadline
            or (s.in_time is not None and question.is_of_dedicated)
            or (_is_answered(s) and s.path is BillingPath.DEDICATED)
            for s in solutions
        ),
    }
    for limit, asks in _DECIDES.items():
        if limit in question.fields and asks is not question.field and not judged[limit]:
            yield limit

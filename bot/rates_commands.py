"""`rlcost rates` and what is said behind it: the cards of a day, each rate over time, a check of the sources, reviews."""

import argparse
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from bot.input import UsageError, catalogue_and_today, joined
from bot.printing import print_answer, print_json, print_view

if TYPE_CHECKING:
    from bot.requests import Request
    from pricing.catalogue import Catalogue


def do(options: argparse.Namespace) -> bool:
    """Do what a command of rates says. Returns whether every source that was asked could be read.

    Raises UsageError for words that name no card, more or less than one model of a history, a day that is to come, and a
    decision that is said in part.
    """
    match options.command:
        case "rates":
            _list(options.model, as_of=options.as_of, as_json=options.json)
        case "rates history":
            _history(options.model, as_json=options.json)
        case "rates check":
            return _check(as_json=options.json)
        case _:
            _review(options)
    return True


def _list(names: list[str], *, as_of: date | None, as_json: bool) -> None:
    from bot.answers import answer
    from bot.terminal_database import rate_book

    catalogue, today = catalogue_and_today()
    if as_of and as_of > today:
        raise UsageError(f"--as-of {as_of} is in the future; name a day up to {today}")
    request = _rates_request(names, as_of, catalogue, today)
    reply = answer(request, book=rate_book(catalogue), catalogue=catalogue, today=today)
    print_answer(reply, form="json" if as_json else "text", published=False)


def _rates_request(
    names: list[str], as_of: date | None, catalogue: "Catalogue", today: date
) -> "Request":
    """`rates` with what is named. Raises UsageError for what is no model, GPU type or path."""
    from dataclasses import replace

    from bot.requests import Field, Intent, read

    said = joined(names)
    request = read(f"rates {said}", catalogue, today=today)
    fields = {Field.AS_OF: as_of} if as_of else {}
    if said.strip():
        _refuse_other(said, request)
    return replace(request, intent=Intent.RATES, fields={**request.fields, **fields}, problems=())


def _refuse_other(said: str, request: "Request") -> None:
    """Raise UsageError unless the words of `rates` name models, GPU types, paths or a day, and nothing else."""
    from bot.requests import Field, Intent, ProblemCode
    from bot.suggestions import near_model

    own = {Field.GPU_TYPE, Field.AS_OF}
    others = [str(field) for field in request.fields if field not in own]
    named = request.models or request.paths or Field.GPU_TYPE in request.fields
    if named and request.intent is Intent.RATES and not request.problems and not others:
        return
    what = f"no {others[0]}, as in `{said}`" if named and others else f"and `{said}` is neither"
    hint = "`rlcost models` lists the models"
    for problem in request.problems:
        if problem.code is ProblemCode.MODEL_AMBIGUOUS:
            models = " or ".join(f"`{name.strip()}`" for name in problem.hint.split(","))
            raise UsageError(f"`{problem.text}` could be {models}; name one of them")
        if problem.code is ProblemCode.MODEL_UNKNOWN and (near := near_model(problem)):
            hint = f"did you mean `{near}`?"
    raise UsageError(f"rates takes a model or a GPU type, {what}; {hint}")


def _history(names: list[str], *, as_json: bool) -> None:
    from bot.formatting.history_view import history_json, history_view
    from bot.history import history
    from bot.terminal_database import rate_book

    catalogue, today = catalogue_and_today()
    request = _rates_request(names, None, catalogue, today)
    if len(request.models) != 1:
        raise UsageError(f"rates history takes one model, and {_not_one(names, request.models)}")
    found = history(rate_book(catalogue), catalogue.get(request.models[0]), on=today)
    if as_json:
        print_json(history_json(found))
    else:
        print_view(history_view(found))


def _not_one(names: list[str], models: Sequence[str]) -> str:
    """What is wrong with the words of `rates history`: they name no model, or several."""
    from bot.formatting.wording import listed

    if models:
        several = listed(f"`{model}`" for model in models)
        return f"`{joined(names)}` names {several}: ask for one at a time"
    return f"`{joined(names)}` names none; `rlcost models` lists them"


def _check(*, as_json: bool) -> bool:
    """Returns whether every source could be read."""
    from bot.formatting.check_view import check_json, check_view
    from bot.terminal_database import check

    report = check(catalogue_and_today()[0])
    if as_json:
        print_json(check_json(report))
    else:
        print_view(check_view(report))
    return not report.faulty


def _review(options: argparse.Namespace) -> None:
    from bot import terminal_database
    from bot.formatting.layout import View
    from bot.formatting.review_view import (
        decided_text,
        decided_view,
        observation_json,
        waiting_view,
    )

    given = [f"--{name}" for name in ("why", "by") if getattr(options, name)]
    if options.decision is None and given:
        raise UsageError(
            f"{given[0]} belongs to a decision: `rlcost rates review approve N` or `reject N`"
        )
    if options.decision and options.decided:
        raise UsageError(f"{options.decision} and --decided are two things to do: keep one")
    if options.decision is None:
        found = terminal_database.decided(50) if options.decided else terminal_database.waiting()
        if options.json:
            print_json({"changes": [observation_json(each) for each in found]})
        else:
            print_view(decided_view(found) if options.decided else waiting_view(found))
        return
    if options.number is None:
        raise UsageError(
            f"say which change to {options.decision}; `rlcost rates review` lists them"
        )
    approve = options.decision == "approve"
    by = options.by.strip() or terminal_database.who()
    observation, ours = terminal_database.decide(
        options.number, approve=approve, by=by, why=options.why.strip()
    )
    if options.json:
        print_json(observation_json(observation))
    else:
        said = decided_text(observation, by_us=ours, who=observation.decided_by or "a check")
        print_view(View(summary=said))

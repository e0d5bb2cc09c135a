"""The same answers in a terminal: `rlcost ask`, `parse`, `rates` and `models`; and `serve`, the bot in Slack.

Whatever is heavy is imported where it is used, so that `rlcost --help` is there at once.
"""

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TextIO

from bot.cli_parser import build_parser, joined_name, split_request
from bot.input import UsageError, joined, requests_of

if TYPE_CHECKING:
    from bot.answers import Answer
    from bot.formatting.layout import View
    from bot.requests import Request
    from pricing.catalogue import Catalogue

OK, FAULT, UNUSABLE, SOURCE_FAULT, INTERRUPTED = 0, 1, 2, 3, 130

_WIDEST, _NARROWEST = 100, 60

_DEBUG = "RLCOST_DEBUG"


class CannotStartError(Exception):
    """What is set is right, and yet the bot cannot start now; the message says why."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line. Returns the exit status: 0 answered, 2 unusable options or input, 3 a source of rates at fault,
    1 a fault of ours."""
    gc.disable()  # what is imported lives to the end, and looking through it for garbage takes a tenth of the start
    _write_utf8(sys.stdout)
    _write_utf8(sys.stderr)
    status = OK
    try:
        status = _dispatch(list(arguments))
        sys.stdout.flush()
    except UsageError as error:
        return _fail(str(error), UNUSABLE)
    except CannotStartError as error:
        return _fail(str(error), FAULT)
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        return _fail(f"the answer could not be written: {error.strerror or error}", FAULT)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes an apology
        if os.environ.get(_DEBUG) == "1":
            _print_traceback(error)
        return _fail(_apology(error), FAULT)
    return status


def _dispatch(arguments: list[str]) -> int:
    """Do what a command line says; returns the exit status."""
    parser = build_parser()
    if not arguments:
        parser.print_help()
        return OK
    own, words = split_request(joined_name(arguments))
    options = parser.parse_args(own)
    match options.command:
        case "ask" | "compare" | "sweep" | "limits" | "solve" | "explain":
            _ask(words, options)
        case "parse":
            _parse(words)
        case "rates":
            _rates(options.model, as_of=options.as_of, as_json=options.json)
        case "rates history":
            _history(options.model, as_json=options.json)
        case "rates check":
            return _check(as_json=options.json)
        case "rates review":
            _review(options)
        case "models":
            _models(as_json=options.json)
        case "serve":
            _serve(socket=options.socket)
        case "manifest":
            _manifest()
        case "migrate":
            from bot.rates_cli import migrate

            print(migrate())
        case _:
            parser.error("name a command, such as ask, sweep, rates or serve")
    return OK


def _ask(words: list[str], options: argparse.Namespace) -> None:
    from bot.answers import answer
    from bot.rates_cli import named_cards, rate_book

    form = _form(options)
    catalogue, today = _catalogue(), _today()
    book = rate_book(catalogue)
    if options.cards is not None:
        book = named_cards(catalogue, _card_ids(options.cards))
    published = options.published
    for number, request in enumerate(requests_of(words, catalogue, today)):
        reply = answer(request, book=book, catalogue=catalogue, today=today, published=published)
        if form == "text" and number:
            print("\n" + "─" * _width() + "\n")
        _print_answer(reply, form=form, published=published)
        if options.png:
            _draw(reply, options.png)


def _card_ids(text: str) -> list[str]:
    ids = [name.strip() for name in text.split(",") if name.strip()]
    if not ids:
        raise UsageError("--cards names no rate card; `rlcost ask --json` names those of an answer")
    return ids


def _form(options: argparse.Namespace) -> str:
    """How an answer is printed. Raises UsageError for two ways at once."""
    chosen = [form for form in ("json", "csv", "quote") if getattr(options, form)]
    if len(chosen) > 1:
        raise UsageError(
            f"--{chosen[0]} and --{chosen[1]} are two ways to print one answer: keep one"
        )
    return chosen[0] if chosen else "text"


def _draw(answer: "Answer", file: str) -> None:
    """The picture of a sweep. Raises UsageError for what has none, and without the library that draws."""
    from pathlib import Path

    from bot.formatting.png import draw
    from bot.formatting.sweep_view import picture
    from bot.verdicts import Swept

    if not isinstance(answer.verdict, Swept):
        raise UsageError(f"{file} was not drawn: there is no sweep to draw")
    try:
        draw(picture(answer), Path(file))
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror or error}; name a file in a folder that is there"
        ) from error


def _parse(words: list[str]) -> None:
    from bot.requests import as_json

    for request in requests_of(words, _catalogue(), _today()):
        _print_json(as_json(request))


def _rates(names: list[str], *, as_of: date | None, as_json: bool) -> None:
    from bot.answers import answer
    from bot.rates_cli import rate_book

    catalogue, today = _catalogue(), _today()
    if as_of and as_of > today:
        raise UsageError(f"--as-of {as_of} is in the future; name a day up to {today}")
    request = _rates_request(names, as_of, catalogue, today)
    reply = answer(request, book=rate_book(catalogue), catalogue=catalogue, today=today)
    _print_answer(reply, form="json" if as_json else "text", published=False)


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
    from bot.rates_cli import rate_book

    catalogue, today = _catalogue(), _today()
    request = _rates_request(names, None, catalogue, today)
    if len(request.models) != 1:
        raise UsageError(f"rates history takes one model, and {_not_one(names, request.models)}")
    found = history(rate_book(catalogue), catalogue.get(request.models[0]), on=today)
    if as_json:
        _print_json(history_json(found))
    else:
        _print_view(history_view(found))


def _not_one(names: list[str], models: Sequence[str]) -> str:
    """What is wrong with the words of `rates history`: they name no model, or several."""
    from bot.formatting.wording import listed

    if models:
        several = listed(f"`{model}`" for model in models)
        return f"`{joined(names)}` names {several}: ask for one at a time"
    return f"`{joined(names)}` names none; `rlcost models` lists them"


def _check(*, as_json: bool) -> int:
    from bot.formatting.check_view import check_json, check_view
    from bot.rates_cli import check

    report = check(_catalogue())
    if as_json:
        _print_json(check_json(report))
    else:
        _print_view(check_view(report))
    return SOURCE_FAULT if report.faulty else OK


def _review(options: argparse.Namespace) -> None:
    from bot import rates_cli
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
        found = rates_cli.decided(50) if options.decided else rates_cli.waiting()
        if options.json:
            _print_json({"changes": [observation_json(each) for each in found]})
        else:
            _print_view(decided_view(found) if options.decided else waiting_view(found))
        return
    if options.number is None:
        raise UsageError(
            f"say which change to {options.decision}; `rlcost rates review` lists them"
        )
    approve = options.decision == "approve"
    by = options.by.strip() or rates_cli.who()
    observation, ours = rates_cli.decide(
        options.number, approve=approve, by=by, why=options.why.strip()
    )
    if options.json:
        _print_json(observation_json(observation))
    else:
        said = decided_text(observation, by_us=ours, who=observation.decided_by or "a check")
        _print_view(View(summary=said))


def _models(*, as_json: bool) -> None:
    catalogue = _catalogue()
    if as_json:
        _print_json([model.model_dump(mode="json") for model in catalogue])
        return
    from bot.formatting.models_view import models_view

    _print_view(models_view(catalogue))


def _serve(*, socket: bool) -> None:
    """Raises UsageError for a setting that is missing, wrong or refused, naming its variable."""
    import asyncio
    import logging

    from bot import logs
    from bot.app import StartError, serve
    from bot.settings import SettingsError, settings_from
    from bot.source_settings import source_settings
    from bot.store import StoreError

    gc.enable()  # this one lives long
    logs.configure(level=logging.INFO)
    try:
        settings = settings_from(os.environ, socket=socket)
        asyncio.run(serve(settings, source_settings(os.environ)))
    except (SettingsError, StoreError) as error:
        raise UsageError(str(error)) from error
    except StartError as error:
        raise CannotStartError(str(error)) from error


def _manifest() -> None:
    from bot.manifest import load_manifest

    _print_json(load_manifest())


def _print_answer(answer: "Answer", *, form: str, published: bool) -> None:
    match form:
        case "json":
            from bot.formatting.as_json import answer_json

            _print_json(answer_json(answer, published=published))
        case "csv":
            from bot.export import to_csv

            _print_figures(to_csv(answer), answer)
        case "quote":
            from bot.export import to_quote

            _print_figures(to_quote(answer), answer)
        case _:
            from bot.formatting.views import view

            _print_view(view(answer, published=published))


def _print_figures(text: str, answer: "Answer") -> None:
    """An export. Raises UsageError with the verdict where an answer has no figures to export."""
    if not text:
        from bot.formatting.verdict_wording import verdict_text

        raise UsageError(f"there is nothing to export: {verdict_text(answer)}")
    print(text, end="")


def _print_view(view: "View") -> None:
    from bot.formatting.text import render

    print(render(view, width=_width()))


def _print_json(value: object) -> None:
    """One line, at once: whoever reads may wait for it before it writes the next."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False), flush=True)


def _catalogue() -> "Catalogue":
    from pricing.catalogue import load_catalogue

    return load_catalogue()


def _today() -> date:
    return datetime.now(tz=UTC).date()


def _width() -> int:
    if not sys.stdout.isatty():
        return _WIDEST
    return min(_WIDEST, max(_NARROWEST, os.get_terminal_size(sys.stdout.fileno()).columns))


def _write_utf8(stream: TextIO) -> None:
    """Whatever the locale: the answers hold ×, – and Δ."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="replace")


def _fail(message: str, status: int) -> int:
    print(f"rlcost: {message}", file=sys.stderr)
    return status


def _apology(error: Exception) -> str:
    from pricing.files import RateFileError

    if isinstance(error, RateFileError):
        return f"a data file has a fault: {error}"
    return (
        f"sorry, this is a fault of ours ({type(error).__name__} at {_place(error)}); please tell us what you "
        f"asked, or run it again with {_DEBUG}=1 to see where it arose"
    )


def _place(error: Exception) -> str:
    """The innermost line of ours that an exception passed, as `bot.answers:120`."""
    place, trace = "unknown", error.__traceback__
    while trace:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in ("bot", "pricing", "engine"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _print_traceback(error: Exception) -> None:
    import traceback

    traceback.print_exception(error, file=sys.stderr)


def _reader_left() -> int:
    """Whoever read the output has what it wanted; nothing more is written, not even at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK

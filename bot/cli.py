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
from typing import TYPE_CHECKING, NoReturn, TextIO

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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` shows how")


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


def build_parser() -> argparse.ArgumentParser:
    """Every command and option; docs/commands.md lists the same."""
    parser = _Parser(
        prog="rlcost",
        description="What RL rollouts cost on Tinker, Fireworks Serverless and Fireworks Dedicated.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="command", title="commands")
    ask = _command(
        commands, "ask", "price a run that is described in words or as key=value", _ASK_EXAMPLES
    )
    ask.add_argument(
        "text", nargs="*", help="the request; `-` reads one a line from standard input"
    )
    ask.add_argument(
        "--json", action="store_true", help="print the answer as one JSON object a line"
    )
    ask.add_argument(
        "--published",
        action="store_true",
        help="put the calculator of 2026-05-16 beside the answer, and say what moved",
    )
    ask.add_argument(
        "--cards",
        metavar="ID,...",
        help="price with just these rate cards, as an earlier answer named them",
    )
    parse = _command(commands, "parse", "show how a request is read, as JSON", _PARSE_EXAMPLES)
    parse.add_argument(
        "text", nargs="*", help="the request; `-` reads one a line from standard input"
    )
    rates = _command(
        commands, "rates", "list the rate cards in force, or those of a model", _RATES_EXAMPLES
    )
    rates.add_argument("model", nargs="*", help="a model or a GPU type; everything if left out")
    rates.add_argument(
        "--as-of", type=_day, metavar="DAY", help="the cards of that day, such as 2026-05-16"
    )
    rates.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    _add_rates_commands(commands)
    models = _command(commands, "models", "list the models that are covered", _MODELS_EXAMPLES)
    models.add_argument("--json", action="store_true", help="print the models as one JSON list")
    serve = _command(commands, "serve", "answer in Slack until stopped", _SERVE_EXAMPLES)
    serve.add_argument(
        "--socket",
        action="store_true",
        help="let Slack send over Socket Mode, where it cannot reach this machine",
    )
    _command(commands, "manifest", "print the Slack app's manifest as JSON", _MANIFEST_EXAMPLES)
    _command(commands, "migrate", "bring the database up to date", _MIGRATE_EXAMPLES)
    return parser


def _add_rates_commands(commands: "argparse._SubParsersAction[_Parser]") -> None:
    """What can be done with rates beside listing them; their names are two words."""
    history = _command(
        commands, "rates history", "show each rate of a model over time", _HISTORY_EXAMPLES
    )
    history.add_argument("model", nargs="+", help="a model")
    history.add_argument("--json", action="store_true", help="print the history as one JSON object")
    check = _command(
        commands, "rates check", "ask the sources of rates now, and record changes", _CHECK_EXAMPLES
    )
    check.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    review = _command(
        commands,
        "rates review",
        "list the changes that wait for a decision, or decide",
        _REVIEW_EXAMPLES,
    )
    review.add_argument(
        "decision",
        nargs="?",
        choices=("approve", "reject"),
        help="what to decide; without it they are listed",
    )
    review.add_argument("number", nargs="?", type=int, help="which change")
    review.add_argument(
        "--why", default="", metavar="TEXT", help="the reason, kept with the decision"
    )
    review.add_argument(
        "--by", default="", metavar="NAME", help="who decides; whoever is logged in if left out"
    )
    review.add_argument("--decided", action="store_true", help="list the last decisions instead")
    review.add_argument("--json", action="store_true", help="print one JSON object")


_EXAMPLES = """\
examples:
  rlcost ask kimi-k2p6 turns=20 episodes=5000
  rlcost ask "price 5k rollouts of qwen 397b, twenty turns each, 8k prompt growing 12k a turn"
  rlcost rates kimi-k2p6 --as-of 2026-05-16
"""
_ASK_EXAMPLES = """\
examples:
  rlcost ask kimi-k2p6 turns=20 episodes=5000
  rlcost ask --model kimi-k2p6 --turns 20 --json
  rlcost ask "gpt-oss-120b, 40 turns, budget $5k, within 6 hours"
  rlcost ask --published kimi-k2p6
  rlcost ask --json - < requests.txt

`--cards=ID,ID` prices with the cards that an earlier answer named, whatever was observed since.
With `-` each line is a request, or an object {"text": ..., "previous": {...}} whose `previous` is the
request that it follows up, as `rlcost parse` prints one. What stands behind `--` is all request.
"""
_PARSE_EXAMPLES = """\
examples:
  rlcost parse "kimi k2.6, 20 turns, 5k episodes"
  rlcost parse - < requests.txt
"""
_RATES_EXAMPLES = """\
examples:
  rlcost rates
  rlcost rates kimi-k2p6 --as-of 2026-05-16
  rlcost rates h200 --json
"""
_HISTORY_EXAMPLES = """\
examples:
  rlcost rates history kimi-k2p6
  rlcost rates history gpt-oss-120b --json
"""
_CHECK_EXAMPLES = """\
examples:
  rlcost rates check
  rlcost rates check --json

The exit status is 3 when a source could not be read; its last rates stay. What changed within bounds is used from then on,
the rest waits for `rlcost rates review`. docs/operations.md lists the sources and the settings of their addresses.
"""
_REVIEW_EXAMPLES = """\
examples:
  rlcost rates review
  rlcost rates review approve 7 --why "announced on their blog"
  rlcost rates review reject 8 --why "prices are in cents there"
  rlcost rates review --decided
"""
_MODELS_EXAMPLES = """\
examples:
  rlcost models
  rlcost models --json
"""
_SERVE_EXAMPLES = """\
examples:
  rlcost serve
  rlcost serve --socket

Settings come from the environment; docs/operations.md lists them.
"""
_MIGRATE_EXAMPLES = """\
examples:
  rlcost migrate
"""
_MANIFEST_EXAMPLES = """\
examples:
  rlcost manifest
"""


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, does: str, examples: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _dispatch(arguments: list[str]) -> int:
    """Do what a command line says; returns the exit status."""
    parser = build_parser()
    if not arguments:
        parser.print_help()
        return OK
    own, words = _split_request(_joined_name(arguments))
    options = parser.parse_args(own)
    match options.command:
        case "ask":
            _ask(words, as_json=options.json, published=options.published, cards=options.cards)
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
            parser.error("name a command: ask, parse, rates, models, serve, manifest or migrate")
    return OK


def _joined_name(arguments: list[str]) -> list[str]:
    """The arguments with the two words of `rates check`, `rates review` or `rates history` as one name."""
    if (
        arguments[0] == "rates"
        and arguments[1:2]
        and arguments[1] in ("check", "review", "history")
    ):
        return [" ".join(arguments[:2]), *arguments[2:]]
    return arguments


# A request is free text and may say `--turns 20` itself, so only these words of it are options of ours.
_OWN_WORDS = {
    "ask": frozenset({"--json", "--published", "--cards", "-h", "--help"}),
    "parse": frozenset({"-h", "--help"}),
}


def _split_request(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The words that are for argparse, and those of the request; behind `--` all are the request's."""
    command, rest = arguments[0], arguments[1:]
    if command not in _OWN_WORDS:
        return arguments, []
    cut = rest.index("--") if "--" in rest else len(rest)
    own = [word for word in rest[:cut] if word.partition("=")[0] in _OWN_WORDS[command]]
    request = [word for word in rest[:cut] if word not in own]
    return [command, *own], [*request, *rest[cut + 1 :]]


def _ask(words: list[str], *, as_json: bool, published: bool, cards: str | None) -> None:
    from bot.answers import answer
    from bot.rates_cli import named_cards, rate_book

    catalogue, today = _catalogue(), _today()
    names = [name.strip() for name in (cards or "").split(",")]
    book = named_cards(catalogue, names) if cards else rate_book(catalogue)
    for number, request in enumerate(requests_of(words, catalogue, today)):
        reply = answer(request, book=book, catalogue=catalogue, today=today, published=published)
        if not as_json and number:
            print("\n" + "─" * _width() + "\n")
        _print_answer(reply, as_json=as_json, published=published)


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
    _print_answer(reply, as_json=as_json, published=False)


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
        raise UsageError(
            f"rates history takes one model, and `{joined(names)}` names none or several"
        )
    found = history(rate_book(catalogue), catalogue.get(request.models[0]), on=today)
    if as_json:
        _print_json(history_json(found))
    else:
        _print_view(history_view(found))


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
    from bot.formatting.review_view import (
        decided_text,
        decided_view,
        observation_json,
        waiting_view,
    )

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
        print(decided_text(observation, by_us=ours, who=observation.decided_by or "a check"))


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


def _print_answer(answer: "Answer", *, as_json: bool, published: bool) -> None:
    if as_json:
        from bot.formatting.as_json import answer_json

        _print_json(answer_json(answer, published=published))
        return
    from bot.formatting.views import view

    _print_view(view(answer, published=published))


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is no day; write it as 2026-05-16") from None


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

"""The same answers in a terminal: `rlcost ask`, its questions, `rates`, `shapes` and `models`; and `serve`, the bot in Slack.

Whatever is heavy is imported where it is used, so that `rlcost --help` is there at once.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import rates_commands
from bot.cli_parser import build_parser, joined_name, split_request
from bot.input import UsageError, catalogue_and_today, joined, requests_of
from bot.printing import print_answer, print_export, print_json, print_rule, print_view

if TYPE_CHECKING:
    from bot.answers import Answer

OK, FAULT, UNUSABLE, SOURCE_FAULT, INTERRUPTED = 0, 1, 2, 3, 130

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
    if not arguments[0].startswith("-") and arguments[0] not in parser.names:
        raise UsageError(_no_command(arguments))
    own, words = split_request(joined_name(arguments))
    options = parser.parse_args(own)
    match options.command:
        case "ask" | "compare" | "sweep" | "limits" | "solve" | "explain":
            _ask(words, options)
        case "parse":
            _parse(words)
        case "rates" | "rates history" | "rates check" | "rates review":
            return OK if rates_commands.do(options) else SOURCE_FAULT
        case "shapes":
            _shapes(options.prefix, as_json=options.json)
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


def _no_command(arguments: list[str]) -> str:
    """That a line begins with no command; what it says may be a request."""
    import shlex

    again = shlex.join(["rlcost", "ask", *arguments])
    return f"`{joined(arguments[:1])}` is no command: `{joined([again])}` asks about it, `rlcost --help` lists the commands"


def _ask(words: list[str], options: argparse.Namespace) -> None:
    from bot.answers import answer
    from bot.rates_cli import named_cards, rate_book

    form = _form(options, words)
    catalogue, today = catalogue_and_today()
    book = rate_book(catalogue)
    if options.cards is not None:
        book = named_cards(catalogue, _card_ids(options.cards))
    published = options.published
    for number, request in enumerate(requests_of(words, catalogue, today)):
        reply = answer(request, book=book, catalogue=catalogue, today=today, published=published)
        if form == "text" and number:
            print_rule()
        # *As csv* does what --csv does, but a text that has no figures is answered all the same.
        in_words = request.export if form == "text" else None
        if in_words is None or not print_export(reply, in_words):
            print_answer(reply, form=form, published=published)
        if options.png is not None:
            _draw(reply, options.png)


def _card_ids(text: str) -> list[str]:
    ids = [name.strip() for name in text.split(",") if name.strip()]
    if not ids:
        raise UsageError("--cards names no rate card; `rlcost ask --json` names those of an answer")
    return ids


def _form(options: argparse.Namespace, words: list[str]) -> str:
    """How an answer is printed. Raises UsageError for options that do not go together, or cannot be followed."""
    chosen = [form for form in ("json", "csv", "quote") if getattr(options, form)]
    if len(chosen) > 1:
        raise UsageError(
            f"--{chosen[0]} and --{chosen[1]} are two ways to print one answer: keep one"
        )
    form = chosen[0] if chosen else "text"
    if options.published and form in ("csv", "quote"):
        raise UsageError(
            f"--published puts a page beside the answer, and --{form} has no place for it: keep one"
        )
    if words[:1] == ["-"] and form in ("csv", "quote"):
        raise UsageError(f"--{form} is for one answer, and `-` asks for many: name the request")
    if options.png is not None and Path(options.png).suffix.lower() != ".png":
        raise UsageError(
            f"`{options.png}` is no name of a PNG file; end it in .png, such as --png sweep.png"
        )
    return form


def _draw(answer: "Answer", name: str) -> None:
    """The picture of a sweep. Raises UsageError for what has none, and for a name that cannot be written."""
    from bot.formatting.png import draw
    from bot.formatting.sweep_picture import picture
    from bot.verdicts import Swept

    file = Path(name)
    if not isinstance(answer.verdict, Swept):
        raise UsageError(f"{name} was not drawn: there is no sweep to draw")
    replaced = file.exists()
    try:
        draw(picture(answer), file)
    except OSError as error:
        raise UsageError(
            f"{name} cannot be written: {error.strerror or error}; name a file in a folder that is there"
        ) from error
    print(
        f"rlcost: the picture is in {name}{', in place of what was there' if replaced else ''}",
        file=sys.stderr,
    )


def _parse(words: list[str]) -> None:
    from bot.requests import as_json

    for request in requests_of(words, *catalogue_and_today()):
        print_json(as_json(request))


def _shapes(words: list[str], *, as_json: bool) -> None:
    """Raises UsageError for words with which no preset begins."""
    from bot.answers import answer
    from bot.rates_cli import rate_book
    from bot.requests import Intent, read

    catalogue, today = catalogue_and_today()
    said = joined(words)
    request = read(f"shapes {said}", catalogue, today=today)
    if request.intent is not Intent.SHAPES or request.problems:
        raise UsageError(f"no preset begins with `{said}`; `rlcost shapes` lists them all")
    reply = answer(request, book=rate_book(catalogue), catalogue=catalogue, today=today)
    print_answer(reply, form="json" if as_json else "text", published=False)


def _models(*, as_json: bool) -> None:
    catalogue, _ = catalogue_and_today()
    if as_json:
        print_json([model.model_dump(mode="json") for model in catalogue])
        return
    from bot.formatting.models_view import models_view

    print_view(models_view(catalogue))


def _serve(*, socket: bool) -> None:
    """Raises UsageError for a setting that is missing, wrong or refused, naming its variable."""
    import asyncio
    import logging

    from bot import logs
    from bot.app import serve
    from bot.assembly import StartError
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

    print_json(load_manifest())


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

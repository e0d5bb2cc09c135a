"""The same answers in a terminal: `rlcost ask`, its questions, `rates`, `shapes` and `models`; and `serve`, the bot in Slack.

Whatever is heavy is imported where it is used, so that `rlcost --help` is there at once.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from bot import ask_commands, rates_commands
from bot.cli_parser import build_parser, joined_name, split_request
from bot.input import UsageError, catalogue_and_today, joined, requests_of
from bot.printing import print_answer, print_json, print_view

if TYPE_CHECKING:
    pass

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
    ask_commands.refuse_picture(arguments)
    own, words = split_request(joined_name(arguments))
    options = parser.parse_args(own)
    match options.command:
        case "ask" | "compare" | "sweep" | "limits" | "solve" | "explain":
            ask_commands.ask(words, options)
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
            from bot.terminal_database import migrate

            print(migrate())
        case _:
            parser.error("name a command, such as ask, sweep, rates or serve")
    return OK


def _no_command(arguments: list[str]) -> str:
    """That a line begins with no command; what it says may be a request."""
    import shlex

    if ask_commands.is_about_saved_runs(arguments):
        from bot.formatting.help_view import SAVED_IN_SLACK

        return f"`{arguments[0]}` is no command here. {SAVED_IN_SLACK}"
    again = shlex.join(["rlcost", "ask", *arguments])
    return f"`{joined(arguments[:1])}` is no command: `{joined([again])}` asks about it, `rlcost --help` lists the commands"


def _parse(words: list[str]) -> None:
    from bot.requests import as_json

    for request in requests_of(words, *catalogue_and_today()):
        print_json(as_json(request))


def _shapes(words: list[str], *, as_json: bool) -> None:
    """Raises UsageError for words with which no preset begins."""
    from bot.answers import answer
    from bot.requests import Intent, read
    from bot.terminal_database import rate_book

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

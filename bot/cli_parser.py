"""Every command and option of the command line, and which words of a line belong to a request."""

import argparse
from collections.abc import Collection
from datetime import date
from typing import NoReturn

from bot.cli_examples import (
    ASK_EXAMPLES,
    CHECK_EXAMPLES,
    EXAMPLES,
    HISTORY_EXAMPLES,
    MANIFEST_EXAMPLES,
    MIGRATE_EXAMPLES,
    MODELS_EXAMPLES,
    PARSE_EXAMPLES,
    QUESTIONS,
    RATES_EXAMPLES,
    REVIEW_EXAMPLES,
    SERVE_EXAMPLES,
    SHAPES_EXAMPLES,
)
from bot.input import UsageError


class Parser(argparse.ArgumentParser):
    """A parser whose errors are sentences. `names` are those of the commands."""

    names: Collection[str] = ()

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` shows how")


def build_parser() -> Parser:
    """Every command and option; docs/commands.md lists the same."""
    parser = Parser(
        prog="rlcost",
        description="What RL rollouts cost on Tinker, Fireworks Serverless and Fireworks Dedicated.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="command", title="commands")
    _add_questions(commands)
    _add_rates(commands)
    _add_lists(commands)
    _add_bot(commands)
    parser.names = commands.choices
    return parser


def _add_questions(commands: "argparse._SubParsersAction[Parser]") -> None:
    """What is read as a request."""
    lines = "the request; `-` reads one a line from standard input"
    ask = _command(
        commands, "ask", "price a run that is described in words or as key=value", ASK_EXAMPLES
    )
    ask.add_argument("text", nargs="*", help=lines)
    _add_json(ask, "print the answer as one JSON object a line")
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
    _add_exports(ask)
    ask.set_defaults(png=None)
    for name, (does, examples) in QUESTIONS.items():
        question = _command(commands, name, does, examples)
        question.add_argument("text", nargs="*", help="the request, as with `ask`")
        _add_json(question, "print the answer as one JSON object")
        _add_exports(question)
        question.set_defaults(published=False, cards=None, png=None)
        if name == "sweep":
            question.add_argument(
                "--png", metavar="FILE", help="draw the sweep into a PNG file too"
            )
    parse = _command(commands, "parse", "show how a request is read, as JSON", PARSE_EXAMPLES)
    parse.add_argument("text", nargs="*", help=lines)


def _add_json(command: argparse.ArgumentParser, does: str) -> None:
    command.add_argument("--json", action="store_true", help=does)


def _add_exports(command: argparse.ArgumentParser) -> None:
    command.add_argument("--csv", action="store_true", help="print the answer as CSV")
    command.add_argument(
        "--quote", action="store_true", help="print the answer as a page of Markdown"
    )


def _add_rates(commands: "argparse._SubParsersAction[Parser]") -> None:
    """The rates, and what can be done with them beside listing them, whose names are two words."""
    rates = _command(
        commands, "rates", "list the rate cards in force, or those of a model", RATES_EXAMPLES
    )
    rates.add_argument("model", nargs="*", help="a model or a GPU type; everything if left out")
    rates.add_argument(
        "--as-of", type=_day, metavar="DAY", help="the cards of that day, such as 2026-05-16"
    )
    _add_json(rates, "print the answer as one JSON object")
    history = _command(
        commands, "rates history", "show each rate of a model over time", HISTORY_EXAMPLES
    )
    history.add_argument("model", nargs="+", help="a model")
    _add_json(history, "print the history as one JSON object")
    check = _command(
        commands, "rates check", "ask the sources of rates now, and record changes", CHECK_EXAMPLES
    )
    _add_json(check, "print the outcome as one JSON object")
    _add_review(commands)


def _add_review(commands: "argparse._SubParsersAction[Parser]") -> None:
    review = _command(
        commands,
        "rates review",
        "list the changes that wait for a decision, or decide",
        REVIEW_EXAMPLES,
    )
    review.add_argument(
        "decision",
        nargs="?",
        choices=("approve", "reject"),
        help="what to decide; without it they are listed",
    )
    review.add_argument("number", nargs="?", type=int, help="which change")
    review.add_argument(
        "--why",
        default="",
        metavar="TEXT",
        help="the reason, kept with the decision; may be left out",
    )
    review.add_argument(
        "--by", default="", metavar="NAME", help="who decides; whoever is logged in if left out"
    )
    review.add_argument(
        "--decided",
        action="store_true",
        help="list the last decisions and withdrawn claims instead",
    )
    _add_json(review, "print one JSON object")


def _add_lists(commands: "argparse._SubParsersAction[Parser]") -> None:
    """What there is to name in a request."""
    shapes = _command(
        commands, "shapes", "list the presets: episode shapes that were measured", SHAPES_EXAMPLES
    )
    shapes.add_argument(
        "prefix", nargs="*", help="how the names begin, such as swe-pro; all if left out"
    )
    _add_json(shapes, "print the answer as one JSON object")
    models = _command(commands, "models", "list the models that are covered", MODELS_EXAMPLES)
    _add_json(models, "print the models as one JSON list")


def _add_bot(commands: "argparse._SubParsersAction[Parser]") -> None:
    """What the bot in Slack needs."""
    serve = _command(commands, "serve", "answer in Slack until stopped", SERVE_EXAMPLES)
    serve.add_argument(
        "--socket",
        action="store_true",
        help="let Slack send over Socket Mode, where it cannot reach this machine",
    )
    _command(commands, "manifest", "print the Slack app's manifest as JSON", MANIFEST_EXAMPLES)
    _command(commands, "migrate", "bring the database up to date", MIGRATE_EXAMPLES)


def _command(
    commands: "argparse._SubParsersAction[Parser]", name: str, does: str, examples: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is no day; write it as 2026-05-16") from None


def joined_name(arguments: list[str]) -> list[str]:
    """The arguments with the two words of `rates check`, `rates review` or `rates history` as one name."""
    if (
        arguments[0] == "rates"
        and arguments[1:2]
        and arguments[1] in ("check", "review", "history")
    ):
        return [" ".join(arguments[:2]), *arguments[2:]]
    return arguments


# A request is free text and may say `--turns 20` itself, so only these words of it are options of ours.
_HELP = frozenset({"-h", "--help"})
_EXPORTS = _HELP | {"--json", "--csv", "--quote"}
_OWN_WORDS = {
    "ask": _EXPORTS | {"--published", "--cards"},
    "parse": _HELP,
    **dict.fromkeys(QUESTIONS, _EXPORTS),
    "sweep": _EXPORTS | {"--png"},
}
_WITH_VALUE = frozenset({"--cards", "--png"})


def split_request(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The words that are for argparse, and those of the request; behind `--` all are the request's."""
    command, rest = arguments[0], arguments[1:]
    if command not in _OWN_WORDS:
        return arguments, []
    cut = rest.index("--") if "--" in rest else len(rest)
    own, takes_next = [command], False
    request: list[str] = []
    for word in rest[:cut]:
        is_own = takes_next or word.partition("=")[0] in _OWN_WORDS[command]
        (own if is_own else request).append(word)
        takes_next = not takes_next and word in _WITH_VALUE and word in _OWN_WORDS[command]
    if command in QUESTIONS:
        request.insert(0, command)
    return own, [*request, *rest[cut + 1 :]]

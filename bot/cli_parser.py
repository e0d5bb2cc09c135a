"""Every command and option of the command line, and which words of a line belong to a request."""

import argparse
from datetime import date
from typing import NoReturn

from bot.input import UsageError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` shows how")


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
    _add_exports(ask)
    ask.set_defaults(png=None)
    for name, (does, examples) in _QUESTIONS.items():
        question = _command(commands, name, does, examples)
        question.add_argument("text", nargs="*", help="the request, as with `ask`")
        question.add_argument(
            "--json", action="store_true", help="print the answer as one JSON object"
        )
        _add_exports(question)
        question.set_defaults(published=False, cards=None, png=None)
        if name == "sweep":
            question.add_argument(
                "--png", metavar="FILE", help="draw the sweep into a PNG file too"
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


def _add_exports(command: argparse.ArgumentParser) -> None:
    command.add_argument("--csv", action="store_true", help="print the answer as CSV")
    command.add_argument(
        "--quote", action="store_true", help="print the answer as a page of Markdown"
    )


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
_QUESTIONS = {
    "compare": (
        "compare models at one shape, by the cheapest path of each",
        """\
examples:
  rlcost compare kimi-k2p6 gpt-oss-120b turns=20
  rlcost compare --csv
""",
    ),
    "sweep": (
        "price a run at several values of one field or two",
        """\
examples:
  rlcost sweep kimi-k2p6 turns=5..40
  rlcost sweep kimi-k2p6 turns=2..40 --png turns.png
""",
    ),
    "limits": (
        "show where dedicated costs what each other path costs",
        """\
examples:
  rlcost limits kimi-k2p6 turns=20
""",
    ),
    "solve": (
        "solve for episodes within a budget, turns at a crossover, or GPUs for a deadline",
        """\
examples:
  rlcost solve how many episodes kimi-k2p6 budget=10k
  rlcost solve at how many turns is dedicated cheaper than priority kimi-k2p6
  rlcost solve how many gpus kimi-k2p6 deadline=6h
""",
    ),
    "explain": (
        "show how each figure comes about",
        """\
examples:
  rlcost explain kimi-k2p6 turns=20
""",
    ),
}
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
    **dict.fromkeys(_QUESTIONS, _EXPORTS),
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
    if command in _QUESTIONS:
        request.insert(0, command)
    return own, [*request, *rest[cut + 1 :]]

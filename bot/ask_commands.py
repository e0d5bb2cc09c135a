"""`rlcost ask` and its questions: requests in, answers out in the form that is asked for.

Whatever is heavy is imported where it is used, so that a first answer is there soon.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.input import UsageError, catalogue_and_today, joined, requests_of
from bot.printing import print_answer, print_export, print_rule, print_view

if TYPE_CHECKING:
    from bot.answers import Answer
    from bot.requests import Request


def ask(words: list[str], options: argparse.Namespace) -> None:
    """Answer the requests that the words of a command line are. Raises UsageError for what cannot be followed."""
    from bot.answers import answer
    from bot.terminal_database import named_cards, rate_book

    form = _form(options, words)
    if form != "json" and is_about_saved_runs(words):
        _saved_in_slack(form)
        return
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
        in_words = _in_words(request) if form == "text" else None
        if in_words is None or not print_export(reply, in_words):
            print_answer(reply, form=form, published=published)
        if options.png is not None:
            _draw(reply, options.png)


def _in_words(request: "Request") -> str | None:
    """The form of a file that a text asks for. Raises UsageError for two, of which one output holds one."""
    from bot.requests.request import BOTH

    if request.export == BOTH:
        raise UsageError(
            "a CSV and a quote are two ways to print one answer: ask for one here; in Slack both are files"
        )
    return request.export


# The first words of what a Slack channel keeps.
_OF_SAVED_RUNS = frozenset({"save", "saved", "forget", "scenarios"})


def is_about_saved_runs(words: Sequence[str]) -> bool:
    """Whether a line is about the runs that Slack channels keep under names."""
    first, *_ = joined(words).lower().split(maxsplit=1) or [""]
    return first.removeprefix("/") in _OF_SAVED_RUNS


def _saved_in_slack(form: str) -> None:
    from bot.formatting.help_view import SAVED_IN_SLACK
    from bot.formatting.layout import View

    if form != "text":
        raise UsageError(f"there is nothing to export: {SAVED_IN_SLACK}")
    print_view(View(summary=SAVED_IN_SLACK))


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
    from bot.formatting.png import ChartsMissingError, draw
    from bot.formatting.sweep_picture import picture
    from bot.verdicts import Swept

    file = Path(name)
    if not isinstance(answer.verdict, Swept):
        raise UsageError(f"{name} was not drawn: there is no sweep to draw")
    replaced = file.exists()
    try:
        draw(picture(answer), file)
    except ChartsMissingError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(
            f"{name} cannot be written: {error.strerror or error}; name a file in a folder that is there"
        ) from error
    instead = ", in place of what was there" if replaced else ""
    sys.stderr.write(f"rlcost: the picture is in {name}{instead}\n")


def refuse_picture(arguments: list[str]) -> None:
    """Raises UsageError for --png beside another command than `sweep`, whose words it would be."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if own[0] != "sweep" and any(word.partition("=")[0] == "--png" for word in own):
        raise UsageError(
            "--png draws a sweep: `rlcost sweep kimi-k2p6 turns=5..40 --png turns.png` takes it, "
            f"and `rlcost {own[0]}` does not"
        )

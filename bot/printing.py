"""What the command line prints: an answer as text, JSON, CSV or a page, and how wide."""

import json
import os
import sys
from typing import TYPE_CHECKING

from bot.input import UsageError

if TYPE_CHECKING:
    from bot.answers import Answer
    from bot.formatting.layout import View

_WIDEST, _NARROWEST = 100, 60


def print_answer(answer: "Answer", *, form: str, published: bool) -> None:
    """An answer as `text`, `json`, `csv` or `quote`. Raises UsageError where there are no figures to export."""
    match form:
        case "json":
            from bot.formatting.as_json import answer_json

            print_json(answer_json(answer, published=published))
        case "csv" | "quote":
            if not print_export(answer, form):
                from bot.formatting.verdict_wording import verdict_text

                raise UsageError(f"there is nothing to export: {verdict_text(answer)}")
        case _:
            from bot.formatting.views import view

            print_view(view(answer, published=published))


def print_export(answer: "Answer", form: str) -> bool:
    """An answer as `csv` or `quote`. Returns whether it has figures to export."""
    if form == "csv":
        from bot.export import to_csv as exported
    else:
        from bot.formatting.quote import to_quote as exported
    text = exported(answer)
    sys.stdout.write(text)
    return bool(text)


def print_view(view: "View") -> None:
    from bot.formatting.text import render

    sys.stdout.write(f"{render(view, width=_width())}\n")


def print_json(value: object) -> None:
    """One line, at once: whoever reads may wait for it before it writes the next."""
    sys.stdout.write(f"{json.dumps(value, ensure_ascii=False, allow_nan=False)}\n")
    sys.stdout.flush()


def print_rule() -> None:
    """A line between two answers."""
    sys.stdout.write(f"\n{'─' * _width()}\n\n")


def _width() -> int:
    if not sys.stdout.isatty():
        return _WIDEST
    return min(_WIDEST, max(_NARROWEST, os.get_terminal_size(sys.stdout.fileno()).columns))

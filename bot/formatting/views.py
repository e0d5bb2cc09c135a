"""Answer -> view: what is said and in which order, as strings. Every rendering lays out the same view."""

from typing import assert_never

from bot.answers import Answer
from bot.formatting.estimate_view import estimate_sections
from bot.formatting.layout import Section, View
from bot.formatting.rates_view import rates_sections
from bot.formatting.verdict_wording import verdict_text
from bot.judged import Judged
from bot.verdicts import (
    Compared,
    DigestsInSlack,
    Explained,
    Helped,
    Limited,
    Listed,
    NotSwept,
    Refused,
    ShapesListed,
    Silent,
    Solved,
    Swept,
)


def view(answer: Answer, *, published: bool = False) -> View:
    """The view of an answer. `published` says of an estimate also that the published calculator had no figures."""
    return View(summary=verdict_text(answer), sections=_sections(answer, published=published))


def _sections(answer: Answer, *, published: bool) -> tuple[Section, ...]:
    match answer.verdict:
        case Judged():
            return tuple(estimate_sections(answer, published=published))
        case Listed():
            return tuple(rates_sections(answer))
        case ShapesListed():
            from bot.formatting.shapes_view import shapes_sections  # few ask for it

            return tuple(shapes_sections(answer))
        case Helped():
            from bot.formatting.help_view import help_sections  # few ask for it

            return tuple(help_sections())
        case Refused() | DigestsInSlack() | Silent():
            return ()
        case Compared() | Swept() | NotSwept() | Limited() | Solved() | Explained():
            from bot.formatting.questions import question_sections  # most answers are estimates

            return tuple(question_sections(answer))
        case _:
            assert_never(answer.verdict)

"""The questions beside an estimate: which module words each, and what it adds to the JSON."""

from collections.abc import Iterable
from typing import Any

from bot.answers import Answer, ModelAnswer
from bot.formatting import (
    comparison_verdict,
    comparison_view,
    limits_view,
    limits_wording,
    solve_view,
    sweep_verdict,
    sweep_view,
    working_view,
)
from bot.formatting.layout import Section
from bot.verdicts import Compared, Explained, Limited, NotSwept, Solved, Swept


def question_text(answer: Answer) -> str:
    """The verdict in one or two sentences with the numbers."""
    match answer.verdict:
        case Compared():
            return comparison_verdict.comparison_text(answer)
        case Swept() | NotSwept():
            return sweep_verdict.sweep_text(answer)
        case Limited():
            return limits_wording.limits_text(answer)
        case Solved():
            return solve_view.solve_text(answer)
        case Explained():
            return working_view.working_text(answer)
        case _:
            raise TypeError(f"{type(answer.verdict).__name__} is worded elsewhere")


def question_sections(answer: Answer) -> Iterable[Section]:
    """The parts of the answer."""
    match answer.verdict:
        case Compared():
            return comparison_view.comparison_sections(answer)
        case Swept():
            return sweep_view.sweep_sections(answer)
        case Limited():
            return limits_view.limits_sections(answer)
        case Solved():
            return solve_view.solve_sections(answer)
        case Explained():
            return working_view.working_sections(answer)
        case _:
            return ()


def question_json(answer: Answer, entry: ModelAnswer) -> dict[str, Any]:
    """What the question adds to a model's entry in JSON."""
    match answer.verdict:
        case Compared():
            return comparison_view.comparison_json(answer, entry)
        case Swept():
            return sweep_view.sweep_json(answer, entry)
        case Limited():
            return limits_view.limits_json(answer, entry)
        case Solved():
            return solve_view.solve_json(answer, entry)
        case Explained():
            return working_view.working_json(answer, entry)
        case _:
            return {}

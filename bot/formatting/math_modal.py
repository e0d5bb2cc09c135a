"""The working as a window; windows hold no tables, so it is lines."""

from collections.abc import Iterator

from bot.answers import Answer
from bot.formatting.blocks import Block, header, lines_block, plain, rich_text
from bot.formatting.fit import fit_view
from bot.formatting.layout import Section, Sourced
from bot.formatting.math_view import math_view


def math_modal(answer: Answer) -> Block:
    """`Show the math`: formula, numbers put in, result and rate card of each path."""
    view = math_view(answer)
    parts = [header(view.summary)]
    for section in view.sections:
        parts += _worked(section)
    return fit_view(
        {"type": "modal", "title": plain("The math"), "close": plain("Close"), "blocks": parts}
    )


def _worked(section: Section) -> Iterator[Block]:
    """The steps at reading size, and where the rates are from below them."""
    steps = [line for line in section.lines if not isinstance(line, Sourced)]
    yield rich_text(*steps, title=section.title)
    sources = tuple(line for line in section.lines if isinstance(line, Sourced))
    if sources:
        yield lines_block(Section(lines=sources))

"""View -> text, for a terminal and wherever a native table is refused."""

import textwrap
from collections.abc import Iterator

from bot.formatting.layout import Line, Section, Sourced, Table, View
from bot.formatting.wording import source_name

WIDTH = 100


def render(view: View, *, width: int = WIDTH) -> str:
    """The view as lines no wider than `width`; tables keep the width of their cells."""
    blocks = [
        _wrapped(view.summary, width=width),
        *(_section(s, width=width) for s in view.sections),
    ]
    return "\n\n".join(block for block in blocks if block)


def _section(section: Section, *, width: int) -> str:
    lines = [section.title] if section.title else []
    if section.table:
        table = table_text(section.table)
        lines += ["", table] if section.title else [table]
    if section.steps:
        from bot.formatting.step_chart import drawn  # only the history of rates has one

        lines += [*([""] if lines else []), drawn(section.steps, width=width)]
    lines += _facts(section, width=width)
    bullet = "· " if section.title else ""
    lines += [_wrapped(_words(line), width=width, first=bullet) for line in section.lines]
    return "\n".join(lines)


def _words(line: Line) -> str:
    if not isinstance(line, Sourced):
        return line
    page = source_name(line.url)
    return f"{line.text} ({page})" if line.text else page


def _facts(section: Section, *, width: int) -> Iterator[str]:
    """Labels in a column, their text beside them."""
    column = max((len(label) for label, _ in section.facts), default=0) + 2
    for label, text in section.facts:
        yield _wrapped(text, width=width, first=label.ljust(column))


def _wrapped(text: str, *, width: int, first: str = "") -> str:
    return textwrap.fill(
        text,
        width=width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def table_text(table: Table) -> str:
    """A table whose columns line up in any font of one width."""
    from tabulate import tabulate

    align = ["right" if column in table.numeric else "left" for column in range(len(table.header))]
    return tabulate(
        [[str(cell) for cell in row] for row in table.rows],
        headers=table.header,
        tablefmt="simple",
        colalign=align,
        headersglobalalign=None,
        disable_numparse=True,
    )

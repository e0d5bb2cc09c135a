"""The one place where Slack's limits are kept: blocks go in, blocks that Slack takes come out, and what was cut is said.

Nothing that rlcost answers today is cut but a long list of rate cards; the rest guards against what tomorrow's answers say.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.formatting import limits
from bot.formatting.blocks import Block, context
from bot.formatting.wording import plural

_CUT = "…"


def fit_text(text: str, most: int = limits.MESSAGE_TEXT) -> str:
    """A text of at most so many characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + _CUT


def fit_message(blocks: Iterable[Block]) -> list[Block]:
    """Blocks of a message within every limit. Rows that do not fit are left out, and a line below says how many."""
    budget = _Budget(
        cells=limits.DATA_TABLE_CHARACTERS,
        text=limits.BLOCKS_TEXT - _ROOM_FOR_REMARKS,
        json=limits.BLOCKS_JSON - _ROOM_FOR_BUTTONS,
    )
    return _fit(blocks, budget, limits.MESSAGE_BLOCKS)


def fit_view(view: Block) -> Block:
    """A modal or Home view within its limits."""
    most = limits.BLOCKS_JSON  # nothing is documented for views
    budget = _Budget(cells=limits.DATA_TABLE_CHARACTERS, text=most, json=most)
    return {**view, "blocks": _fit(view["blocks"], budget, limits.VIEW_BLOCKS)}


# What all buttons of a reply come to as JSON, each carrying its request, and the braces around.
_ROOM_FOR_BUTTONS = 12_000
# What says that rows, lines and parts were cut.
_ROOM_FOR_REMARKS = 1_000

_CLOSING = ("actions", "context_actions")


@dataclass(slots=True)
class _Budget:
    """Characters that are left: in the cells of all tables, in the texts of all blocks, and as JSON."""

    cells: int
    text: int
    json: int
    lines_left_out: int = 0

    def spend(self, block: object, *, text: int) -> None:
        self.text -= text
        self.json -= _as_json(block)


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _as_json(block: object) -> int:
    return len(_encode(block))


def _fit(blocks: Iterable[Block], budget: _Budget, most: int) -> list[Block]:
    fitted = [part for block in blocks for part in _fitted(block, budget)]
    if budget.lines_left_out:
        remark = context(f"{plural(budget.lines_left_out, 'more line')} did not fit here.")
        at = next((at for at, b in enumerate(fitted) if b["type"] in _CLOSING), len(fitted))
        fitted.insert(at, remark)
    return _at_most(fitted, most)


def _fitted(block: Block, budget: _Budget) -> Iterator[Block]:
    match block["type"]:
        case "data_table":
            yield from _table(block, budget)
        case "data_visualization":
            yield from _chart(block, budget)
        case "context":
            yield from _context(block, budget)
        case "rich_text":
            yield from _rich(block, budget)
        case "actions":
            yield _actions(block)
        case _:
            yield block


def _table(block: Block, budget: _Budget) -> Iterator[Block]:
    """As many rows as fit, and a line that says so."""
    header, *rows = block["rows"]
    kept = [header]
    used, size = _cells(header), _as_json(header) + len("[]")
    for row in rows[: limits.DATA_TABLE_ROWS]:
        cells, text = used + _cells(row), size + _as_json(row) + len(", ")
        if cells > min(budget.cells, budget.text) or text > budget.json:
            break
        kept.append(row)
        used, size = cells, text
    shown = len(kept) - 1
    budget.cells -= used
    budget.text -= used
    budget.json -= size
    if shown:
        caption = fit_text(block["caption"], limits.DATA_TABLE_CAPTION)
        yield {**block, "caption": caption, "rows": kept, "page_size": shown}
    if shown < len(rows):
        remark = f"{shown:,} of {len(rows):,} rows fit here. {_FEWER}"
        budget.spend(remark, text=len(remark))
        yield context(remark)


def _chart(block: Block, budget: _Budget) -> Iterator[Block]:
    """Titles and labels cut where they are too long; the table beside it has them whole.

    Bars that the cut would make alike are not drawn.
    """
    chart = block["chart"]
    axes = chart["axis_config"]
    labels = {label: fit_text(label, limits.CHART_LABEL) for label in axes["categories"]}
    if len(set(labels.values())) < len(labels):
        return
    series = [
        {
            "name": fit_text(one["name"], limits.CHART_LABEL),
            "data": [{**point, "label": labels[point["label"]]} for point in one["data"]],
        }
        for one in chart["series"]
    ]
    axis = {"categories": list(labels.values())} | {
        name: fit_text(axes[name], limits.CHART_AXIS_LABEL)
        for name in ("x_label", "y_label")
        if name in axes
    }
    fitted = {
        **block,
        "title": fit_text(block["title"], limits.CHART_TITLE),
        "chart": {**chart, "series": series, "axis_config": axis},
    }
    budget.spend(fitted, text=0)
    yield fitted


def _actions(block: Block) -> Block:
    """Buttons with labels that fit; what a press carries is never cut."""
    elements = [
        {**e, "text": {**e["text"], "text": fit_text(e["text"]["text"], limits.BUTTON_TEXT)}}
        for e in block["elements"]
    ]
    return {**block, "elements": elements}


_FEWER = "Ask for one model, or in a terminal, to see the rest."


def _cells(row: list[Block]) -> int:
    return sum(len(cell["text"]) for cell in row)


def _context(block: Block, budget: _Budget) -> Iterator[Block]:
    """Long texts go on in a further block, cut between lines; lines beyond what all blocks may say are counted."""
    pieces = [
        piece
        for element in block["elements"]
        for piece in _split(_lines_within(element["text"], budget), limits.SECTION_TEXT)
    ]
    for at in range(0, len(pieces), limits.CONTEXT_ELEMENTS):
        yield context(*pieces[at : at + limits.CONTEXT_ELEMENTS])


def _lines_within(text: str, budget: _Budget) -> str:
    """The first lines of a text, as many as fit."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        shown = fit_text(line, limits.SECTION_TEXT)
        if len(shown) >= budget.text or _as_json(shown) >= budget.json:
            budget.lines_left_out += len(lines) - at
            return "\n".join(lines[:at])
        budget.spend(shown, text=len(shown) + 1)
    return text


def _split(text: str, most: int) -> Iterator[str]:
    piece = ""
    for line in text.split("\n"):
        line = fit_text(line, most)
        if piece and len(piece) + 1 + len(line) > most:
            yield piece
            piece = line
        else:
            piece = f"{piece}\n{line}" if piece else line
    if piece:
        yield piece


def _rich(block: Block, budget: _Budget) -> Iterator[Block]:
    """Rich text within what all blocks may say; the last that fits ends in an ellipsis."""
    elements = []
    for part in block["elements"]:
        texts = []
        for element in part["elements"]:
            if min(budget.text, budget.json) <= 0:
                break
            budget.json -= _as_json(element)
            if "text" in element:  # a channel or a person has none
                element = {**element, "text": fit_text(element["text"], budget.text)}
                budget.text -= len(element["text"])
            texts.append(element)
        if texts:
            elements.append({**part, "elements": texts})
    if elements:
        yield {**block, "elements": elements}


def _at_most(blocks: list[Block], most: int) -> list[Block]:
    """So many blocks; what stands last, the buttons, stays, and what is cut before it is said."""
    if len(blocks) <= most:
        return blocks
    closing = [block for block in blocks if block["type"] in _CLOSING]
    room = most - len(closing) - 1
    opening = [block for block in blocks if block not in closing][:room]
    left_out = len(blocks) - len(opening) - len(closing)
    return [*opening, context(f"{left_out:,} more parts did not fit here."), *closing]

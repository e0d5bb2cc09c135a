"""Channels and people that a reply itself names: live where we name them, and nowhere else.

Sentences write them as Slack does, `<#C1>` and `<@U1>`. Whatever somebody typed stays dead text, since only the ids that
the reply gives are brought to life.
"""

import re
from collections.abc import Collection, Iterator

from bot.formatting.blocks import Block, escaped

_REFERENCE = re.compile(r"<([#@])([A-Z0-9]+)>")
_ELEMENTS = {"#": ("channel", "channel_id"), "@": ("user", "user_id")}


def live_text(text: str, refers: Collection[str]) -> str:
    """Escaped text in which the references of these ids are live again."""
    for sign in _ELEMENTS:
        for each in refers:
            text = text.replace(escaped(f"<{sign}{each}>"), f"<{sign}{each}>")
    return text


def live(block: Block, refers: Collection[str]) -> Block:
    """A block in which the references of these ids are live: as elements of rich text, and in mrkdwn."""
    if not refers:
        return block
    if block.get("type") == "mrkdwn":
        return block | {"text": live_text(block["text"], refers)}
    out = dict(block)
    for name in ("elements", "text"):
        inner = block.get(name)
        if isinstance(inner, list):
            out[name] = [each for element in inner for each in _lively(element, refers)]
        elif isinstance(inner, dict):
            out[name] = live(inner, refers)
    return out


def _lively(element: Block, refers: Collection[str]) -> Iterator[Block]:
    if element.get("type") == "text" and not element.get("style", {}).get("code"):
        yield from _split(element, refers)
    else:
        yield live(element, refers)


def _split(element: Block, refers: Collection[str]) -> Iterator[Block]:
    """A text element as text before, reference, text behind, and so on."""
    text, at = element["text"], 0
    for match in _REFERENCE.finditer(text):
        if match[2] not in refers:
            continue
        if match.start() > at:
            yield element | {"text": text[at : match.start()]}
        kind, name = _ELEMENTS[match[1]]
        style = {"style": element["style"]} if "style" in element else {}
        yield {"type": kind, name: match[2]} | style
        at = match.end()
    if at < len(text):
        yield element | {"text": text[at:]}

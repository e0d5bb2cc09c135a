"""What Slack refuses of blocks, messages and views, told as (pointer, message).

Independent of the app's own rendering: it is written from Slack's published rules, and holds
whatever is stricter where those disagree.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from tests.fake_slack import limits
from tests.fake_slack.data_blocks import DATA_TABLE, DATA_VISUALIZATION, TABLE
from tests.fake_slack.elements import (
    BUTTON,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    any_text,
    in_context,
    plain_text,
)
from tests.fake_slack.rich_text import BLOCK_ID, RICH_TEXT
from tests.fake_slack.shapes import (
    Check,
    Fault,
    Json,
    Object,
    all_of,
    array,
    at_least_one,
    flag,
    one_of,
    shape,
    text,
    typed,
)

Surface = Literal["message", "modal", "home"]

NOT_IN: Mapping[Surface, frozenset[str]] = {
    "message": frozenset({"alert"}),
    "modal": frozenset(
        "carousel container context_actions data_table data_visualization markdown plan table"
        " task_card".split()
    ),
    "home": frozenset("alert context_actions markdown plan task_card".split()),
}

RICH = typed({"rich_text": RICH_TEXT}, what="rich_text")


def block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A block of its own fields; any may have a block_id."""
    return shape(required, {**BLOCK_ID, **(optional or {})})


def mrkdwn(maximum: int) -> Check:
    """A text object in Slack's markup."""
    return typed({"mrkdwn": shape({"text": text(maximum, 1)}, {"verbatim": flag})}, what="mrkdwn")


CARD = all_of(
    block(
        {},
        {
            "title": mrkdwn(limits.CARD_TITLE_MAX_LENGTH),
            "subtitle": mrkdwn(limits.CARD_SUBTITLE_MAX_LENGTH),
            "body": mrkdwn(limits.CARD_BODY_MAX_LENGTH),
            "subtext": mrkdwn(limits.CARD_SUBTEXT_MAX_LENGTH),
            "icon": IMAGE,
            "hero_image": IMAGE,
            "actions": array(
                typed({"button": BUTTON}, what="button"), limits.CARD_ACTIONS_MAX_ITEMS
            ),
        },
    ),
    at_least_one("hero_image", "title", "actions", "body"),
)
TASK_CARD = block(
    {
        "task_id": text(minimum=1),
        "title": text(minimum=1),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    {
        "details": RICH,
        "output": RICH,
        "sources": array(
            typed({"url": shape({"url": text(minimum=1), "text": text(minimum=1)})}, what="source")
        ),
    },
)


def is_under_way(value: Object, at: str) -> Iterator[Fault]:
    """A task card that stands alone has begun."""
    if value["status"] == "pending":
        yield Fault(f"{at}/status", "a lone task_card may not be pending")


def image_block(value: Json, at: str) -> Iterator[Fault]:
    """An image of its own, which may have a title where one beside a text may not."""
    own = {"title": plain_text(limits.IMAGE_TITLE_MAX_LENGTH), **BLOCK_ID}
    for name in own.keys() & value.keys():
        yield from own[name](value[name], f"{at}/{name}")
    rest = {name: each for name, each in value.items() if name not in own}
    yield from IMAGE({**rest, "type": "image"}, at)


PLAIN_BLOCKS: Mapping[str, Check] = {
    "actions": block({"elements": array(IN_ACTIONS, limits.ACTIONS_ELEMENTS_MAX_ITEMS)}),
    "context": block({"elements": array(in_context, limits.CONTEXT_ELEMENTS_MAX_ITEMS)}),
    "divider": block({}),
    "header": block({"text": plain_text(limits.HEADER_TEXT_MAX_LENGTH)}),
    "image": image_block,
    "input": block(
        {"label": plain_text(limits.INPUT_LABEL_MAX_LENGTH), "element": IN_INPUT},
        {
            "hint": plain_text(limits.INPUT_HINT_MAX_LENGTH),
            "optional": flag,
            "dispatch_action": flag,
        },
    ),
    "rich_text": RICH_TEXT,
    "section": all_of(
        block(
            {},
            {
                "text": any_text(limits.SECTION_TEXT_MAX_LENGTH),
                "fields": array(
                    any_text(limits.SECTION_FIELDS_ITEM_MAX_LENGTH), limits.SECTION_FIELDS_MAX_ITEMS
                ),
                "accessory": IN_SECTION,
                "expand": flag,
            },
        ),
        at_least_one("text", "fields"),
    ),
    "table": TABLE,
}
BLOCKS: Mapping[str, Check] = {
    **PLAIN_BLOCKS,
    "alert": block(
        {"text": any_text(limits.ALERT_TEXT_MAX_LENGTH)},
        {"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "card": CARD,
    "carousel": block(
        {"elements": array(typed({"card": CARD}, what="card"), limits.CAROUSEL_ELEMENTS_MAX_ITEMS)}
    ),
    "container": block(
        {
            "child_blocks": array(
                typed(PLAIN_BLOCKS, what="child of a container"),
                limits.CONTAINER_CHILD_BLOCKS_MAX_ITEMS,
            )
        },
        {
            "title": plain_text(limits.CONTAINER_TITLE_MAX_LENGTH),
            "rich_text_title": RICH,
            "subtitle": any_text(limits.CONTAINER_SUBTITLE_MAX_LENGTH),
            "icon": IMAGE,
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
            "width": one_of("narrow", "standard", "wide", "full"),
        },
    ),
    "context_actions": block(
        {"elements": array(IN_CONTEXT_ACTIONS, limits.CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS)}
    ),
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "markdown": block({"text": text(limits.MARKDOWN_TEXT_MAX_LENGTH, 1)}),
    "plan": block(
        {"title": text(minimum=1)},
        {"tasks": array(typed({"task_card": TASK_CARD}, what="task"), limits.PLAN_TASKS_MAX_ITEMS)},
    ),
    "task_card": all_of(TASK_CARD, is_under_way),
}
BLOCK = typed(BLOCKS, what="block")


def objects_in(value: Json) -> Iterator[Object]:
    """Every object in a payload, however deep."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from objects_in(each)


def block_faults(blocks: Json, surface: Surface, at: str = "") -> Iterator[Fault]:
    """What is wrong with the blocks of a surface, each by itself and all together."""
    most = limits.MESSAGE_BLOCKS_MAX_ITEMS if surface == "message" else limits.VIEW_BLOCKS_MAX_ITEMS
    faults = list(array(BLOCK, most, minimum=0)(blocks, at))
    yield from faults
    if not isinstance(blocks, list):
        return
    for index, each in enumerate(blocks):
        kind = each.get("type") if isinstance(each, dict) else None
        if isinstance(kind, str) and kind in NOT_IN[surface]:
            yield Fault(f"{at}/{index}/type", f"unsupported type: {kind} in a {surface}")
    if not faults:
        yield from twice_over(blocks, at)
        yield from too_much(blocks, at)


def twice_over(blocks: list[Object], at: str) -> Iterator[Fault]:
    """Names that must be unique and are not."""
    ids = Counter(each["block_id"] for each in blocks if "block_id" in each)
    for name, times in ids.items():
        if times > 1:
            yield Fault(at, f"block_id {name!r} stands {times} times")
    for index, each in enumerate(blocks):
        actions = Counter(inner["action_id"] for inner in objects_in(each) if "action_id" in inner)
        for name, times in actions.items():
            if times > 1:
                yield Fault(f"{at}/{index}", f"action_id {name!r} stands {times} times")


def too_much(blocks: list[Object], at: str) -> Iterator[Fault]:
    """More tables, charts or text of a kind than one surface may have."""
    kinds = Counter(each.get("type") for each in objects_in(blocks))
    if kinds["table"] > limits.TABLES_MAX_ITEMS:
        yield Fault(at, f"only {limits.TABLES_MAX_ITEMS} table allowed")
    if kinds["data_visualization"] > limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS:
        yield Fault(
            at,
            f"no more than {limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS} data_visualization allowed",
        )
    budgets: tuple[tuple[str, Callable[[Object], Json], int], ...] = (
        ("data_table", lambda table: table["rows"], limits.DATA_TABLE_TOTAL_CONTENT_MAX_LENGTH),
        ("markdown", lambda markdown: [markdown], limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH),
    )
    for kind, content, most in budgets:
        size = sum(text_length(content(each)) for each in blocks if each["type"] == kind)
        if size > most:
            yield Fault(at, f"{size} characters of {kind}, more than {most}")


TEXT_KEYS = frozenset({"text", "caption", "title", "label", "name", "alt_text"})


def text_length(value: Json) -> int:
    """The characters of a payload that a reader sees or hears."""
    return sum(
        len(each)
        for found in objects_in(value)
        for key, each in found.items()
        if key in TEXT_KEYS and isinstance(each, str)
    )


def message_faults(message: Object) -> list[Fault]:
    """What is wrong with the blocks of a message."""
    return list(block_faults(message.get("blocks") or [], "message", "/blocks"))


ANY_VIEW: Mapping[str, Check] = {
    "private_metadata": text(limits.VIEW_PRIVATE_METADATA_MAX_LENGTH),
    "callback_id": text(limits.VIEW_CALLBACK_ID_MAX_LENGTH),
    "external_id": text(limits.VIEW_EXTERNAL_ID_MAX_LENGTH),
}
LISTED: Mapping[str, Check] = {"blocks": array(lambda _value, _at: iter(()))}
VIEWS = typed(
    {
        "home": shape(LISTED, ANY_VIEW),
        "modal": shape(
            {**LISTED, "title": plain_text(limits.VIEW_TITLE_MAX_LENGTH)},
            {
                **ANY_VIEW,
                "submit": plain_text(limits.VIEW_SUBMIT_MAX_LENGTH),
                "close": plain_text(limits.VIEW_CLOSE_MAX_LENGTH),
                "clear_on_close": flag,
                "notify_on_close": flag,
                "submit_disabled": flag,
            },
        ),
    },
    what="view",
)


def view_faults(view: Json) -> list[Fault]:
    """What is wrong with a modal or a Home tab."""
    faults = list(VIEWS(view, ""))
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return faults
    blocks = view.get("blocks", [])
    faults += block_faults(blocks, view["type"], "/blocks")
    inputs = [each for each in objects_in(blocks) if each.get("type") == "input"]
    if view["type"] == "modal" and inputs and "submit" not in view:
        faults.append(Fault("/submit", "a modal with input blocks needs a submit button"))
    if sum(each.get("focus_on_load") is True for each in objects_in(blocks)) > 1:
        faults.append(Fault("/blocks", "only one element may have focus_on_load"))
    if len(json.dumps(view).encode()) > limits.VIEW_MAX_BYTES:
        faults.append(Fault("", "view_too_large"))
    return faults

"""What a person does with the elements of a message or a form, as Slack reports it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal, InvalidOperation

from tests.fake_slack.blocks import objects_in
from tests.fake_slack.elements import options_of
from tests.fake_slack.shapes import Json, Object

# How an element that holds a plain value calls it, and how it calls what stands there at first.
PLAIN = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "file_input": ("files", ""),
}
ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons"})
SEVERAL_OPTIONS = frozenset({"multi_static_select", "checkboxes"})
HOLDS_STATE = ONE_OPTION | SEVERAL_OPTIONS | PLAIN.keys()
ACTED_ON = HOLDS_STATE | {"button", "overflow", "icon_button", "feedback_buttons"}


class CannotDoError(AssertionError):
    """A person could not do this in Slack."""


def with_ids(blocks: list[Object]) -> list[Object]:
    """Blocks as Slack keeps them: each block and each element named, by Slack where not by the app."""
    named = deepcopy(blocks)
    for number, block in enumerate(named):
        block.setdefault("block_id", f"auto{number}")
        for place, element in enumerate(objects_in(block)):
            if element.get("type") in ACTED_ON:
                element.setdefault("action_id", f"auto{place}")
    return named


def elements_in(blocks: list[Object]) -> Iterator[tuple[Object, Object]]:
    """Every element that a person can act on, with its block."""
    for block in blocks:
        children = block.get("child_blocks")
        if children:
            yield from elements_in(children)
            continue
        for element in objects_in(block):
            if element.get("type") in ACTED_ON:
                yield block, element


def find(blocks: list[Object], action_id: str, block_id: str | None) -> tuple[Object, Object]:
    """The one element that a person means."""
    found = [
        (block, element)
        for block, element in elements_in(blocks)
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if len(found) != 1:
        there = [(block["block_id"], each["action_id"]) for block, each in elements_in(blocks)]
        raise CannotDoError(f"{len(found)} elements are called {action_id!r}; there are {there}")
    return found[0]


def chosen_option(element: Object, value: str) -> Object:
    """The choice with a value, which has to be there to be chosen."""
    if element["type"] == "external_select":
        return {"text": {"type": "plain_text", "text": value}, "value": value}
    for option in options_of(element):
        if option["value"] == value:
            return option
    values = [option["value"] for option in options_of(element)]
    raise CannotDoError(f"{value!r} is no choice of {element['action_id']!r}: {values}")


def initial(element: Object) -> Object:
    """What an element holds before anybody touches it."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in SEVERAL_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    name, first = PLAIN[kind]
    return {"type": kind, name: element.get(first, [] if name.endswith("s") else None)}


def filled(element: Object, value: Json) -> Object:
    """What an element holds when a person has put something in; None empties it."""
    kind = element["type"]
    if kind in ONE_OPTION:
        chosen = None if value is None else chosen_option(element, value)
        return {"type": kind, "selected_option": chosen}
    if kind in SEVERAL_OPTIONS:
        return {"type": kind, "selected_options": [chosen_option(element, v) for v in value or []]}
    held = str(value) if kind == "number_input" and value is not None else value
    return {"type": kind, PLAIN[kind][0]: held}


def state_of(blocks: list[Object], values: Mapping[str, Json]) -> Object:
    """The state of a form, with what a person changed, by block."""
    state: dict[str, Object] = {}
    unused = set(values)
    for block, element in elements_in(blocks):
        if element["type"] not in HOLDS_STATE:
            continue
        block_id = block["block_id"]
        unused.discard(block_id)
        held = filled(element, values[block_id]) if block_id in values else initial(element)
        state.setdefault(block_id, {})[element["action_id"]] = held
    if unused:
        raise CannotDoError(f"the form has no {sorted(unused)}, only {sorted(state)}")
    return {"values": state}


def check_submission(blocks: list[Object], state: Object) -> None:
    """Hold back a form that Slack itself would not send off."""
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        held = state["values"][block["block_id"]][element["action_id"]]
        content = next(value for name, value in held.items() if name != "type")
        if content in (None, "", []):
            if not block.get("optional"):
                raise CannotDoError(f"{block['block_id']!r} must be filled in")
        elif element["type"] == "number_input":
            check_number(block["block_id"], element, content)
        elif element["type"] == "plain_text_input":
            check_length(block["block_id"], element, content)


def check_number(name: str, element: Object, content: str) -> None:
    """A number field takes numbers within its bounds only."""
    try:
        value = Decimal(content)
    except InvalidOperation:
        raise CannotDoError(f"{name!r} takes numbers, not {content!r}") from None
    if not element["is_decimal_allowed"] and value % 1:
        raise CannotDoError(f"{name!r} takes whole numbers, not {content}")
    low, high = element.get("min_value", content), element.get("max_value", content)
    if not Decimal(low) <= value <= Decimal(high):
        raise CannotDoError(f"{name!r} takes {low} to {high}, not {content}")


def check_length(name: str, element: Object, content: str) -> None:
    """A text field takes as much as it says."""
    low, high = element.get("min_length", 0), element.get("max_length", len(content))
    if not low <= len(content) <= high:
        raise CannotDoError(f"{name!r} takes {low} to {high} characters, not {len(content)}")


def acted(block: Object, element: Object, choice: Json, ts: str) -> Object:
    """One entry of `actions`: what a person did to an element."""
    kind = element["type"]
    action: Object = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    if kind == "feedback_buttons":
        return action | pressed_feedback(element, choice)
    if kind in ("button", "icon_button"):
        kept = {
            name: element[name] for name in ("text", "value", "style", "url") if name in element
        }
        return action | kept
    if kind == "overflow":
        return action | {"selected_option": chosen_option(element, choice)}
    return action | filled(element, choice)


def pressed_feedback(element: Object, choice: Json) -> Object:
    """Which of the two feedback buttons was pressed."""
    if choice not in ("positive", "negative"):
        raise CannotDoError("feedback is 'positive' or 'negative'")
    button = element[f"{choice}_button"]
    return {"text": button["text"], "value": button["value"]}

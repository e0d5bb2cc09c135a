"""What may stand inside blocks: texts, options, buttons, menus, inputs and rich text."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from tests.fake_slack import limits
from tests.fake_slack.shapes import (
    Check,
    Fault,
    Json,
    Object,
    all_of,
    array,
    at_least_one,
    exactly_one,
    flag,
    matching,
    number,
    one_of,
    shape,
    text,
    typed,
)


def plain_text(maximum: int) -> Check:
    """A text object that is shown as it stands."""
    return typed(
        {"plain_text": shape({"text": text(maximum, 1)}, {"emoji": flag})}, what="plain_text"
    )


def any_text(maximum: int) -> Check:
    """A text object, plain or in Slack's markup."""
    return typed(
        {
            "plain_text": shape({"text": text(maximum, 1)}, {"emoji": flag}),
            "mrkdwn": shape({"text": text(maximum, 1)}, {"verbatim": flag}),
        },
        what="text object",
    )


ACTION_ID = text(limits.ACTION_ID_MAX_LENGTH, 1)
STYLE = one_of("primary", "danger")
ID_LIST = array(text(), minimum=0)
CONFIRM = shape(
    {
        "title": plain_text(limits.CONFIRMATION_TITLE_MAX_LENGTH),
        "text": any_text(limits.CONFIRMATION_TEXT_MAX_LENGTH),
        "confirm": plain_text(limits.CONFIRMATION_CONFIRM_MAX_LENGTH),
        "deny": plain_text(limits.CONFIRMATION_DENY_MAX_LENGTH),
    },
    {"style": STYLE},
)


def option(label: Check) -> Check:
    """One choice of a menu, with the label that the menu allows."""
    return shape(
        {"text": label, "value": text(limits.OPTION_VALUE_MAX_LENGTH, 1)},
        {
            "description": plain_text(limits.OPTION_DESCRIPTION_MAX_LENGTH),
            "url": text(limits.OPTION_URL_MAX_LENGTH),
        },
    )


PLAIN_OPTION = option(plain_text(limits.OPTION_TEXT_MAX_LENGTH))
ANY_OPTION = option(any_text(limits.OPTION_TEXT_MAX_LENGTH))
OPTION_GROUP = shape(
    {
        "label": plain_text(limits.OPTION_GROUP_LABEL_MAX_LENGTH),
        "options": array(PLAIN_OPTION, limits.OPTION_GROUP_OPTIONS_MAX_ITEMS),
    }
)
IMAGE = typed(
    {
        "image": all_of(
            shape(
                {"alt_text": text(limits.IMAGE_ALT_TEXT_MAX_LENGTH, 1)},
                {
                    "image_url": text(limits.IMAGE_IMAGE_URL_MAX_LENGTH, 1),
                    "slack_file": all_of(
                        shape({}, {"id": text(), "url": text()}), exactly_one("id", "url")
                    ),
                },
            ),
            exactly_one("image_url", "slack_file"),
        )
    },
    what="image",
)


def options_of(element: Object) -> list[Object]:
    """The choices of a menu, its groups' too."""
    grouped = [each for group in element.get("option_groups", []) for each in group["options"]]
    return [*element.get("options", []), *grouped]


def choices_are_sound(element: Object, at: str) -> Iterator[Fault]:
    """What is chosen beforehand is among the choices, and no value stands twice."""
    choices = options_of(element)
    values = [choice["value"] for choice in choices]
    if len(set(values)) != len(values):
        yield Fault(f"{at}/options", "option values must be unique")
    initial = element.get("initial_options", [])
    initial = [*initial, element["initial_option"]] if "initial_option" in element else initial
    if any(choice not in choices for choice in initial):
        yield Fault(f"{at}/initial_option", "must be one of the options, to the letter")


def is_a_day(element: Object, at: str) -> Iterator[Fault]:
    """A date picker starts on a day that there is."""
    try:
        date.fromisoformat(element.get("initial_date", "2000-01-01"))
    except ValueError:
        yield Fault(f"{at}/initial_date", "invalid date")


def bounds_are_sound(element: Object, at: str) -> Iterator[Fault]:
    """A number input's least, most and first value agree, and are whole where they must be."""
    low, first, high = (
        Decimal(element[name]) if name in element else None
        for name in ("min_value", "initial_value", "max_value")
    )
    if low is not None and high is not None and low > high:
        yield Fault(f"{at}/min_value", "must be less than or equal to max_value")
    if first is not None and low is not None and low > first:
        yield Fault(f"{at}/initial_value", "must not be less than min_value")
    if first is not None and high is not None and first > high:
        yield Fault(f"{at}/initial_value", "must not be more than max_value")
    if not element["is_decimal_allowed"] and any((value or 0) % 1 for value in (low, first, high)):
        yield Fault(at, "decimals are not allowed")


def lengths_are_sound(element: Object, at: str) -> Iterator[Fault]:
    """A text input's bounds agree, and its first value keeps them."""
    low, high = element.get("min_length", 0), element.get("max_length", limits.TEXT_MAX_LENGTH)
    if low > high:
        yield Fault(f"{at}/min_length", "must be less than or equal to max_length")
    if len(element.get("initial_value", "")) > high:
        yield Fault(f"{at}/initial_value", f"must be less than {high + 1} characters")


PLACEHOLDER = {"placeholder": plain_text(limits.SELECT_PLACEHOLDER_MAX_LENGTH)}
COMMON: Mapping[str, Check] = {"action_id": ACTION_ID}
FOCUS: Mapping[str, Check] = {**COMMON, "focus_on_load": flag}
CHOOSING: Mapping[str, Check] = {**FOCUS, **PLACEHOLDER, "confirm": CONFIRM}
SEVERAL: Mapping[str, Check] = {**CHOOSING, "max_selected_items": number(1, whole=True)}
WRITING: Mapping[str, Check] = {
    **FOCUS,
    **PLACEHOLDER,
    "dispatch_action_config": shape(
        {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)}
    ),
}
OPTIONS: Mapping[str, Check] = {
    "options": array(PLAIN_OPTION, limits.SELECT_OPTIONS_MAX_ITEMS),
    "option_groups": array(OPTION_GROUP, limits.SELECT_OPTION_GROUPS_MAX_ITEMS),
}
CONVERSATIONS: Mapping[str, Check] = {
    "default_to_current_conversation": flag,
    "filter": all_of(
        shape(
            {},
            {
                "include": array(one_of("im", "mpim", "private", "public")),
                "exclude_external_shared_channels": flag,
                "exclude_bot_users": flag,
            },
        ),
        at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
    ),
}
DECIMAL = matching(r"-?\d+(\.\d+)?", what="a number as a string")


def boxes(initial: Mapping[str, Check], maximum: int) -> Check:
    """Check boxes or radio buttons: all choices in the open."""
    return all_of(
        shape({"options": array(ANY_OPTION, maximum)}, {**FOCUS, "confirm": CONFIRM, **initial}),
        choices_are_sound,
    )


def menu(initial: Mapping[str, Check]) -> Check:
    """A menu whose choices are given."""
    return all_of(
        shape({}, {**initial, **OPTIONS}),
        exactly_one("options", "option_groups"),
        choices_are_sound,
    )


BUTTON = shape(
    {"text": plain_text(limits.BUTTON_TEXT_MAX_LENGTH)},
    {
        **COMMON,
        "url": text(limits.BUTTON_URL_MAX_LENGTH, 1),
        "value": text(limits.BUTTON_VALUE_MAX_LENGTH),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": text(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH, 1),
    },
)
OVERFLOW = all_of(
    shape(
        {"options": array(PLAIN_OPTION, limits.OVERFLOW_OPTIONS_MAX_ITEMS)},
        {**COMMON, "confirm": CONFIRM},
    ),
    choices_are_sound,
)
MENUS: Mapping[str, Check] = {
    "static_select": menu({**CHOOSING, "initial_option": PLAIN_OPTION}),
    "multi_static_select": menu({**SEVERAL, "initial_options": array(PLAIN_OPTION)}),
    "external_select": shape(
        {}, {**CHOOSING, "initial_option": PLAIN_OPTION, "min_query_length": number(0, whole=True)}
    ),
    "users_select": shape({}, {**CHOOSING, "initial_user": text()}),
    "multi_users_select": shape({}, {**SEVERAL, "initial_users": ID_LIST}),
    "channels_select": shape(
        {}, {**CHOOSING, "initial_channel": text(), "response_url_enabled": flag}
    ),
    "multi_channels_select": shape({}, {**SEVERAL, "initial_channels": ID_LIST}),
    "conversations_select": shape(
        {},
        {
            **CHOOSING,
            **CONVERSATIONS,
            "initial_conversation": text(),
            "response_url_enabled": flag,
        },
    ),
    "multi_conversations_select": shape(
        {}, {**SEVERAL, **CONVERSATIONS, "initial_conversations": ID_LIST}
    ),
}
BOXES: Mapping[str, Check] = {
    "checkboxes": boxes(
        {"initial_options": array(ANY_OPTION)}, limits.CHECKBOXES_OPTIONS_MAX_ITEMS
    ),
    "radio_buttons": boxes({"initial_option": ANY_OPTION}, limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS),
}
PICKERS: Mapping[str, Check] = {
    "datepicker": all_of(
        shape({}, {**CHOOSING, "initial_date": matching(r"\d{4}-\d\d-\d\d", what="YYYY-MM-DD")}),
        is_a_day,
    ),
    "timepicker": shape(
        {},
        {
            **CHOOSING,
            "initial_time": matching(r"([01]\d|2[0-3]):[0-5]\d", what="HH:mm"),
            "timezone": text(),
        },
    ),
}
DATETIME_PICKER = shape(
    {},
    {
        **FOCUS,
        "confirm": CONFIRM,
        "initial_date_time": number(1_000_000_000, 9_999_999_999, whole=True),
    },
)
FIELDS: Mapping[str, Check] = {
    "plain_text_input": all_of(
        shape(
            {},
            {
                **WRITING,
                "multiline": flag,
                "initial_value": text(),
                "min_length": number(0, limits.PLAIN_TEXT_INPUT_MIN_LENGTH_MAX, whole=True),
                "max_length": number(
                    limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MIN,
                    limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX,
                    whole=True,
                ),
            },
        ),
        lengths_are_sound,
    ),
    "number_input": all_of(
        shape(
            {"is_decimal_allowed": flag},
            {**WRITING, "initial_value": DECIMAL, "min_value": DECIMAL, "max_value": DECIMAL},
        ),
        bounds_are_sound,
    ),
    "email_text_input": shape({}, {**WRITING, "initial_value": text()}),
    "url_text_input": shape({}, {**WRITING, "initial_value": text()}),
}
FILE_INPUT = shape(
    {},
    {
        **COMMON,
        "filetypes": ID_LIST,
        "max_files": number(1, limits.FILE_INPUT_MAX_FILES_MAX, whole=True),
    },
)
ICON_BUTTON = shape(
    {"icon": one_of("trash"), "text": plain_text(limits.ICON_BUTTON_TEXT_MAX_LENGTH)},
    {
        **COMMON,
        "value": text(limits.ICON_BUTTON_VALUE_MAX_LENGTH),
        "confirm": CONFIRM,
        "accessibility_label": text(limits.ICON_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH, 1),
        "visible_to_user_ids": array(text(), limits.ICON_BUTTON_VISIBLE_TO_USER_IDS_MAX_ITEMS),
    },
)
FEEDBACK_BUTTON = shape(
    {
        "text": plain_text(limits.FEEDBACK_BUTTON_TEXT_MAX_LENGTH),
        "value": text(limits.FEEDBACK_BUTTON_VALUE_MAX_LENGTH, 1),
    },
    {"accessibility_label": text(limits.FEEDBACK_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH, 1)},
)
FEEDBACK_BUTTONS = shape(
    {"positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON}, COMMON
)

IN_ACTIONS = typed(
    {
        "button": BUTTON,
        "overflow": OVERFLOW,
        "datetimepicker": DATETIME_PICKER,
        **MENUS,
        **BOXES,
        **PICKERS,
    },
    what="element of an actions block",
)
IN_SECTION = typed(
    {
        "button": BUTTON,
        "overflow": OVERFLOW,
        "image": lambda value, at: IMAGE({**value, "type": "image"}, at),
        **MENUS,
        **BOXES,
        **PICKERS,
    },
    what="accessory of a section",
)
IN_CONTEXT_ACTIONS = typed(
    {"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON},
    what="element of a context_actions block",
)
IN_INPUT = typed(
    {
        "datetimepicker": DATETIME_PICKER,
        "file_input": FILE_INPUT,
        **FIELDS,
        **MENUS,
        **BOXES,
        **PICKERS,
    },
    what="element of an input block",
)


def in_context(value: Json, at: str) -> Iterator[Fault]:
    """What a context block holds: small images and texts."""
    is_image = isinstance(value, dict) and value.get("type") == "image"
    yield from (IMAGE if is_image else any_text(limits.TEXT_MAX_LENGTH))(value, at)

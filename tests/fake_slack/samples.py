"""Blocks, messages and views of every kind that the app sends, to try the fake with."""

from typing import Any

Json = Any
Object = dict[str, Any]


def plain(text: str = "x") -> Object:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "a", **more: Json) -> Object:
    return {"type": "button", "action_id": action_id, "text": plain(), **more}


def cell(text: str = "x") -> Object:
    return {"type": "raw_text", "text": text}


def data_table(rows: Json = None, **more: Json) -> Object:
    rows = rows or [[cell("path"), cell("total")], [cell("Tinker"), dollars(2264.96)]]
    return {"type": "data_table", "caption": "Totals", "page_size": 10, "rows": rows, **more}


def dollars(value: float) -> Object:
    return {"type": "raw_number", "text": f"${value:,.2f}", "value": value}


def bars(series: Json = None, categories: Json = None) -> Object:
    categories = categories or ["Tinker", "Dedicated"]
    points = [{"label": name, "value": 1} for name in categories]
    return {
        "type": "data_visualization",
        "title": "Totals",
        "chart": {
            "type": "bar",
            "series": series or [{"name": "USD", "data": points}],
            "axis_config": {"categories": categories, "y_label": "USD"},
        },
    }


def field(element: Object, block_id: str = "turns", **more: Json) -> Object:
    return {"type": "input", "block_id": block_id, "label": plain(), "element": element, **more}


def number_field(**more: Json) -> Object:
    return {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, **more}


def option(value: str) -> Object:
    return {"text": plain(value), "value": value}


def menu(**more: Json) -> Object:
    return {
        "type": "static_select",
        "action_id": "m",
        "options": [option("a"), option("b")],
        **more,
    }


FEEDBACK: Object = {
    "type": "context_actions",
    "block_id": "feedback",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": plain("Right"), "value": "right"},
            "negative_button": {"text": plain("Wrong"), "value": "wrong"},
        }
    ],
}
ACTIONS: Object = {
    "type": "actions",
    "block_id": "actions",
    "elements": [button("share", value="kimi"), {**menu(), "action_id": "compare"}],
}
PREFORMATTED: Object = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a  b\n1  2"}]},
        {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": "x", "style": {"code": True}}],
        },
    ],
}
ANSWER: list[Object] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Dedicated* is cheapest"}},
    data_table(row_header_column_index=0),
    bars(),
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "1. training excluded"}]},
    ACTIONS,
    FEEDBACK,
]
SHAPE: Object = {
    "type": "modal",
    "callback_id": "shape",
    "private_metadata": "{}",
    "notify_on_close": True,
    "title": plain("Tweak"),
    "submit": plain("Price"),
    "blocks": [
        field(number_field(min_value="1", max_value="200", initial_value="20")),
        field(menu(initial_option=option("a")), "model"),
        field({"type": "datepicker", "action_id": "d"}, "day", optional=True),
        field(
            {"type": "checkboxes", "action_id": "c", "options": [option("x"), option("y")]},
            "paths",
            optional=True,
        ),
        field(
            {"type": "plain_text_input", "action_id": "t", "max_length": 5}, "note", optional=True
        ),
        {"type": "actions", "block_id": "row", "elements": [button("reset")]},
    ],
}
HOME: Object = {
    "type": "home",
    "blocks": [{"type": "header", "text": plain("rlcost")}, data_table(), ACTIONS],
}


def actions(*elements: Object, **more: Json) -> Object:
    return {"type": "actions", "elements": list(elements), **more}


def section(text: str, **more: Json) -> Object:
    return {"type": "section", "text": plain(text), **more}


def rows(count: int, length: int = 1) -> list[list[Object]]:
    return [[cell("x" * length)] for _ in range(count)]


def points(*names: str) -> list[Object]:
    return [{"label": name, "value": 1} for name in names]

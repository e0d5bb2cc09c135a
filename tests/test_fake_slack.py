"""The fake Slack knows a bad payload when it sees one; its server and people are tested beside them."""

import pytest
from slackblocks import _limits as theirs

from tests.fake_slack import (
    METHODS,
    message_faults,
    needed_scope,
    shared_faults,
    view_faults,
)
from tests.fake_slack import limits as ours
from tests.fake_slack.samples import (
    ACTIONS,
    ANSWER,
    FEEDBACK,
    HOME,
    PREFORMATTED,
    SHAPE,
    Json,
    Object,
    actions,
    bars,
    button,
    cell,
    data_table,
    field,
    menu,
    number_field,
    option,
    plain,
    points,
    rows,
    section,
)


@pytest.mark.parametrize("blocks", [ANSWER, [PREFORMATTED, ACTIONS], [{"type": "divider"}]])
def test_a_good_message_has_no_fault(blocks: list[Object]) -> None:
    message = {"text": "Dedicated is cheapest", "blocks": blocks}
    assert message_faults(message) == []
    assert shared_faults("message", message) == []


@pytest.mark.parametrize("view", [SHAPE, HOME])
def test_a_good_view_has_no_fault(view: Object) -> None:
    assert view_faults(view) == []
    assert shared_faults("view", view) == []


PIE = {"type": "pie", "segments": [{"label": "a", "value": 0}]}
BAD_BLOCKS: list[tuple[list[Json], str, str]] = [
    ([{"type": "table_of_data"}], "/0/type", "unsupported type"),
    ([{"type": ["divider"]}], "/0/type", "unsupported type"),
    (["divider"], "/0/type", "unsupported type"),
    ([{"type": "divider", "color": "red"}], "/0/color", "unknown field"),
    ([{"type": "alert", "text": plain()}], "/0/type", "alert in a message"),
    ([{"type": "divider"}] * 51, "", "no more than 50 items"),
    ([{"type": "divider", "block_id": "a"}] * 2, "", "block_id 'a' stands 2 times"),
    ([{"type": "divider", "block_id": "a" * 256}], "/0/block_id", "less than 256"),
    ([section("")], "/0/text/text", "more than 0"),
    ([section("x" * 3001)], "/0/text/text", "less than 3001"),
    ([{"type": "section"}], "/0", "at least one of ['text', 'fields']"),
    ([{"type": "section", "fields": [plain("x" * 2001)]}], "/0/fields/0/text", "less than 2001"),
    ([{"type": "section", "fields": [plain()] * 11}], "/0/fields", "no more than 10"),
    ([section("x", accessory=number_field())], "/0/accessory/type", "no accessory of a section"),
    ([{"type": "header", "text": plain("x" * 151)}], "/0/text/text", "less than 151"),
    (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "/0/text/type",
        "no plain_text",
    ),
    ([{"type": "context", "elements": [button()]}], "/0/elements/0/type", "no text object"),
    ([{"type": "context", "elements": [plain()] * 11}], "/0/elements", "no more than 10"),
    ([{"type": "image", "image_url": "https://x"}], "/0", "missing required field: alt_text"),
    ([{"type": "image", "alt_text": "x"}], "/0", "exactly one of ['image_url', 'slack_file']"),
    ([actions()], "/0/elements", "no fewer than 1"),
    ([actions(*[button(f"b{n}") for n in range(26)])], "/0/elements", "no more than 25"),
    ([actions(button(), button())], "/0", "action_id 'a' stands 2 times"),
    ([actions(number_field())], "/0/elements/0/type", "no element of an actions block"),
    ([actions(button(text=plain("x" * 76)))], "/0/elements/0/text/text", "less than 76"),
    ([actions(button(value="x" * 2001))], "/0/elements/0/value", "less than 2001"),
    ([actions(button(style="green"))], "/0/elements/0/style", "must be one of"),
    ([actions(button("x" * 256))], "/0/elements/0/action_id", "less than 256"),
    ([actions(menu(options=[]))], "/0/elements/0/options", "no fewer than 1"),
    ([actions(menu(options=[option("a")] * 2))], "/0/elements/0/options", "must be unique"),
    (
        [actions(menu(options=[option(str(n)) for n in range(101)]))],
        "/0/elements/0/options",
        "no more than 100",
    ),
    (
        [actions(menu(initial_option=option("c")))],
        "/0/elements/0/initial_option",
        "one of the options",
    ),
    ([field(button())], "/0/element/type", "no element of an input block"),
    ([field({"type": "number_input"})], "/0/element", "field: is_decimal_allowed"),
    ([field(number_field(min_value=1))], "/0/element/min_value", "a number as a string"),
    ([field(number_field(min_value="9", max_value="1"))], "/0/element/min_value", "max_value"),
    ([field(number_field(min_value="9", initial_value="1"))], "/0/element/initial_value", "less"),
    ([field(number_field(max_value="1.5"))], "/0/element", "decimals are not allowed"),
    (
        [field({"type": "datepicker", "initial_date": "2026-02-30"})],
        "/0/element/initial_date",
        "invalid date",
    ),
    ([{**FEEDBACK, "elements": [button()]}], "/0/elements/0/type", "no element of a context_act"),
    ([{"type": "rich_text", "elements": [plain()]}], "/0/elements/0/type", "of a rich_text block"),
    (
        [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_preformatted",
                        "elements": [{"type": "user", "user_id": "U1"}],
                    }
                ],
            }
        ],
        "/0/elements/0/elements/0/type",
        "no preformatted text",
    ),
    ([{"type": "markdown", "text": "x" * 12_001}], "/0/text", "less than 12001"),
    ([{"type": "markdown", "text": "x" * 6_001}] * 2, "", "12002 characters of markdown"),
    ([{"type": "table", "rows": [[cell("")]]}], "/0/rows/0/0/text", "not empty"),
    ([{"type": "table", "rows": rows(101)}], "/0/rows", "no more than 100"),
    ([{"type": "table", "rows": rows(1)}] * 2, "", "only 1 table"),
    ([{**data_table(), "caption": ""}], "/0/caption", "more than 0"),
    ([data_table(rows(1))], "/0/rows", "no fewer than 2"),
    ([data_table(rows(102))], "/0/rows", "no more than 101"),
    ([data_table([[cell()] * 21] * 2)], "/0/rows/0", "no more than 20"),
    ([data_table([[cell()] * 2, [cell()]])], "/0/rows/1", "same number of cells"),
    ([data_table([[cell()], [cell(" ")]])], "/0/rows/1/0/text", "not empty"),
    ([data_table([[PREFORMATTED], [cell()]])], "/0/rows/0/0", "may not be rich_text"),
    ([data_table(page_size=0)], "/0/page_size", "at least 1"),
    ([data_table(page_size=101)], "/0/page_size", "at most 100"),
    ([data_table(row_header_column_index=2)], "/0/row_header_column_index", "no such column"),
    ([data_table(rows(101, 100))] * 2, "", "20200 characters of data_table"),
    ([bars()] * 3, "", "no more than 2 data_visualization"),
    ([{**bars(), "title": "x" * 51}], "/0/title", "less than 51"),
    ([bars(categories=["x" * 21])], "/0/chart/axis_config/categories/0", "less than 21"),
    ([bars(categories=[str(n) for n in range(21)])], "/0/chart/axis_config/categories", "20"),
    (
        [bars([{"name": "USD", "data": points("Tinker")}])],
        "/0/chart/series/0/data",
        "the categories, in order",
    ),
    (
        [bars([{"name": "USD", "data": points("Tinker", "Dedicated")}] * 2)],
        "/0/chart/series",
        "names must be unique",
    ),
    (
        [bars([{"name": str(n), "data": points("Tinker", "Dedicated")} for n in range(7)])],
        "/0/chart/series",
        "no more than 6",
    ),
    ([{**bars(), "chart": PIE}], "/0/chart/segments/0/value", "greater than 0"),
    ([{"type": "container", "child_blocks": [data_table()]}], "/0/child_blocks/0/type", "no child"),
    (
        [{"type": "task_card", "task_id": "1", "title": "x", "status": "pending"}],
        "/0/status",
        "lone",
    ),
]


@pytest.mark.parametrize(("blocks", "pointer", "message"), BAD_BLOCKS)
def test_a_bad_block_is_named_with_its_place(
    blocks: list[Json], pointer: str, message: str
) -> None:
    faults = message_faults({"text": "x", "blocks": blocks})
    assert any(each.pointer == f"/blocks{pointer}" and message in each.message for each in faults)


def without(view: Object, name: str) -> Object:
    return {key: value for key, value in view.items() if key != name}


@pytest.mark.parametrize(
    ("view", "pointer", "message"),
    [
        ({"type": "sheet"}, "/type", "no view"),
        (without(SHAPE, "title"), "", "missing required field: title"),
        (without(SHAPE, "submit"), "/submit", "needs a submit button"),
        ({**SHAPE, "title": plain("x" * 25)}, "/title/text", "less than 25"),
        ({**SHAPE, "private_metadata": "x" * 3001}, "/private_metadata", "less than 3001"),
        ({**SHAPE, "blocks": [data_table()]}, "/blocks/0/type", "data_table in a modal"),
        ({**SHAPE, "blocks": [FEEDBACK]}, "/blocks/0/type", "context_actions in a modal"),
        ({**SHAPE, "blocks": [{"type": "divider"}] * 101}, "/blocks", "no more than 100"),
        ({**SHAPE, "colour": "red"}, "/colour", "unknown field"),
        ({**HOME, "title": plain()}, "/title", "unknown field"),
        ({**HOME, "blocks": [FEEDBACK]}, "/blocks/0/type", "context_actions in a home"),
        ({**HOME, "blocks": []}, "/blocks", "no fewer than 1"),
    ],
)
def test_a_bad_view_is_named_with_its_place(view: Object, pointer: str, message: str) -> None:
    faults = view_faults(view)
    assert any(each.pointer == pointer and message in each.message for each in faults)


def test_no_limit_is_larger_than_slackblocks_has_it() -> None:
    shared = [name for name in vars(ours) if name.isupper() and hasattr(theirs, name)]
    assert len(shared) > 70
    for name in shared:
        mine, other = getattr(ours, name), getattr(theirs, name)
        assert mine >= other if "_MIN" in name else mine <= other, name


def test_every_known_method_has_its_scope() -> None:
    assert needed_scope("chat.postMessage") == "chat:write"
    assert needed_scope("assistant.threads.setSuggestedPrompts") == "assistant:write"
    assert needed_scope("files.getUploadURLExternal") == "files:write"
    assert needed_scope("views.open") is None
    assert {needed_scope(method) for method in METHODS} == {
        None,
        "chat:write",
        "assistant:write",
        "files:write",
    }

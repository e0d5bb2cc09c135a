"""Our limits against two independent lists of Slack's: none of ours is larger."""

import json
from pathlib import Path
from typing import Any

import pytest
from slackblocks import _limits as theirs

from bot.formatting import limits as ours

SCHEMA = Path(__file__).parents[4] / "shared" / "checks" / "slack" / "blocks.schema.json"

# Our name -> every name by which slackblocks knows the same limit.
IN_SLACKBLOCKS = {
    "MESSAGE_BLOCKS": ["MESSAGE_BLOCKS_MAX_ITEMS"],
    "DATA_TABLE_CHARACTERS": [
        "DATA_TABLE_CONTENT_MAX_LENGTH",
        "DATA_TABLE_TOTAL_CONTENT_MAX_LENGTH",
    ],
    "MESSAGE_CHARTS": ["MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS"],
    "VIEW_BLOCKS": ["VIEW_BLOCKS_MAX_ITEMS"],
    "VIEW_TITLE": ["VIEW_TITLE_MAX_LENGTH"],
    "VIEW_SUBMIT": ["VIEW_SUBMIT_MAX_LENGTH"],
    "VIEW_CLOSE": ["VIEW_CLOSE_MAX_LENGTH"],
    "VIEW_PRIVATE_METADATA": ["VIEW_PRIVATE_METADATA_MAX_LENGTH"],
    "VIEW_CALLBACK_ID": ["VIEW_CALLBACK_ID_MAX_LENGTH"],
    "BLOCK_ID": ["BLOCK_ID_MAX_LENGTH"],
    "ACTION_ID": ["ACTION_ID_MAX_LENGTH"],
    "SECTION_TEXT": ["SECTION_TEXT_MAX_LENGTH"],
    "SECTION_FIELDS": ["SECTION_FIELDS_MAX_ITEMS"],
    "SECTION_FIELD_TEXT": ["SECTION_FIELDS_ITEM_MAX_LENGTH"],
    "HEADER_TEXT": ["HEADER_TEXT_MAX_LENGTH"],
    "CONTEXT_ELEMENTS": ["CONTEXT_ELEMENTS_MAX_ITEMS"],
    "TEXT_OBJECT": ["TEXT_MAX_LENGTH"],
    "ACTIONS_ELEMENTS": ["ACTIONS_ELEMENTS_MAX_ITEMS"],
    "CONTEXT_ACTIONS_ELEMENTS": ["CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS"],
    "MARKDOWN_TEXT": ["MARKDOWN_TEXT_MAX_LENGTH", "MARKDOWN_TOTAL_TEXT_MAX_LENGTH"],
    "IMAGE_ALT_TEXT": ["IMAGE_ALT_TEXT_MAX_LENGTH", "IMAGE_ELEMENT_ALT_TEXT_MAX_LENGTH"],
    "ALERT_TEXT": ["ALERT_TEXT_MAX_LENGTH"],
    "INPUT_LABEL": ["INPUT_LABEL_MAX_LENGTH"],
    "INPUT_HINT": ["INPUT_HINT_MAX_LENGTH"],
    "PLACEHOLDER": [
        "SELECT_PLACEHOLDER_MAX_LENGTH",
        "PLAIN_TEXT_INPUT_PLACEHOLDER_MAX_LENGTH",
        "NUMBER_INPUT_PLACEHOLDER_MAX_LENGTH",
        "DATE_PICKER_PLACEHOLDER_MAX_LENGTH",
    ],
    "PLAIN_TEXT_INPUT": ["PLAIN_TEXT_INPUT_MAX_LENGTH_MAX"],
    "SELECT_OPTIONS": ["SELECT_OPTIONS_MAX_ITEMS", "OPTION_GROUP_OPTIONS_MAX_ITEMS"],
    "OPTION_TEXT": ["OPTION_TEXT_MAX_LENGTH"],
    "OPTION_VALUE": ["OPTION_VALUE_MAX_LENGTH"],
    "OPTION_DESCRIPTION": ["OPTION_DESCRIPTION_MAX_LENGTH"],
    "OVERFLOW_OPTIONS": ["OVERFLOW_OPTIONS_MAX_ITEMS"],
    "CHECKBOXES": ["CHECKBOXES_OPTIONS_MAX_ITEMS"],
    "RADIO_BUTTONS": ["RADIO_BUTTONS_OPTIONS_MAX_ITEMS"],
    "BUTTON_TEXT": ["BUTTON_TEXT_MAX_LENGTH"],
    "BUTTON_VALUE": ["BUTTON_VALUE_MAX_LENGTH"],
    "BUTTON_URL": ["BUTTON_URL_MAX_LENGTH"],
    "BUTTON_ACCESSIBILITY_LABEL": ["BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH"],
    "FEEDBACK_BUTTON_TEXT": ["FEEDBACK_BUTTON_TEXT_MAX_LENGTH"],
    "FEEDBACK_BUTTON_VALUE": ["FEEDBACK_BUTTON_VALUE_MAX_LENGTH"],
    "FEEDBACK_BUTTON_ACCESSIBILITY_LABEL": ["FEEDBACK_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH"],
    "CONFIRM_TITLE": ["CONFIRMATION_TITLE_MAX_LENGTH"],
    "CONFIRM_TEXT": ["CONFIRMATION_TEXT_MAX_LENGTH"],
    "CONFIRM_BUTTON": ["CONFIRMATION_CONFIRM_MAX_LENGTH", "CONFIRMATION_DENY_MAX_LENGTH"],
    "DATA_TABLE_ROWS_AND_HEADER": ["DATA_TABLE_ROWS_MAX_ITEMS"],
    "DATA_TABLE_ROWS": ["TABLE_ROWS_MAX_ITEMS"],
    "DATA_TABLE_COLUMNS": ["DATA_TABLE_COLUMNS_MAX_ITEMS", "TABLE_COLUMNS_MAX_ITEMS"],
    "DATA_TABLE_PAGE_SIZE": ["DATA_TABLE_PAGE_SIZE_MAX"],
    "CHART_TITLE": ["DATA_VISUALIZATION_TITLE_MAX_LENGTH"],
    "CHART_SERIES": ["DATA_VISUALIZATION_SERIES_MAX_ITEMS"],
    "CHART_SEGMENTS": ["DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS"],
    "CHART_POINTS": [
        "DATA_VISUALIZATION_DATA_MAX_ITEMS",
        "DATA_VISUALIZATION_CATEGORIES_MAX_ITEMS",
    ],
    "CHART_LABEL": [
        "DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH",
        "DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH",
        "DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH",
        "DATA_VISUALIZATION_CATEGORY_LABEL_MAX_LENGTH",
    ],
    "CHART_AXIS_LABEL": ["DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH"],
}

# What slackblocks has no figure for, and the figure that was read or chosen.
OUR_OWN = {
    "MESSAGE_TEXT": 4000,
    "BLOCKS_TEXT": 12_000,
    "BLOCKS_JSON": 40_000,
    "MESSAGE_PLAIN_TABLES": 1,
    "DATA_TABLE_CAPTION": 150,
    "SUGGESTED_PROMPTS": 4,
}

# Where the schema holds a maximum, as a path below its definitions.
_TEXT = "allOf/1/properties/text/maxLength"
_SERIES = "DataVisualizationBlock/properties/chart/oneOf/1/properties"
IN_THE_SCHEMA = {
    "MESSAGE_BLOCKS": ["MessageBlocks/properties/blocks/maxItems"],
    "BLOCK_ID": ["SectionBlock/properties/block_id/maxLength"],
    "ACTION_ID": ["Button/properties/action_id/maxLength"],
    "SECTION_TEXT": [f"SectionBlock/properties/text/{_TEXT}"],
    "SECTION_FIELDS": ["SectionBlock/properties/fields/maxItems"],
    "SECTION_FIELD_TEXT": [f"SectionBlock/properties/fields/items/{_TEXT}"],
    "HEADER_TEXT": [f"HeaderBlock/properties/text/{_TEXT}"],
    "CONTEXT_ELEMENTS": ["ContextBlock/properties/elements/maxItems"],
    "ACTIONS_ELEMENTS": ["ActionsBlock/properties/elements/maxItems"],
    "CONTEXT_ACTIONS_ELEMENTS": ["ContextActionsBlock/properties/elements/maxItems"],
    "MARKDOWN_TEXT": ["MarkdownBlock/properties/text/maxLength"],
    "SELECT_OPTIONS": ["StaticSelect/properties/options/maxItems"],
    "OVERFLOW_OPTIONS": ["Overflow/properties/options/maxItems"],
    "BUTTON_TEXT": [f"Button/properties/text/{_TEXT}"],
    "BUTTON_VALUE": ["Button/properties/value/maxLength"],
    "BUTTON_URL": ["Button/properties/url/maxLength"],
    "BUTTON_ACCESSIBILITY_LABEL": ["Button/properties/accessibility_label/maxLength"],
    "DATA_TABLE_ROWS_AND_HEADER": ["DataTableBlock/properties/rows/maxItems"],
    "DATA_TABLE_COLUMNS": ["DataTableBlock/properties/rows/items/maxItems"],
    "DATA_TABLE_PAGE_SIZE": ["DataTableBlock/properties/page_size/maximum"],
    "CHART_TITLE": ["DataVisualizationBlock/properties/title/maxLength"],
    "CHART_SEGMENTS": [
        "DataVisualizationBlock/properties/chart/oneOf/0/properties/segments/maxItems"
    ],
    "CHART_SERIES": [f"{_SERIES}/series/maxItems"],
    "CHART_POINTS": [
        f"{_SERIES}/series/items/properties/data/maxItems",
        f"{_SERIES}/axis_config/properties/categories/maxItems",
    ],
    "CHART_LABEL": [
        f"{_SERIES}/series/items/properties/name/maxLength",
        f"{_SERIES}/series/items/properties/data/items/properties/label/maxLength",
        f"{_SERIES}/axis_config/properties/categories/items/maxLength",
    ],
    "CHART_AXIS_LABEL": [
        f"{_SERIES}/axis_config/properties/x_label/maxLength",
        f"{_SERIES}/axis_config/properties/y_label/maxLength",
    ],
}


def at(place: str, document: Any) -> int:
    """The number at a path such as `Button/properties/url/maxLength`."""
    for step in place.split("/"):
        document = document[int(step) if isinstance(document, list) else step]
    assert isinstance(document, int)
    return document


def test_every_limit_is_either_compared_or_accounted_for() -> None:
    names = {name for name in vars(ours) if name.isupper()}
    assert names == IN_SLACKBLOCKS.keys() | OUR_OWN.keys()


def test_what_no_list_knows_is_as_it_was_read_or_chosen() -> None:
    assert {name: getattr(ours, name) for name in OUR_OWN} == OUR_OWN


@pytest.mark.parametrize("name", IN_SLACKBLOCKS)
def test_none_is_larger_than_in_slackblocks(name: str) -> None:
    for other in IN_SLACKBLOCKS[name]:
        assert 0 < getattr(ours, name) <= getattr(theirs, other), other


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schema stands beside the repository")
@pytest.mark.parametrize("name", IN_THE_SCHEMA)
def test_none_is_larger_than_in_the_schema(name: str) -> None:
    definitions = json.loads(SCHEMA.read_text(encoding="utf-8"))["definitions"]
    for place in IN_THE_SCHEMA[name]:
        assert getattr(ours, name) <= at(place, definitions), place


def test_where_sources_differ_the_smaller_figure_stands() -> None:
    assert ours.DATA_TABLE_ROWS_AND_HEADER == 101 < theirs.DATA_TABLE_ROWS_MAX_ITEMS
    assert ours.DATA_TABLE_CHARACTERS == 10_000 < theirs.DATA_TABLE_CONTENT_MAX_LENGTH
    assert ours.CHART_SERIES == 6 < theirs.DATA_VISUALIZATION_SERIES_MAX_ITEMS
    assert ours.CHART_SEGMENTS == 6 < theirs.DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS

"""Tables and charts: the blocks that carry an answer's numbers."""

from collections.abc import Iterator

from tests.fake_slack import limits
from tests.fake_slack.rich_text import BLOCK_ID, RICH_TEXT
from tests.fake_slack.shapes import (
    Check,
    Fault,
    Json,
    Object,
    all_of,
    array,
    flag,
    matching,
    number,
    one_of,
    shape,
    text,
    typed,
)

CELL_TEXT = matching(r"(?s).*\S.*", what="a text that is not empty")
RAW_TEXT = shape({"text": CELL_TEXT})
RAW_NUMBER = shape({"text": CELL_TEXT, "value": number()})
CELL = typed(
    {"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER, "rich_text": RICH_TEXT}, what="table cell"
)


def rows_are_even(value: Object, at: str) -> Iterator[Fault]:
    """Every row of a table is as long as the first."""
    for index, row in enumerate(value["rows"]):
        if len(row) != len(value["rows"][0]):
            yield Fault(f"{at}/rows/{index}", "all rows must have the same number of cells")


def header_is_raw(value: Object, at: str) -> Iterator[Fault]:
    """The header of a data table is plain, and the row header is one of its columns."""
    for index, cell in enumerate(value["rows"][0]):
        if cell["type"] == "rich_text":
            yield Fault(f"{at}/rows/0/{index}", "a header cell may not be rich_text")
    if value.get("row_header_column_index", 0) >= len(value["rows"][0]):
        yield Fault(f"{at}/row_header_column_index", "there is no such column")


def labels(maximum: int) -> Check:
    """A short name in a chart."""
    return text(maximum, 1)


def is_positive(value: Json, at: str) -> Iterator[Fault]:
    """A share of a pie is more than nothing."""
    faults = list(number()(value, at))
    yield from faults
    if not faults and value <= 0:
        yield Fault(at, "must be greater than 0")


POINT = shape(
    {"label": labels(limits.DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH), "value": number()}
)
SEGMENT = shape(
    {"label": labels(limits.DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH), "value": is_positive}
)
SERIES = shape(
    {
        "name": labels(limits.DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH),
        "data": array(POINT, limits.DATA_VISUALIZATION_DATA_MAX_ITEMS),
    }
)
AXIS_LABEL = text(limits.DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH)
AXES = shape(
    {
        "categories": array(
            labels(limits.DATA_VISUALIZATION_CATEGORY_LABEL_MAX_LENGTH),
            limits.DATA_VISUALIZATION_CATEGORIES_MAX_ITEMS,
        )
    },
    {"x_label": AXIS_LABEL, "y_label": AXIS_LABEL},
)


def series_fit(chart: Object, at: str) -> Iterator[Fault]:
    """Series are told apart by name, and each has a point for every category, in order."""
    categories = chart["axis_config"]["categories"]
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) != len(names):
        yield Fault(f"{at}/series", "series names must be unique")
    if len(set(categories)) != len(categories):
        yield Fault(f"{at}/axis_config/categories", "categories must be unique")
    for index, series in enumerate(chart["series"]):
        if [point["label"] for point in series["data"]] != categories:
            yield Fault(f"{at}/series/{index}/data", "labels must be the categories, in order")


AXED = all_of(
    shape(
        {"series": array(SERIES, limits.DATA_VISUALIZATION_SERIES_MAX_ITEMS), "axis_config": AXES}
    ),
    series_fit,
)
CHART = typed(
    {
        "pie": shape({"segments": array(SEGMENT, limits.DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS)}),
        "bar": AXED,
        "line": AXED,
        "area": AXED,
    },
    what="chart",
)


TABLE = all_of(
    shape(
        {"rows": array(array(CELL, limits.TABLE_COLUMNS_MAX_ITEMS), limits.TABLE_ROWS_MAX_ITEMS)},
        {
            "column_settings": array(
                shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}),
                limits.TABLE_COLUMN_SETTINGS_MAX_ITEMS,
            ),
            **BLOCK_ID,
        },
    ),
    rows_are_even,
)
DATA_TABLE = all_of(
    shape(
        {
            "caption": text(minimum=1),
            "rows": array(
                array(
                    CELL, limits.DATA_TABLE_COLUMNS_MAX_ITEMS, limits.DATA_TABLE_COLUMNS_MIN_ITEMS
                ),
                limits.DATA_TABLE_ROWS_MAX_ITEMS,
                limits.DATA_TABLE_ROWS_MIN_ITEMS,
            ),
        },
        {
            "page_size": number(
                limits.DATA_TABLE_PAGE_SIZE_MIN, limits.DATA_TABLE_PAGE_SIZE_MAX, whole=True
            ),
            "row_header_column_index": number(0, whole=True),
            **BLOCK_ID,
        },
    ),
    rows_are_even,
    header_is_raw,
)
DATA_VISUALIZATION = shape(
    {"title": text(limits.DATA_VISUALIZATION_TITLE_MAX_LENGTH, 1), "chart": CHART}, BLOCK_ID
)

"""The rich_text block: sections, lists, quotes and preformatted text, and what they are made of."""

from collections.abc import Mapping

from tests.fake_slack import limits
from tests.fake_slack.shapes import Check, array, flag, number, one_of, shape, text, typed

STYLE: Mapping[str, Check] = {
    "style": shape({}, dict.fromkeys(("bold", "italic", "strike", "underline", "code"), flag))
}
TEXT = shape({"text": text(minimum=1)}, STYLE)
LINK = shape({"url": text(minimum=1)}, {"text": text(), "unsafe": flag, **STYLE})
INLINE = typed(
    {
        "text": TEXT,
        "link": LINK,
        "emoji": shape({"name": text(minimum=1)}, {"unicode": text(), "url": text(), **STYLE}),
        "user": shape({"user_id": text(minimum=1)}, STYLE),
        "usergroup": shape({"usergroup_id": text(minimum=1)}, STYLE),
        "channel": shape({"channel_id": text(minimum=1)}, STYLE),
        "team": shape({"team_id": text(minimum=1)}, STYLE),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, STYLE),
        "color": shape({"value": text(minimum=1)}, STYLE),
        "date": shape(
            {"timestamp": number(whole=True), "format": text(minimum=1)},
            {"url": text(), "fallback": text(), **STYLE},
        ),
    },
    what="rich text element",
)
SECTION = shape({"elements": array(INLINE)})
BORDER: Mapping[str, Check] = {"border": one_of(0, 1)}
ELEMENT = typed(
    {
        "rich_text_section": SECTION,
        "rich_text_list": shape(
            {
                "style": one_of("bullet", "ordered"),
                "elements": array(typed({"rich_text_section": SECTION}, what="list item")),
            },
            {
                "indent": number(0, limits.RICH_TEXT_LIST_INDENT_MAX, whole=True),
                "offset": number(0, whole=True),
                **BORDER,
            },
        ),
        "rich_text_quote": shape({"elements": array(INLINE)}, BORDER),
        "rich_text_preformatted": shape(
            {"elements": array(typed({"text": TEXT, "link": LINK}, what="preformatted text"))},
            BORDER,
        ),
    },
    what="element of a rich_text block",
)
BLOCK_ID: Mapping[str, Check] = {"block_id": text(limits.BLOCK_ID_MAX_LENGTH, 1)}
RICH_TEXT = shape({"elements": array(ELEMENT)}, BLOCK_ID)

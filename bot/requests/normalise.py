"""Makes raw text, as Slack or a terminal sends it, into the plain text that is read.

What survives: words, digits, punctuation that separates, and line breaks (a list mark is one only at
the start of a line). Gone: Slack's markup, emoji, formatting marks, invisible characters.
"""

import re
import unicodedata

LONGEST_TEXT = 2000
"""Code points of the raw text; a longer one is refused as a whole."""

MENTION = "\ue000"
"""Stands where a user, channel or group was mentioned: nothing as a word, text as a value."""

_LINK = re.compile(r"<(?:https?://|mailto:|tel:)[^<>|]*(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<[@#!][^<>]*>|(?<![\w/])@[\w.-]+|(?<![\w&])#\w[\w-]*")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>|]+")
_EMOJI = re.compile(
    r"(?<![\w)]):(?=[a-z0-9_+'-]*[a-z]|100:|1234:|[+-]1:)[a-z0-9_+'-]+:(?!\d)", re.I
)
_NUMBERED_EMOJI = re.compile(r"(?<!\S):\d+:(?!\S)")
_KEYCAP = re.compile("[0-9]*[0-9#*]\ufe0f?\u20e3")
_BREAKS = re.compile("\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_LONG_DASH = re.compile("(?<!\\S)[\u2014\u2013](?=[^\\W\\d_])")
_DASH_OF_RANGE = re.compile("(?<=\\w)[\u2014\u2015](?=\\d)")
_ARROWS = re.compile("\u2192|\u27f6|\u21d2|->|=>")
_LIST_MARK = re.compile(
    r"^[ >]*(?:[-*\u2022\u2023\u25e6\u25aa\u25cf\u2043] +|\d{1,3}[.)] +(?=\S))?", re.M
)
_BULLETS = re.compile("[\u2022\u2023\u00b7\u25e6\u25aa\u25cf\u2043]")
_MARKS = re.compile(
    r"(?<=[^\W_])[*`]+(?=[^\W_])|[*`]+|(?<![^\W_])_+|_+(?![^\W_])|~+(?=[\s~]|$)|(?<!\S)~+(?=\D)"
)
_THOUSANDS = re.compile(r"(?<=\d)'(?=\d{3}(?!\d))")
"""The apostrophe of `1'000`."""
_TIMES = re.compile(r"(?<=[a-z])(?:\*| \* )(?=\d)", re.I)
"""A product (`turns*2`, `turns * 2`), which no request can set."""
_TABLE = str.maketrans(
    {
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u02bc": "'",
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": " ; ", "\u2015": " ; ",
        "\u2212": "-", "\u00d7": "x", "\u2715": "x", "\u2716": "x", "\u2206": "\u0394",
        "\u2264": "<", "\u2265": ">", "\u223c": "~", "\u2248": "~",
    }
)  # fmt: skip


def normalise(raw: str) -> str:
    """The text that is read; its line breaks are `\\n`, every other white space is one space."""
    text = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if "<" in text:
        text = _LINK.sub(lambda link: link[1] or " ", text)
    text = _MENTION.sub(MENTION, text)
    text = _URL.sub(" ", text)
    text = _KEYCAP.sub(" ", text)
    if not text.isascii():
        text = _plain_characters(text)
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    text = "".join(filter(_visible, text)) if not text.isprintable() else text
    text = _NUMBERED_EMOJI.sub(" ", _EMOJI.sub(" ", text))
    text = _THOUSANDS.sub("_", text)
    text = _ARROWS.sub(" \u2192 ", text)
    text = _LIST_MARK.sub("", text)
    text = _BULLETS.sub(";", text)
    text = _MARKS.sub(_mark, _TIMES.sub(" ; ", text))
    return _SPACES.sub(" ", text).strip()


def _plain_characters(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    text = _LONG_DASH.sub("--", text)
    text = _DASH_OF_RANGE.sub("-", text)
    return text.translate(_TABLE)


def _visible(character: str) -> bool:
    if character == "\n" or character.isspace():
        return True
    return character == MENTION or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs")


def _mark(mark: re.Match[str]) -> str:
    """A formatting mark between two words parts them; at a border it is nothing."""
    inside = mark.string[mark.start() - 1 : mark.start()].isalnum() and mark[0][0] in "*`"
    return " " if inside and mark.string[mark.end() : mark.end() + 1].isalnum() else ""

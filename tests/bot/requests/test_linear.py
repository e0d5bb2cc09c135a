"""Reading is linear: a text twice as long takes twice the steps, whatever is said over and over."""

import re
import sys
from collections.abc import Callable
from datetime import date
from types import FrameType

import pytest

from bot.requests import exclusions, read
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CATALOGUE = load_catalogue()
BEFORE = read("compare k2.6 and qwen 397b on tinker, 20 turns", CATALOGUE, today=TODAY)
# One short piece over and over: each of them names something with every piece.
PIECES = (
    "!k2.6",
    "{k2",
    "k2.6 vs k2.5, ",
    "x 397b ",
    "gl-5p3 ",
    "drop k2.6, ",
    "k2.6/tinker/",
    "is fast cheaper than tinker ",
    "we run on tinker ",
    "not k2.6 and tinker ",
    "swe-pro-gpt5 ",
    "export it as csv ",
)
LENGTH = 600
# Twice the steps, and a little for a piece that is cut off in the middle.
MOST = 2.1


def reading(piece: str, length: int) -> Callable[[], object]:
    text = (piece * length)[:length]
    return lambda: read(text, CATALOGUE, today=TODAY, previous=BEFORE)


def lines_run(action: Callable[[], object]) -> int:
    """How many lines of Python an action runs; each turn of a loop counts, on one line too."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        action()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_runs_twice_the_lines(piece: str) -> None:
    reading(piece, LENGTH)()  # whatever is made once and kept
    once, twice = (lines_run(reading(piece, length)) for length in (LENGTH, 2 * LENGTH))
    assert once < twice < MOST * once


class Counted:
    """A pattern that counts the characters which it is asked to search."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.characters = 0

    def search(self, text: str, start: int, end: int) -> re.Match[str] | None:
        self.characters += end - start
        return self.pattern.search(text, start, end)


@pytest.mark.parametrize("piece", ["k2.6 not ", "not tinker. ", "not swe-pro-gpt5 "])
def test_what_stands_before_a_name_is_searched_a_few_words_back(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for length in (LENGTH, 2 * LENGTH):
        counted = Counted(exclusions._LEAD)
        with monkeypatch.context() as patched:
            patched.setattr(exclusions, "_LEAD", counted)
            reading(piece, length)()
        counts.append(counted.characters)
    assert 0 < counts[0] < counts[1] < MOST * counts[0]

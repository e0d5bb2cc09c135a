"""What the command line is given to read: one request in its arguments, or one a line from standard input."""

import gc
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.requests import Request
    from pricing.catalogue import Catalogue


class UsageError(Exception):
    """Options or input that cannot be used; the message says what is wrong and what to type."""


def catalogue_and_today() -> "tuple[Catalogue, date]":
    """What every request is read with: the models, and the day in UTC."""
    from pricing.catalogue import load_catalogue

    return load_catalogue(), datetime.now(tz=UTC).date()


def requests_of(words: list[str], catalogue: "Catalogue", today: date) -> "Iterator[Request]":
    """The request on the command line, or one for each line of standard input."""
    from bot.requests import read

    if words[:1] != ["-"]:
        yield read(joined(words), catalogue, today=today)
        return
    if words[1:]:
        raise UsageError(
            f"`-` reads requests from standard input and stands alone; leave out `{joined(words[1:])}`"
        )
    from bot.kept import known_request  # no request on a command line has an earlier one

    gc.enable()  # the input may be endless
    for number, line in enumerate(_lines(), start=1):
        text, earlier = _text_and_previous(line, number)
        try:
            previous = None if earlier is None else known_request(earlier, catalogue, today=today)
        except ValueError as error:
            raise UsageError(f"line {number} of the input: {error}") from error
        yield read(text, catalogue, today=today, previous=previous)


def _lines() -> Iterator[str]:
    if sys.stdin is None:
        raise UsageError("standard input is closed; give it a request a line")
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def _text_and_previous(line: str, number: int) -> tuple[str, Any]:
    """A line as it is, or the text and the earlier request of a line that is `{"text": …, "previous": …}`."""
    if not line.lstrip().startswith("{"):
        return line, None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        if '"text"' not in line:
            return line, None
        raise UsageError(f"line {number} of the input is not JSON: {error}") from error
    if "text" not in found and "previous" not in found:
        return line, None
    text, unknown = found.get("text"), sorted(found.keys() - {"text", "previous"})
    if not isinstance(text, str) or unknown:
        what = f"does not know `{unknown[0]}`" if unknown else "needs a `text` that is a string"
        raise UsageError(
            f'line {number} of the input {what}; write {{"text": …, "previous": {{…}}}}'
        )
    return text, found.get("previous")


def joined(words: Iterable[str]) -> str:
    """Arguments as one text; bytes that are no UTF-8 become replacement characters."""
    return " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "replace")

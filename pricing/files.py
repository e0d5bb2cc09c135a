"""Our own data files: TOML that a person reviews, read strictly, faults named by file and entry."""

import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from engine.workload import Checked

DATA = Path(__file__).parent / "data"


class RateFileError(Exception):
    """A data file has a fault; the message names the file and the entry. Whoever edited it can mend it."""


class FileEntry(Checked):
    """One entry of a data file: types as written, since a quoted price or a date with a time is a slip."""

    model_config = ConfigDict(strict=True)


def _decimal(value: object) -> object:
    """TOML writes 12 and 12.00 alike; everything else keeps its type and is refused if wrong."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


FileUsd = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0)]

Entry = TypeVar("Entry", bound=FileEntry)


def read_entries(
    file: Path, table: str, kind: type[Entry], *, name: Callable[[Mapping[str, Any]], str]
) -> tuple[Entry, ...]:
    """Every `[[table]]` of a file, in its order.

    Raises RateFileError for what is not TOML, for anything beside `[[table]]`, and for an entry with an
    unknown key or a value of the wrong kind; `name` says which entry it is from its raw keys.
    """
    entries = []
    for number, raw in enumerate(_tables(file, table), start=1):
        try:
            entries.append(kind.model_validate(raw))
        except ValidationError as error:
            place = entry_place(file, table, number, name(raw))
            raise RateFileError(f"{place}: {_sentence(error)}") from error
    return tuple(entries)


def entry_place(file: Path, table: str, number: int, name: str) -> str:
    """How a message names an entry: `tinker.toml, card 3 (kimi-k2p6 128K from 2026-07-17)`."""
    return f"{file.name}, {table} {number} ({name})"


def _tables(file: Path, table: str) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RateFileError(f"{file.name} cannot be read: {error}") from error
    tables = content.pop(table, [])
    if content:
        raise RateFileError(
            f"{file.name} holds `{next(iter(content))}`; it may hold only [[{table}]]"
        )
    if not isinstance(tables, list) or not all(isinstance(raw, dict) for raw in tables):
        raise RateFileError(f"{file.name}: write each {table} as its own [[{table}]]")
    return tables


def _sentence(error: ValidationError) -> str:
    """The first fault: the key, what is wrong with it, and what stood there."""
    fault = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"unknown key `{key}`"
    if fault["type"] == "missing":
        return f"`{key}` is missing"
    if not key:
        return fault["msg"].removeprefix("Value error, ")
    return f"`{key}` = {fault['input']}: {fault['msg'].removeprefix('Value error, ')}"

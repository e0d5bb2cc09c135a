"""Pages made to keep a reader busy; run as a program, it reads all of them by every parser in a bounded CPU time."""

import resource
import sys
from collections.abc import Mapping
from datetime import date

from pricing.catalogue import load_catalogue
from pricing.sources import SOURCES, SourceError

CPU_SECONDS = 60
"""Many times what reading takes as long as it grows with the size alone; a fraction of what it takes if with its square."""

SIGNS = 100_000
_LONGEST_FAULT = 1_000


def _many(piece: str, signs: int = SIGNS) -> str:
    return piece * (signs // len(piece))


def _tinker(cell: str) -> str:
    return f"| Tinker ID | Prefill | Sample | Train |\n|---|\n| {cell} | {cell} | $1 | $1 |\n"


def _serverless(cell: str) -> str:
    return f"| Model | Standard | Priority |\n|---|\n| {cell} | $1 / $1 / $2 | - |\n"


def _gpus(cell: str) -> str:
    return f"| GPU Type | Price ($) per hour |\n|---|\n| {cell} | $1 |\n"


def _html(cell: str) -> str:
    row = f"<tr><td>{cell}</td><td>$1</td></tr>"
    return f"<html><table><tr><th>GPU Type</th><th>$ per hour</th></tr>{row}</table></html>"


def _model(fields: str) -> str:
    return f'[{{"tinker_id":"moonshotai/Kimi-K2.6","prefill":"$1","sample":"$2",{fields}}}]'


_KEYS = ",".join(f'"k{number}":1' for number in range(80_000))

PAGES: Mapping[str, str] = {
    "tables in tables": f"<html>{_many('<table><tr><td>')}{'</table>' * (SIGNS // 15)}",
    "elements in elements": f"<html>{_many('<div>', 2_000_000)}<table></table>",
    "elements to be opened again": f"<html>{''.join(f'<b id={n}>' for n in range(1_000))}{_many('<p>x</p>')}",
    "struck in struck": _html(_many("<s>x")),
    "many struck": _html(_many("<s>x</s>")),
    "struck of nothing": _html(_many("<s> </s>x")),
    "open tags": _many("<a"),
    "open strikes": _tinker(_many("<s ")),
    "strikes that nothing ends": _tinker(_many("<s>")),
    "tildes": _tinker("x" + _many("~~ ")),
    "open brackets in a price": _tinker(_many("[")),
    "open brackets in a label": _serverless(_many("[")),
    "open brackets of a GPU": _gpus(_many("[")),
    "open links": _serverless(_many("[](")),
    "words of a label": _serverless(_many("kimi ")),
    "cells": _serverless(_many("|")),
    "dashes": f"| a | b |\n|{_many('-')}|\n",
    "delimiters": _many("|-|\n", 1_000_000),
    "tables of nothing": _many("| a | b |\n|-|\n", 1_000_000),
    "memory of a GPU": _gpus(f"H100 {_many('8')} GB GPU"),
    "digits of a price": _tinker(f"${_many('1')}"),
    "decimals of a price": _tinker(f"$1.{_many('1')}"),
    "units": _serverless("x") + "/ " + _many("input "),
    "digits of a unit": _serverless("x") + _many("$1111") + "/" + _many("1,"),
    "sentences about prices": _tinker("x") + "\n\nprice per " + _many("1,"),
    "deep lists": _many("["),
    "lists in lists": _many("[") + _many("]"),
    "deep objects": _many('{"a":'),
    "one key of many twice": f'[{{{_KEYS},"k79999":2}}]',
    "documents": _many("{}"),
    "digits of a number": f"[{_many('1')}]",
    "retirements": _model(f'"note":"{_many("retires on ")}"'),
    "key of a unit": _model(f'"{_many("_unit")}":"per 1K tokens"'),
}


def read_all() -> None:
    """Reads each page by each parser; whatever is not a ParseError of a readable length comes out."""
    catalogue = load_catalogue()
    for name, page in PAGES.items():
        for source in SOURCES.values():
            sys.stderr.write(f"{name}: {source.id}\n")
            try:
                source.parse(page.encode(), catalogue=catalogue, on=date(2026, 11, 2))
            except SourceError as fault:
                if len(fault.text) > _LONGEST_FAULT:
                    raise RuntimeError(f"{name}: a fault of {len(fault.text):,} signs") from fault


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    read_all()

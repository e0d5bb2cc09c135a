"""More than a thousand texts with what they mean; where it is not plain, with the rule that decides it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.requests import as_json, from_json, read
from pricing.catalogue import load_catalogue

TODAY = date(2026, 11, 21)
CASES = [
    json.loads(line)
    for file in sorted((Path(__file__).parent / "cases").glob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def catalogue() -> Any:
    return load_catalogue()


def essence(request: dict[str, Any]) -> dict[str, Any]:
    """What a case fixes of a request: wording and hints are free."""
    problems = [p if isinstance(p, list) else [p["code"], p["field"]] for p in request["problems"]]
    return {
        "intent": request["intent"],
        "models": request["models"],
        "fields": request["fields"],
        "problems": sorted(problems, key=str),
        "solve_for": request.get("solve_for"),
    }


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_text_means_what_its_case_says(case: dict[str, Any], catalogue: Any) -> None:
    previous = from_json(case["previous"]) if "previous" in case else None

    request = as_json(read(case["text"], catalogue, today=TODAY, previous=previous))

    assert essence(request) == essence(case["expect"]), f"{case['text']!r}: {case.get('why')}"


def test_no_text_stands_twice_among_the_cases() -> None:
    asked = [(case["text"], json.dumps(case.get("previous"), sort_keys=True)) for case in CASES]

    assert len(set(asked)) == len(asked)

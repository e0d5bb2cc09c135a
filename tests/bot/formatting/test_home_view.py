"""The Home tab, with native tables and without."""

import json
from typing import Any

import pytest

from bot.formatting.home_view import home_view
from tests.bot.asking import BOOK, TODAY
from tests.conftest import Golden
from tests.fake_slack import shared_faults, view_faults


def home(*models: str, native: bool = True) -> dict[str, Any]:
    view = home_view(BOOK, today=TODAY, models=models, native=native)
    assert view_faults(view) == []
    assert shared_faults("view", view) == []
    assert len(view["blocks"]) <= 100
    return view


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
def test_home_reads_as_reviewed(native: bool, golden: Golden) -> None:
    view = home("kimi-k2p6", native=native)
    name = "slack_home.json" if native else "slack_home_plain.json"
    golden(name, json.dumps(view, indent=1, ensure_ascii=False) + "\n")


def test_home_says_whose_changes_it_shows() -> None:
    assert "Of all covered models" in json.dumps(home())
    assert "asked about: kimi-k2p6, and of GPU-hours." in json.dumps(home("kimi-k2p6"))


def test_of_many_models_five_are_named() -> None:
    shown = json.dumps(home("a", "b", "c", "d", "e", "f", "g"))
    assert "a, b, c, d and e and 2 more" in shown

"""The form: empty, filled, and with what a form cannot hold."""

import json
from typing import Any

from bot.formatting.form_view import (
    MODEL,
    MORE_FIELDS,
    NO_PRESET,
    PRESET,
    RUN_FIELDS,
    form_view,
)
from bot.requests import Field, Span
from pricing.shapes import presets
from tests.bot.asking import CATALOGUE
from tests.conftest import Golden
from tests.fake_slack import shared_faults, view_faults


def made(values: dict[str, Any] | None = None, *, more: bool = False) -> dict[str, Any]:
    view = form_view(CATALOGUE, values=values or {}, more=more, metadata='{"place":{}}')
    assert view_faults(view) == []
    assert shared_faults("view", view) == []
    return view


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


FILLED = {
    MODEL: "kimi-k2p6",
    Field.TURNS: 20,
    Field.EPISODES: 5_000,
    Field.GPU_TYPE: "B300_288GB",
    Field.BUDGET_USD: "400.25",
    Field.AS_OF: "2026-05-16",
}


def test_the_empty_form_reads_as_reviewed(golden: Golden) -> None:
    golden("slack_form_empty.json", json.dumps(made(), indent=1, ensure_ascii=False) + "\n")


def test_the_filled_form_reads_as_reviewed(golden: Golden) -> None:
    view = made(FILLED, more=True)
    golden("slack_form_filled.json", json.dumps(view, indent=1, ensure_ascii=False) + "\n")


def test_the_short_form_asks_for_the_run_and_the_long_one_for_everything() -> None:
    assert list(inputs(made())) == [MODEL, PRESET, *RUN_FIELDS]
    assert list(inputs(made(more=True))) == [MODEL, PRESET, *RUN_FIELDS, *MORE_FIELDS]
    assert {*RUN_FIELDS, *MORE_FIELDS} == set(Field)


def test_every_covered_model_can_be_chosen() -> None:
    options = inputs(made())[MODEL]["element"]["options"]
    assert [option["value"] for option in options] == [model.key for model in CATALOGUE]


def test_values_fill_their_inputs() -> None:
    found = inputs(made(FILLED, more=True))
    assert found[MODEL]["element"]["initial_option"]["value"] == "kimi-k2p6"
    assert found["turns"]["element"]["initial_value"] == "20"
    assert found["budget_usd"]["element"]["initial_value"] == "400.25"
    assert found["gpu_type"]["element"]["initial_option"]["value"] == "B300_288GB"
    assert found["as_of"]["element"]["initial_date"] == "2026-05-16"
    assert "initial_value" not in found["gpus"]["element"]


def placeholders(values: dict[str, Any]) -> dict[str, str]:
    """What stands in each empty input of the run."""
    found = inputs(made(values))
    return {field.value: found[field]["element"]["placeholder"]["text"] for field in RUN_FIELDS}


def test_every_preset_can_be_chosen_and_taken_away_again() -> None:
    element = inputs(made({PRESET: "terminal-9"}))[PRESET]["element"]
    options = [option["value"] for option in element["options"]]
    assert options == [NO_PRESET, *(shape.name for shape in presets())]
    assert element["initial_option"]["value"] == "terminal-9"
    assert inputs(made())[PRESET]["element"]["initial_option"]["value"] == NO_PRESET


def test_empty_inputs_show_what_a_preset_gives_and_whose_it_is() -> None:
    assert placeholders({}) == {
        "turns": "8",
        "episodes": "1,000",
        "initial_prompt_tokens": "8,000",
        "tokens_added_per_turn": "12,000",
        "decode_tokens_per_turn": "2,000",
    }
    assert placeholders({PRESET: "swe-pro-sonnet45"}) == {
        "turns": "78 from swe-pro-sonnet45",
        "episodes": "1,000",
        "initial_prompt_tokens": "3,000 from swe-pro-sonnet45",
        "tokens_added_per_turn": "855 from swe-pro-sonnet45",
        "decode_tokens_per_turn": "227 from swe-pro-sonnet45",
    }


def test_what_a_tool_result_decides_is_nobodys_value() -> None:
    tool = {PRESET: "swe-pro-sonnet45", Field.TOOL_RESULT_TOKENS_PER_TURN: 500}
    follows = "follows from the tool result"
    assert placeholders(tool)["tokens_added_per_turn"] == follows
    both = placeholders(tool | {Field.TOKENS_ADDED_PER_TURN: 900})
    assert both["decode_tokens_per_turn"] == follows


def test_the_last_line_says_whose_values_fill_what_is_empty() -> None:
    def closing(values: dict[str, Any]) -> str:
        return str(made(values)["blocks"][-1]["elements"][0]["text"])

    assert "keeps its default;" in closing({})
    assert "keeps the preset's value, or its default;" in closing({PRESET: "terminal-9"})


def test_several_values_are_named_beside_an_empty_input() -> None:
    found = inputs(made({Field.TURNS: (5, 10), Field.EPISODES: Span(start=10, end=50)}))
    assert "initial_value" not in found["turns"]["element"]
    assert found["turns"]["hint"]["text"].endswith("the form takes one value.")
    assert "initial_value" not in found["episodes"]["element"]


def test_an_unknown_model_leaves_the_choice_open() -> None:
    assert "initial_option" not in inputs(made({MODEL: "lost"}))[MODEL]["element"]


def test_the_metadata_comes_back_as_it_was() -> None:
    assert made()["private_metadata"] == '{"place":{}}'

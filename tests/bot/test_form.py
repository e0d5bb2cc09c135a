"""A submitted form becomes a request, or a sentence at each input that cannot be read."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.form import Submission, submitted, typed_values
from bot.requests import Field, Intent
from tests.bot.asking import CATALOGUE, TODAY


def typed(**values: str | None) -> dict[str, Any]:
    """A form's state as Slack sends it; a model is chosen unless another is."""
    state: dict[str, Any] = {
        name: {"value": {"type": "number_input", "value": value}} for name, value in values.items()
    }
    state.setdefault("model", chosen("kimi-k2p6"))
    return state


def chosen(value: str) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": "Any"}, "value": value}
    return {"value": {"type": "static_select", "selected_option": option}}


def sent(state: dict[str, Any], paths: tuple[str, ...] = ()) -> Submission:
    return submitted(state, catalogue=CATALOGUE, today=TODAY, paths=paths)


def value_of(field: Field, text: str) -> object:
    submission = sent(typed(**{field: text}))
    assert submission.errors == {}
    assert submission.request is not None
    return submission.request.fields[field]


def error_of(field: str, text: str) -> str:
    submission = sent(typed(**{field: text}))
    assert submission.request is None
    assert submission.errors.keys() == {field}
    return submission.errors[field]


def test_an_empty_form_with_a_model_is_an_estimate_with_every_default() -> None:
    submission = sent(typed(turns=None, episodes=""))
    assert submission.errors == {}
    assert submission.request is not None
    assert submission.request.intent is Intent.ESTIMATE
    assert submission.request.models == ("kimi-k2p6",)
    assert submission.request.fields == {}


def test_every_input_finds_its_field() -> None:
    state = typed(
        turns="20",
        episodes="5000",
        initial_prompt_tokens="8000",
        tokens_added_per_turn="12000",
        decode_tokens_per_turn="2000",
        tool_result_tokens_per_turn="10000",
        gpus="16",
        prompt_tps="40000.5",
        decode_tps="2400",
        budget_usd="400.25",
        deadline_hours="6",
    )
    state["gpu_type"] = chosen("B200_180GB")
    state["as_of"] = {"value": {"type": "datepicker", "selected_date": "2026-05-16"}}
    submission = sent(state, paths=("tinker",))
    assert submission.errors == {}
    assert submission.request is not None
    assert submission.request.paths == ("tinker",)
    assert submission.request.fields == {
        Field.TURNS: 20,
        Field.EPISODES: 5_000,
        Field.INITIAL_PROMPT_TOKENS: 8_000,
        Field.TOKENS_ADDED_PER_TURN: 12_000,
        Field.DECODE_TOKENS_PER_TURN: 2_000,
        Field.TOOL_RESULT_TOKENS_PER_TURN: 10_000,
        Field.GPUS: 16,
        Field.GPU_TYPE: "B200_180GB",
        Field.PROMPT_TPS: Decimal("40000.5"),
        Field.DECODE_TPS: 2_400,
        Field.BUDGET_USD: Decimal("400.25"),
        Field.DEADLINE_HOURS: 6,
        Field.AS_OF: date(2026, 5, 16),
    }


@pytest.mark.parametrize(
    ("text", "value"), [("20", 20), (" 20 ", 20), ("20.0", 20), ("2e1", 20), ("0020", 20)]
)
def test_whole_numbers_are_read_however_they_are_written(text: str, value: int) -> None:
    assert value_of(Field.TURNS, text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("5,000", 5_000), ("1,000,000", 1_000_000), ("5,000.0", 5_000)]
)
def test_commas_group_thousands(text: str, value: int) -> None:
    assert value_of(Field.EPISODES, text) == value


@pytest.mark.parametrize(
    "text", ["abc", "½", "NaN", "sNaN", "-sNaN", "2.5", "20 turns", "--", "1e", "<!channel>"]
)
def test_what_is_no_whole_number_is_said_at_its_input(text: str) -> None:
    assert error_of("turns", text) == (
        f"{text} cannot be read as a value: turns takes whole numbers from 1 to 200."
    )


@pytest.mark.parametrize(
    "text", ["0", "-1", "201", "1e999", "Infinity", "-Infinity", "1e999999999"]
)
def test_what_is_out_of_range_is_said_at_its_input(text: str) -> None:
    said = error_of("turns", text)
    assert text in said
    assert said.endswith("from 1 to 200.")


def test_a_sum_of_nothing_is_refused() -> None:
    assert "budget_usd" in error_of("budget_usd", "0")
    assert "budget_usd" in error_of("budget_usd", "1e-400")


def test_a_day_to_come_and_no_day_are_refused() -> None:
    assert error_of("as_of", "2026-11-22").startswith("2026-11-22")
    assert error_of("as_of", "soon").startswith("soon")


def test_an_unknown_gpu_type_is_refused() -> None:
    state = typed()
    state["gpu_type"] = chosen("ABACUS")
    assert sent(state).errors.keys() == {"gpu_type"}


@pytest.mark.parametrize(
    ("chosen_preset", "preset"), [("swe-pro-sonnet45", "swe-pro-sonnet45"), ("none", None)]
)
def test_a_preset_is_that_of_the_request_and_what_is_typed_comes_before_it(
    chosen_preset: str, preset: str | None
) -> None:
    submission = sent({**typed(turns="40"), "preset": chosen(chosen_preset)})
    assert submission.request is not None
    assert submission.request.preset == preset
    assert submission.request.fields == {Field.TURNS: 40}


def test_a_preset_must_be_one_of_the_list() -> None:
    state = {**typed(), "preset": chosen("lost-preset")}
    assert sent(state).errors == {"preset": "Choose one of the presets in the list."}


@pytest.mark.parametrize("model", ["", "lost-model"])
def test_a_model_must_be_one_of_the_list(model: str) -> None:
    state = {"model": chosen(model)}
    assert sent(state).errors == {"model": "Choose one of the models in the list."}


def test_every_input_gets_its_own_error() -> None:
    submission = sent({**typed(turns="abc", episodes="0"), "model": chosen("lost")})
    assert submission.request is None
    assert submission.errors.keys() == {"model", "turns", "episodes"}


def test_added_tokens_that_are_not_their_parts_are_said_at_the_added_tokens() -> None:
    submission = sent(
        typed(
            tokens_added_per_turn="12000",
            decode_tokens_per_turn="2000",
            tool_result_tokens_per_turn="500",
        )
    )
    assert submission.errors.keys() == {"tokens_added_per_turn"}
    assert "12000 added" in submission.errors["tokens_added_per_turn"]


def test_errors_hold_no_marks_of_code() -> None:
    assert "`" not in error_of("turns", "`x`")


def test_blocks_that_no_form_has_are_left_alone() -> None:
    submission = sent(typed(colour="red"))
    assert submission.errors == {}
    assert submission.request is not None
    assert submission.request.fields == {}


def test_what_stands_in_a_form_is_found_in_every_kind_of_input() -> None:
    state = {**typed(turns="20"), "as_of": {"value": {"selected_date": "2026-05-16"}}}
    assert typed_values(state) == {"model": "kimi-k2p6", "turns": "20", "as_of": "2026-05-16"}


def test_a_comma_that_groups_no_thousands_is_never_dropped() -> None:
    state = {"model": {"value": {"selected_option": {"value": "kimi-k2p6"}}}}
    turns = {"turns": {"value": {"value": "1,5"}}}
    grouped = {"episodes": {"value": {"value": "5,000"}}}
    refused = submitted(state | turns, catalogue=CATALOGUE, today=TODAY)
    assert refused.request is None
    assert refused.errors["turns"].startswith("1,5 cannot be read as a value")
    read = submitted(state | grouped, catalogue=CATALOGUE, today=TODAY).request
    assert read is not None
    assert read.fields == {Field.EPISODES: 5000}

"""Presets are facts with a source: whole, told apart by name, and read strictly."""

from pathlib import Path

import pytest

from engine.workload import count_tokens
from pricing.files import RateFileError
from pricing.shapes import load_shapes, presets

ENTRY = """
[[shape]]
name = "two-calls"
turns = 2
initial_prompt_tokens = 300
tokens_added_per_turn = 40
decode_tokens_per_turn = 5
source = "a trace"
source_url = "https://example.com/trace"
confidence = "high"
note = "both calls measured"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "shapes.toml"
    file.write_text(text, encoding="utf-8")
    return file


# Peak contexts as published beside the shapes: P₁ + (T−1)·Δ + decode.
PEAKS = {
    "seed-default": 94_000,
    "swe-pro-sonnet45": 69_062,
    "swe-pro-gpt5": 95_090,
    "long-read-tool": 72_240,
    "swe-skyrl-agent-cap": 40_495,
    "web-research-skyrl-cap": 31_217,
    "swe-rl-32k-cap": 31_121,
    "terminal-50": 37_851,
    "terminal-9": 9_241,
    "coding-session-tracelab": 124_964,
    "manus-agent": 50_284,
    "search-r1-cap": 4_597,
    "sql-tool-cap": 32_000,
    "deep-research-kimi": 179_300,
    "deep-research-asearcher-tail": 229_500,
    "math-code-retool": 7_625,
    "rlvr-single-turn": 8_492,
    "mooncake-toolagent-1call": 8_778,
}


def test_every_preset_peaks_where_its_source_says() -> None:
    assert {s.name: count_tokens(s.episode).peak_context_tokens for s in presets()} == PEAKS


def test_616_measured_runs_sum_to_what_was_published() -> None:
    """78 prompts from 3,000 growing by 855: 78·3,000 + 855·78·77/2."""
    tokens = count_tokens(presets().get("swe-pro-sonnet45").episode)
    assert tokens.prompt_tokens == 2_801_565
    assert tokens.decode_tokens == 78 * 227


def test_what_is_only_a_cap_says_that_it_is_an_upper_bound() -> None:
    capped = [shape for shape in presets() if shape.name.endswith("-cap")]
    assert len(capped) == 5
    assert all("upper bound" in shape.note for shape in capped)


def test_every_preset_has_a_source_and_says_what_it_rests_on() -> None:
    assert all(shape.source and shape.note for shape in presets())
    assert [s.name for s in presets() if not s.source_url] == [
        "terminal-50",
        "terminal-9",
        "rlvr-single-turn",
    ]


def test_a_prefix_is_whole_words_of_a_name() -> None:
    def names(prefix: str) -> list[str]:
        return [shape.name for shape in presets().beginning(prefix)]

    assert names("swe-pro") == ["swe-pro-sonnet45", "swe-pro-gpt5"]
    assert names("swe-p") == []
    assert names("terminal") == ["terminal-50", "terminal-9"]
    assert names("manus-agent") == ["manus-agent"]


def test_a_shape_that_is_no_preset_is_a_key_error() -> None:
    assert "swe-pro" not in presets()
    with pytest.raises(KeyError):
        presets().get("swe-pro")


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    shape = load_shapes(written(tmp_path, ENTRY)).get("two-calls")
    assert (shape.turns, shape.confidence, shape.source_url) == (
        2,
        "high",
        "https://example.com/trace",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ENTRY * 2, "`two-calls` twice"),
        (ENTRY.replace("turns = 2", "turns = 0"), "two-calls.*`turns` = 0"),
        (ENTRY.replace("turns = 2", 'turns = "2"'), "`turns` = 2"),
        (ENTRY.replace('"high"', '"certain"'), "`confidence` = certain"),
        (ENTRY.replace("https://", "http://"), "`source_url`"),
        (ENTRY.replace('"two-calls"', '"Two calls"'), "`name` = Two calls"),
        (ENTRY + "temperature = 1\n", "unknown key `temperature`"),
        ("[[model]]\n", r"may hold only \[\[shape\]\]"),
    ],
    ids=["twice", "no turn", "quoted", "confidence", "unsafe link", "name", "unknown", "table"],
)
def test_a_fault_of_the_file_is_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(RateFileError, match=fault):
        load_shapes(written(tmp_path, text))

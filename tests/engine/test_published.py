"""The calculator of 2026-05-16: figures copied from that page.

`published_vectors.jsonl` holds the extremes of every input and figure; RLCOST_VECTORS may name a file of more.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from engine.published import PUBLISHED_MODELS, PublishedFigures, published_figures
from engine.workload import Workload
from tests.examples import DEFAULT_WORKLOAD, shape

VECTORS = Path(__file__).parent / "published_vectors.jsonl"
ALL_VECTORS = Path(os.environ.get("RLCOST_VECTORS", VECTORS.with_name("all_vectors.jsonl")))


def page(model: str, run: Workload = DEFAULT_WORKLOAD) -> PublishedFigures:
    own = PUBLISHED_MODELS[model]
    return published_figures(
        own, run, gpus=own.gpus, prompt_tps=own.prompt_tps, decode_tps=own.decode_tps
    )


@pytest.mark.parametrize(
    ("model", "tinker_usd", "dedicated_usd", "limits"),
    [
        ("kimi-k2p6", 2264.96, 284.4444, (63, 1084, 189)),
        ("kimi-k2p5", 2264.96, 284.4444, (63, 1084, 189)),
        ("qwen3p5-397b", 1760.00, 296.2963, (47, 1162, 203)),
        ("gpt-oss-120b", 276.64, 49.7778, (22, 2587, 450)),
    ],
)
def test_the_page_showed_these_totals_and_limits_at_its_defaults(
    model: str, tinker_usd: float, dedicated_usd: float, limits: tuple[int, int, int]
) -> None:
    figures = page(model)
    assert figures.tinker_usd == pytest.approx(tinker_usd, abs=1e-9)
    assert figures.dedicated_usd == pytest.approx(dedicated_usd, abs=1e-4)
    found = (figures.at_par_max_gpus, figures.at_par_min_prompt_tps, figures.at_par_min_decode_tps)
    assert found == limits


def test_the_page_showed_twenty_turns_as_18_4_times_cheaper() -> None:
    figures = page("kimi-k2p6", Workload(shape=shape(turns=20), episodes=5_000))
    assert figures.tinker_usd == 65392
    assert figures.dedicated_usd == 3555.5555555555557
    assert figures.dedicated_vs_tinker == "18.4× cheaper"


def test_the_page_never_showed_less_than_one_gpu() -> None:
    figures = page(
        "kimi-k2p6", Workload(shape=shape(turns=1, initial=500, decode=2_000), episodes=1_000)
    )
    assert figures.dedicated_vs_tinker == "1.3× more"
    slow = published_figures(
        PUBLISHED_MODELS["kimi-k2p6"],
        Workload(shape=shape(turns=1, initial=500, decode=2_000), episodes=1_000),
        gpus=1,
        prompt_tps=30_000,
        decode_tps=200,
    )
    assert slow.at_par_max_gpus == 1
    assert slow.dedicated_vs_tinker == "1.2× more"


def test_nothing_divided_by_nothing_is_no_number() -> None:
    idle = Workload(shape=shape(turns=2, initial=0, added=0, decode=0), episodes=1)
    figures = page("kimi-k2p6", idle)
    assert (figures.at_par_max_gpus, figures.dedicated_vs_tinker) == (None, "—")
    assert figures.cache_hit_percent == 0


def disagreements(file: Path) -> list[dict[str, Any]]:
    """The vectors of a file whose figures are others than the page showed."""
    vectors = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert vectors
    return [vector for vector in vectors if asdict(figures_of(vector)) != vector["expect"]]


def figures_of(vector: dict[str, Any]) -> PublishedFigures:
    run = Workload(
        shape=shape(
            turns=vector["turns"],
            initial=vector["initial_prompt_tokens"],
            added=vector["tokens_added_per_turn"],
            decode=vector["decode_tokens_per_turn"],
        ),
        episodes=vector["episodes"],
    )
    return published_figures(
        PUBLISHED_MODELS[vector["model"]],
        run,
        gpus=vector["gpus"],
        prompt_tps=vector["prompt_tps"],
        decode_tps=vector["decode_tps"],
    )


def test_the_page_agrees_to_the_last_digit_at_every_extreme() -> None:
    assert disagreements(VECTORS) == []


@pytest.mark.skipif(not ALL_VECTORS.exists(), reason="all vectors are not at hand")
def test_the_page_agrees_to_the_last_digit_everywhere() -> None:
    assert disagreements(ALL_VECTORS) == []

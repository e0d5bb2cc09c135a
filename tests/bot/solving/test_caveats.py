"""What is noted beside solutions is about the paths that they speak of."""

from datetime import date
from decimal import Decimal

import pytest

from bot.answers import Answer
from bot.formatting.layout import Line, Sourced
from bot.formatting.solve_view import solve_sections
from bot.requests.request import Field, Intent, Request, Value
from engine.caveats import (
    BillingPath,
    Caveat,
    ClusterTooSmall,
    ConflictingSources,
    IdealPrefixCache,
    NotOffered,
    ReplicasScaleLinearly,
    StaleRates,
)
from tests.bot.asking import ask
from tests.bot.solving.questions import AUGUST, DEDICATED, STANDARD, TINKER, solve

IN_TWO_HOURS: dict[Field, Value] = {Field.EPISODES: 5000, Field.DEADLINE_HOURS: Decimal(2)}


def unavailable(answer: Answer) -> set[BillingPath]:
    return {path for c in answer.caveats if isinstance(c, NotOffered) for path in c.paths}


def test_gpus_have_notes_about_dedicated_alone() -> None:
    # Kimi K2.6 left all of serverless by 2026-09-25; what sources disagree about is Tinker's windows.
    answer = solve(Field.GPUS, fields=IN_TWO_HOURS)
    assert unavailable(answer) == set()
    assert not [c for c in answer.caveats if isinstance(c, ConflictingSources)]
    # 5,000 episodes of 400,000 prompt tokens at 30,000 a second on 8 B300 at $15: $2,222.22.
    (cache,) = [c for c in answer.caveats if isinstance(c, IdealPrefixCache)]
    ((path, usd),) = cache.usd_without_hits
    assert (path, round(usd, 2)) == (DEDICATED, Decimal("2222.22"))


def test_a_pair_of_paths_has_no_notes_about_others() -> None:
    named = solve(Field.TURNS, paths=(TINKER, DEDICATED))
    assert unavailable(named) == set()
    assert unavailable(solve(Field.TURNS, paths=(STANDARD, DEDICATED))) == {STANDARD}


@pytest.mark.parametrize("day", [None, AUGUST])
def test_a_crossing_says_how_old_every_card_is_that_it_rests_on(day: date | None) -> None:
    # Tinker's 32K was checked on 2026-09-19 and its 128K on 2026-07-17; the crossing at two turns is priced on 32K alone.
    answer = solve(Field.TURNS, paths=(TINKER, DEDICATED), on=day)
    checked = {
        c.verified_on for c in answer.caveats if isinstance(c, StaleRates) and TINKER in c.paths
    }
    assert checked == {"2026-09-19", "2026-07-17"}
    (section,) = [s for s in solve_sections(answer) if s.title == "Rates"]
    assert [str(line)[:11] for line in map(words, section.lines)][:2] == [
        "Tinker 32K:",
        "Tinker 128K",
    ]


def words(line: Line) -> str:
    return line.text if isinstance(line, Sourced) else line


@pytest.mark.parametrize(
    ("cluster", "kind"),
    [
        # a trillion parameters at four bits are 500 GB, and one B300 has 288
        (
            {Field.GPUS: 1, Field.PROMPT_TPS: 30_000, Field.DECODE_TPS: 1500},
            ClusterTooSmall,
        ),
        ({Field.GPUS: 16}, ReplicasScaleLinearly),  # the known throughput is that of 8
    ],
)
def test_what_a_cluster_takes_for_granted_is_noted_beside_dedicated_alone(
    cluster: dict[Field, Value], kind: type[Caveat]
) -> None:
    def noted(*paths: BillingPath) -> bool:
        answer = solve(Field.TURNS, fields=cluster, on=AUGUST, paths=paths)
        assert answer.models[0].solutions
        return any(isinstance(caveat, kind) for caveat in answer.caveats)

    assert noted(TINKER, DEDICATED)
    assert not noted(TINKER, STANDARD)


def test_without_named_paths_it_is_said_why_one_is_missing() -> None:
    # Kimi K3 is neither on Tinker nor has it a cluster of known throughput.
    assert unavailable(solve(Field.TURNS, "kimi-k3")) >= {TINKER, DEDICATED}


def test_notes_of_several_models_stand_under_their_names() -> None:
    request = Request(
        intent=Intent.SOLVE,
        models=("kimi-k2p6", "gpt-oss-120b"),
        fields={**IN_TWO_HOURS, Field.AS_OF: AUGUST},
        solve_for=Field.GPUS,
    )
    answer = ask(request)
    notes = {s.title: s.lines for s in solve_sections(answer) if s.title.startswith("Notes")}
    assert list(notes) == ["Notes · Kimi K2.6", "Notes · GPT-OSS-120B", "Notes"]
    # In two hours 8 of Kimi's replicas end (1.85 hours), and 5 of GPT-OSS' (1.78).
    assert (
        notes["Notes · Kimi K2.6"][0] == "8 clusters of 8 GPUs are taken to be 8× as fast as one."
    )
    assert (
        notes["Notes · GPT-OSS-120B"][0]
        == "5 clusters of 4 GPUs are taken to be 5× as fast as one."
    )
    assert not any("Serverless" in str(line) for lines in notes.values() for line in lines)

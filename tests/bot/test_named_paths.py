"""Paths that are named or left out: the verdict is on those asked for, and says where another is cheaper.

Kimi K2.6 today, worked out from its rates: 8 turns on Tinker 128K are 92k·5.15 + 308k·1.03 + 16k·12.81 = $0.996 an episode,
on Dedicated 16,000 tokens at 1,500/s on 8 B300 at $15 = $0.35556, or with 92k/30,000 s of prefill before them $0.45778.
"""

import pytest

from bot.answers import Answer
from bot.formatting.as_json import answer_json
from bot.formatting.reply import reply_to
from bot.formatting.verdict_wording import verdict_text
from bot.formatting.views import view
from bot.requests import Request, read
from bot.verdicts import Swept
from engine.caveats import BillingPath
from tests.bot.asking import CATALOGUE, TODAY, ask

NOT_DEDICATED = "Dedicated, which you left out, is cheaper: $355.56."


def asked(text: str, before: str = "") -> Answer:
    previous: Request | None = read(before, CATALOGUE, today=TODAY) if before else None
    return ask(read(text, CATALOGUE, today=TODAY, previous=previous))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "kimi k2.6 only tinker",
            f"Tinker 128K comes to $996.00 for 1,000 episodes, $1.00 each. {NOT_DEDICATED}",
        ),
        (
            "kimi k2.6 $500 budget without dedicated",
            "Without Dedicated, only Tinker 128K can be bought as asked: $996.00 for 1,000 episodes, $1.00 each. "
            "Notional: Serverless standard at $200.68 (retired after 2026-09-25), Serverless priority at $301.76 "
            "(retired after 2026-09-25) and Serverless fast at $404.40 (retired after 2026-08-27). "
            f"$500 is not enough for Tinker. {NOT_DEDICATED}",
        ),
        (
            "kimi k2.6 on tinker and dedicated",
            "Of Tinker and Dedicated, Dedicated is cheapest: $355.56 for 1,000 episodes, $0.36 each. "
            "Tinker 128K comes next at $996.00, 2.8× as much.",
        ),
        (
            # 20 turns peak at 238,000 tokens; on Dedicated they take 40,000 tokens an episode, 2.5 times those of 8.
            "kimi k2.6 turns=20 only tinker",
            "Tinker cannot be bought as asked for Kimi K2.6: an episode peaks at 238,000 tokens, beyond its window. "
            "Notional: Tinker 128K at $3,998. Dedicated, which you left out, can be bought: $888.89.",
        ),
        (
            "kimi k2.6 on tinker in 6 hours",
            "Tinker 128K comes to $996.00 for 1,000 episodes, $1.00 each. How long these paths take is not known, so "
            f"nothing is said of the deadline of 6 hours. {NOT_DEDICATED}",
        ),
        (
            # Three GPUs have no throughput; that is said once.
            "kimi k2.6 as of 2026-08-01 except priority gpus=3",
            "Without Serverless priority, Serverless standard is cheapest: $200.68 for 1,000 episodes, $0.20 each. "
            "Serverless fast comes next at $404.40, 2.0× as much. Dedicated: no throughput is known for 3 × B300; it is "
            "known for 8 × B300; otherwise say prompt_tps and decode_tps. Tinker 128K comes to $996.00.",
        ),
        (
            # A budget has nothing to be held against where no path asked for has an amount.
            "kimi-k2p5 priority only budget=5000",
            "Serverless priority cannot be bought as asked for Kimi K2.5: no rate is known for 2026-11-21. Dedicated, "
            "which you left out, can be bought: $355.56.",
        ),
        ("kimi k2.6 on dedicated", "Dedicated comes to $355.56 for 1,000 episodes, $0.36 each."),
        (
            # Serverless fast was $0.4044 an episode in August, and Dedicated at $12 an hour $0.28444 to $0.36622.
            "kimi k2.6 as of 2026-08-01 on fast",
            "Serverless fast comes to $404.40 for 1,000 episodes, $0.40 each. Serverless standard, which you left out, is "
            "cheaper: $200.68.",
        ),
        (
            # Priority was $0.30176, within the band of Dedicated.
            "kimi k2.6 as of 2026-08-01 on priority and dedicated",
            "Too close to call: Dedicated takes $284.44 to $366.22 for 1,000 episodes, by how far prefill and decode "
            "overlap, and Serverless priority $301.76. Serverless standard, which you left out, is cheaper: $200.68.",
        ),
    ],
)
def test_an_estimate_s_verdict_is_on_the_paths_asked_for(text: str, said: str) -> None:
    assert verdict_text(asked(text)) == said


# 2 turns with 1,000 tokens decoded: on Tinker 32K 20k·2.205 + 8k·0.441 + 2k·5.49 = $0.058608 an episode, on Dedicated 4/3 s of
# decode and 2/3 s of prefill at $120 an hour.
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("tinker", "Dedicated, which you left out, could be cheaper, by how far prefill and decode overlap: $44.44 to $66.67 against $58.61."),
        ("dedicated", "Tinker 32K, which you left out, could be cheaper, by how far prefill and decode overlap: $58.61 against $44.44 to $66.67."),
    ],
)  # fmt: skip
def test_a_path_left_out_that_overlap_decides_about_could_be_cheaper(path: str, said: str) -> None:
    assert verdict_text(asked(f"kimi k2.6 turns=2 decode=1000 on {path}")).endswith(said)


def test_a_follow_up_that_names_a_path_changes_the_verdict_and_not_the_table() -> None:
    before, after = asked("kimi k2.6"), asked("only tinker", before="kimi k2.6")
    assert verdict_text(before) != verdict_text(after)
    assert verdict_text(after).startswith("Tinker 128K comes to $996.00")
    tables = [[s.table for s in view(each).sections if s.table] for each in (before, after)]
    assert tables[0] == tables[1]


def test_the_cheapest_in_json_is_that_of_all_paths() -> None:
    (entry,) = answer_json(asked("kimi k2.6 budget=500 only tinker"))["models"]
    assert entry["cheapest"] == "dedicated"
    assert [path["within_budget"] for path in entry["paths"]] == [False, True, True, True, True]


def test_the_working_in_brief_is_that_of_the_paths_asked_for() -> None:
    for text, titles in (
        ("explain kimi k2.6", ["Kimi K2.6 · Dedicated · offered"]),
        ("explain kimi k2.6 only tinker", ["Kimi K2.6 · Tinker 128K · offered"]),
        (
            "explain kimi k2.6 tinker and dedicated",
            ["Kimi K2.6 · Dedicated · offered", "Kimi K2.6 · Tinker 128K · offered"],
        ),
        ("explain kimi k2.6 without dedicated", ["Kimi K2.6 · Tinker 128K · offered"]),
    ):
        sections = reply_to(asked(text), shareable=True).view.sections
        assert [section.title for section in sections if section.title] == titles
    assert verdict_text(asked("explain kimi k2.6 only tinker")).endswith(NOT_DEDICATED)


def test_gpus_asked_for_with_another_path_named_are_those_of_dedicated() -> None:
    text = verdict_text(asked("how many gpus for kimi k2.6 in 6 hours on tinker"))
    assert text.startswith("GPUs are chosen for Dedicated alone, not for Tinker. 8 × B300 ")
    alone = verdict_text(asked("how many gpus for kimi k2.6 in 6 hours on dedicated"))
    assert alone.startswith("8 × B300 ")


def test_a_budget_beside_limits_against_a_path_is_held_against_dedicated_too() -> None:
    text = verdict_text(asked("limits kimi k2.6 budget=$500 on tinker"))
    assert text.endswith("$500 is enough for Dedicated.")


# -- sweeps ---------------------------------------------------------------------------------------------


def leads(text: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Who leads of those asked for, and who of all that was not."""
    verdict = asked(text).verdict
    assert isinstance(verdict, Swept)
    both = (verdict.leads, verdict.left_out)
    of_asked, left_out = ([(lead.first, lead.last, lead.path) for lead in each] for each in both)
    return of_asked, left_out


@pytest.mark.parametrize("paths", ["except dedicated", "only tinker"])
def test_a_sweep_s_leads_are_of_the_paths_asked_for(paths: str) -> None:
    # 131,072 tokens hold 11 turns on Tinker; Dedicated is cheaper from 3 turns on.
    of_asked, left_out = leads(f"kimi k2.6 turns=1..20 {paths}")
    assert of_asked == [(1, 11, BillingPath.TINKER), (12, 20, None)]
    assert left_out == [(3, 20, BillingPath.DEDICATED)]


def test_where_the_path_asked_for_is_the_cheapest_none_is_said_to_be_left_out() -> None:
    assert leads("kimi k2.6 turns=3..20 on dedicated") == ([(3, 20, BillingPath.DEDICATED)], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "kimi k2.6 turns=1..20 except dedicated",
            "Without Dedicated, Tinker is cheapest up to 11 turns. From 12 on none of these paths can be bought as asked. "
            "A run comes to $28.62 at 1 turn and $1,580 at 11. "
            "Dedicated, which you left out, is the cheapest of all from 3 turns on.",
        ),
        (
            "kimi k2.6 turns=1..20 only tinker",
            "Tinker can be bought up to 11 turns. From 12 on it cannot be bought as asked. "
            "A run comes to $28.62 at 1 turn and $1,580 at 11. "
            "Dedicated, which you left out, is the cheapest of all from 3 turns on.",
        ),
        (
            "kimi k2.6 turns=12..20 on tinker",
            "Tinker cannot be bought as asked for Kimi K2.6 from 12 to 20 turns; the amounts are notional. "
            "Dedicated, which you left out, is the cheapest of all throughout.",
        ),
        (
            "kimi k2.6 gpus=8,16 on tinker and priority",
            "Of Tinker and Serverless priority, Tinker is cheapest at every point. A run comes to $996.00. "
            "Dedicated, which you left out, is the cheapest of all at every point.",
        ),
        (
            "kimi k2.6 turns=2,8 decode=1000, 2000 on tinker",
            "Tinker can be bought in all 4 combinations. A run comes to between $58.61 and $996.00. "
            "Dedicated, which you left out, is the cheapest of all in 3 of 4 combinations, in part only while prefill "
            "and decode overlap.",
        ),
    ],
)
def test_a_sweep_s_verdict_is_on_the_paths_asked_for(text: str, said: str) -> None:
    assert verdict_text(asked(text)) == said


def test_the_cells_of_a_grid_are_those_of_the_paths_asked_for() -> None:
    sections = view(asked("kimi k2.6 turns=2,8 decode=1000, 2000 on tinker")).sections
    (table,) = [section.table for section in sections if section.table]
    assert all(str(cell).startswith("Tinker") for row in table.rows for cell in row[1:])


def test_the_points_in_json_keep_their_five_paths_and_the_cheapest_of_all() -> None:
    (entry,) = answer_json(asked("kimi k2.6 turns=1..4 only tinker"))["models"]
    assert [point["cheapest"] for point in entry["points"]] == [
        *["tinker"] * 2,
        *["dedicated"] * 2,
    ]
    assert all(len(point["paths"]) == 5 for point in entry["points"])

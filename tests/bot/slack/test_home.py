"""The Home tab: how to ask, the form, what changed lately, and how old the rates are."""

import json
from typing import Any

from tests.bot.slack.conftest import Scene
from tests.fake_slack import ViewRecord

RETIRED = "Serverless standard and priority"


async def home(scene: Scene) -> ViewRecord:
    await scene.person().open_home()
    view: ViewRecord = await scene.slack.wait_for(lambda: scene.slack.home.get(("T1", "U1")))
    return view


def kinds(view: ViewRecord) -> list[str]:
    return [block["type"] for block in view.blocks]


def table(view: ViewRecord) -> dict[str, Any]:
    [found] = [block for block in view.blocks if block["type"] == "data_table"]
    return found


def said(view: ViewRecord) -> str:
    return json.dumps(view.view, ensure_ascii=False)


async def test_the_home_tab_shows_what_changed_of_all_models(scene: Scene) -> None:
    view = await home(scene)
    rows = [[cell["text"] for cell in row] for row in table(view)["rows"]]
    assert rows[0] == ["Since", "Model", "Path", "Change"]
    assert rows[1] == ["2026-11-08", "gpt-oss-120b", RETIRED, "retired"]
    assert "Of all covered models; once people here ask about some, of those." in said(view)


async def test_the_home_tab_says_how_old_the_rates_are(scene: Scene) -> None:
    text = said(await home(scene))
    assert "*Tinker* checked 2026-07-17 to 2026-10-09, 43 days ago, over 30 days" in text
    assert "*Fireworks Serverless* checked 2026-09-25 to 2026-11-21, today" in text
    assert "*Fireworks Dedicated* checked 2026-10-05, 47 days ago, over 30 days" in text


async def test_the_home_tab_keeps_to_what_the_workspace_asks_about(scene: Scene) -> None:
    await scene.person().mention("kimi-k2p6 turns=20 episodes=5000")
    await scene.slack.wait_for(lambda: scene.slack.posts)
    view = await home(scene)
    assert "Of the models that this workspace asked about: kimi-k2p6, and of GPU-hours." in said(
        view
    )
    rows = [[cell["text"] for cell in row] for row in table(view)["rows"]]
    assert rows[1] == ["2026-09-26", "kimi-k2p6", RETIRED, "retired"]
    assert all("gpt-oss-120b" not in row for row in rows)


async def test_where_tables_are_refused_the_home_tab_is_drawn_as_text(scene: Scene) -> None:
    scene.slack.refuse_block_types("data_table")
    view = await home(scene)
    assert "data_table" not in kinds(view)
    assert f"2026-11-08 · gpt-oss-120b · {RETIRED}: retired" in said(view)
    assert "*Fireworks Dedicated* checked 2026-10-05, 47 days ago" in said(view)


async def test_the_home_tab_is_drawn_anew_each_time(scene: Scene) -> None:
    view = await home(scene)
    await scene.person().open_home()
    await scene.slack.wait_for(lambda: view.earlier)
    assert view.earlier == [view.view]

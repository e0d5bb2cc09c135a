"""The runs that a channel saves under names: kept, shown, forgotten, and refused with a way on."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.listeners import verbs
from bot.listeners.named_runs import VERB_WORDS, is_taken, name_in
from bot.store.scenarios import Scenario
from tests.bot.asking import CATALOGUE
from tests.bot.slack.conftest import NOW, Scene, logged
from tests.fake_slack import Post
from tests.fake_slack.blocks import objects_in

RUN = "kimi-k2p6 turns=20 episodes=5000"


async def said(scene: Scene, text: str, *, user: str = "U1", channel: str = "C1") -> Post:
    """The one message that a command brings about."""
    count = len(scene.slack.posts)
    await scene.person(user, channel).command(text)
    await scene.bot.services.work.drain(seconds=15)
    [post] = scene.slack.posts[count:]
    return post


async def names(scene: Scene, channel: str = "C1") -> list[str]:
    saved = await scene.bot.services.scenarios.in_channel("T1", channel)
    return [each.name for each in saved]


def read(post: Post) -> str:
    """The words that are shown, element by element."""
    return "".join(
        each["text"] for each in objects_in(post.blocks) if isinstance(each.get("text"), str)
    )


async def test_a_run_is_saved_in_its_channel_and_shown_to_it_alone(scene: Scene) -> None:
    post = await said(scene, f"save Nightly {RUN}")
    assert post.ephemeral_to == "U1"
    assert post.text.startswith("Saved `nightly` for this channel: ")
    assert "kimi-k2p6" in post.text
    assert await names(scene) == ["nightly"]
    shown = await said(scene, "saved", user="U2")
    assert shown.text == "The saved runs of this channel."
    assert "nightly" in read(shown)
    assert "kimi-k2p6" in read(shown)
    elsewhere = await said(scene, "scenarios", channel="C2")
    assert elsewhere.text.startswith("This channel has no saved runs.")


async def test_saving_a_name_again_replaces_its_run(scene: Scene) -> None:
    await said(scene, f"save nightly {RUN}")
    await said(scene, "save NIGHTLY gpt-oss-120b turns=8")
    [saved] = await scene.bot.services.scenarios.in_channel("T1", "C1")
    assert saved.request["models"] == ["gpt-oss-120b"]


async def test_a_mention_saves_too_and_all_see_it(scene: Scene) -> None:
    await scene.person().mention(f"save weekly {RUN}")
    await scene.bot.services.work.drain(seconds=15)
    [post] = scene.slack.posts
    assert (post.channel, post.ephemeral_to) == ("C1", None)
    assert await names(scene) == ["weekly"]


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        ("save", "A name is missing"),
        ("save 5nights kimi-k2p6", "`5nights` is no name"),
        ("save a.b kimi-k2p6", "`a.b` is no name"),
        ("save -1 kimi-k2p6", "`-1` is no name"),
        ("save =cmd kimi-k2p6", "`=cmd` is no name"),
        ("save \N{ROCKET} kimi-k2p6", "`\N{ROCKET}` is no name"),
        ("save n\u00e4chtlich kimi-k2p6", "`n\u00e4chtlich` is no name"),
        ("save " + "x" * 41 + " kimi-k2p6", "`" + "x" * 40 + "` is no name"),
        ("save nightly kimi-k9", "`kimi-k9`"),
        ("save nightly kimi-k2p6 turns=0", "`0` is out of range"),
        ("save nightly", "A saved run is one model and one value a field"),
        ("save nightly rates kimi-k2p6", "A saved run is one model and one value a field"),
        ("save nightly kimi-k2p6 gpt-oss-120b", "A saved run is one model and one value a field"),
        ("save nightly sweep kimi-k2p6 turns=2..8", "A saved run is one model and one value"),
    ],
)
async def test_what_cannot_be_saved_is_named_and_not_kept(
    scene: Scene, text: str, said_of_it: str
) -> None:
    post = await said(scene, text)
    assert post.ephemeral_to == "U1"
    assert said_of_it in post.text
    assert await names(scene) == []


async def test_the_ninth_run_finds_no_room_and_a_known_name_still_does(scene: Scene) -> None:
    for number in range(8):
        await scene.bot.services.scenarios.save(saved(f"run{number}"))
    post = await said(scene, f"save ninth {RUN}")
    assert post.text == (
        "This channel has 8 saved runs, as many as a digest has room for: "
        "`/rlcost forget run0` makes room."
    )
    assert len(await names(scene)) == 8
    assert (await said(scene, "save run3 gpt-oss-120b")).text.startswith("Saved `run3`")
    await said(scene, "forget run0")
    assert (await said(scene, f"save ninth {RUN}")).text.startswith("Saved `ninth`")
    assert len(await names(scene)) == 8


def saved(name: str, **request: object) -> Scenario:
    return Scenario(
        team_id="T1",
        channel_id="C1",
        enterprise_id=None,
        name=name,
        request={"intent": "estimate", "models": ["kimi-k2p6"], "fields": {}} | request,
        saved_by="U1",
        saved_at=NOW,
    )


async def test_a_forgotten_run_is_gone_whoever_saved_it(scene: Scene) -> None:
    await said(scene, f"save nightly {RUN}")
    post = await said(scene, "forget NIGHTLY", user="U2")
    assert post.text == "`nightly` is forgotten."
    assert await names(scene) == []


async def test_what_was_never_saved_is_answered_with_what_is(scene: Scene) -> None:
    none = await said(scene, "forget nightly")
    assert none.text == "`nightly` is no saved run of this channel; saved are: none."
    await said(scene, f"save weekly {RUN}")
    which = await said(scene, "forget")
    assert which.text == "Say which run; saved are: `weekly`."


async def test_a_run_whose_model_is_covered_no_longer_is_listed_with_the_way_to_remove_it(
    scene: Scene,
) -> None:
    await said(scene, f"save nightly {RUN}")
    await scene.bot.services.scenarios.save(saved("older", models=["gone-model-1b"]))
    post = await said(scene, "saved")
    assert "cannot be priced any more" in read(post)
    assert "/rlcost forget older" in read(post)
    assert "nightly" in read(post)


@pytest.mark.parametrize("verb", ["save", "forget"])
async def test_a_hostile_name_is_never_live(scene: Scene, verb: str) -> None:
    for name in ("<!channel>", "<@U9>", "`<!here>`", "*x*", "a` <!channel> `b"):
        post = await said(scene, f"{verb} {name} {RUN}")
        for each in objects_in(post.blocks):
            assert each.get("type") not in ("user", "usergroup", "broadcast", "channel", "mrkdwn")
        assert "<!" not in post.text
        assert "<@" not in post.text
        assert "``" not in post.text
    assert "broadcast" not in json.dumps([post.blocks for post in scene.slack.posts])
    assert await names(scene) == []


# Used by name


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("nightly", "$4,444 for 5,000 episodes"),
        ("NIGHTLY", "$4,444 for 5,000 episodes"),
        ("`nightly` please", "$4,444 for 5,000 episodes"),
        ("price nightly", "$4,444 for 5,000 episodes"),
        ("nightly turns=40", "Tinker 128K at $64,782"),
        ("nightly what about 40 turns?", "Tinker 128K at $64,782"),
        ("nightly: episodes=1000", "for 1,000 episodes"),
    ],
)
async def test_a_saved_run_is_asked_by_its_name_and_changed_behind_it(
    scene: Scene, text: str, amount: str
) -> None:
    await said(scene, f"save nightly {RUN}")
    assert amount in (await said(scene, text)).text
    await scene.person("U2").mention(text)
    await scene.bot.services.work.drain(seconds=15)
    assert amount in scene.slack.posts[-1].text


async def test_a_name_stands_behind_the_word_for_what_is_asked(scene: Scene) -> None:
    await said(scene, f"save nightly {RUN}")
    compared = await said(scene, "compare nightly on gpt-oss-120b")
    assert "Kimi K2.6" in read(compared)
    assert "gpt-oss-120b" in json.dumps(compared.blocks)
    explained = await said(scene, "explain nightly")
    assert explained.text == (await said(scene, f"explain {RUN}")).text


async def test_a_name_is_its_channels_own(scene: Scene) -> None:
    await said(scene, f"save nightly {RUN}")
    elsewhere = await said(scene, "nightly", channel="C2")
    assert elsewhere.text == (await said(scene, "help", channel="C2")).text


async def test_a_name_in_a_thread_leaves_what_the_thread_asked(scene: Scene) -> None:
    person = scene.person()
    await said(scene, f"save nightly {RUN}")
    await person.mention("gpt-oss-120b turns=3 episodes=7", ts="1600000000.000100")
    await scene.bot.services.work.drain(seconds=15)
    for text, amount in (("nightly", "$4,444"), ("what about 40 turns?", "Tinker 128K at $64,782")):
        await person.mention(text, thread_ts="1600000000.000100")
        await scene.bot.services.work.drain(seconds=15)
        assert amount in scene.slack.posts[-1].text


async def test_a_saved_run_that_cannot_be_priced_any_more_says_how_it_goes(scene: Scene) -> None:
    await scene.bot.services.scenarios.save(saved("older", models=["gone-model-1b"]))
    post = await said(scene, "older turns=40")
    assert post.text == "`older` cannot be priced any more; `/rlcost forget older` removes it."


@pytest.mark.parametrize("text", ["nightyl", "nigthly turns=40", "compare nighly with 40 turns"])
async def test_a_slip_in_a_name_is_answered_with_the_name(scene: Scene, text: str) -> None:
    await said(scene, f"save nightly {RUN}")
    post = await said(scene, text)
    slip = name_in(text, CATALOGUE)
    assert slip is not None
    assert post.text == (
        f"No run of this channel is saved as `{slip[0]}`; did you mean `nightly`? "
        "`/rlcost nightly` asks for it, and `/rlcost saved` lists all."
    )


async def test_a_word_that_is_no_slip_of_a_name_is_answered_as_it_is(scene: Scene) -> None:
    before = await said(scene, "fortnight turns=40")
    await said(scene, f"save nightly {RUN}")
    assert (await said(scene, "fortnight turns=40")).text == before.text
    # a model is named beside it, so that something was asked
    assert "nightly" not in (await said(scene, "nigthly kimi-k2p6")).text


async def test_a_run_of_a_preset_is_saved_and_asked_with_its_preset(scene: Scene) -> None:
    post = await said(scene, "save nightly swe-pro-sonnet45 kimi-k2p6 episodes=10")
    assert "`swe-pro-sonnet45`" in post.text
    by_name = await said(scene, "nightly turns=20")
    typed = await said(scene, "swe-pro-sonnet45 kimi-k2p6 episodes=10 turns=20")
    assert (by_name.text, by_name.blocks) == (typed.text, typed.blocks)


@pytest.mark.parametrize(
    "text",
    [
        RUN,
        "turns=40 kimi-k2p6",
        "price 5k rollouts of kimi k2.6, twenty turns each",
        "what does kimi-k2p6 cost?",
        "compare kimi-k2p6 gpt-oss-120b",
        "swe-pro-sonnet45 kimi-k2p6",
        "help",
        "rates kimi-k2p6",
    ],
)
def test_plain_requests_name_no_saved_run_so_that_no_query_is_made(text: str) -> None:
    assert name_in(text, CATALOGUE) is None
    assert name_in(f"<@UBOT> {text}", CATALOGUE) is None


@pytest.mark.parametrize(
    "word", ["turns", "compare", "csv", "kimi-k2p6", "kimi", "terminal-50", "swe", "b300", "tinker"]
)
def test_words_of_the_language_models_and_presets_are_no_names(word: str) -> None:
    assert is_taken(word, CATALOGUE)


@pytest.mark.parametrize("word", ["nightly", "run3", "nightly-v2", "prod", "kimi-run", "eval"])
def test_other_words_are_names(word: str) -> None:
    assert not is_taken(word, CATALOGUE)


def test_what_is_asked_beside_prices_is_no_name() -> None:
    assert set(verbs._VERBS) <= VERB_WORDS


def take_away_saved_runs(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("ALTER TABLE scenarios RENAME TO away")
        connection.commit()


async def test_without_a_database_a_text_is_answered_as_it_is(scene: Scene) -> None:
    await said(scene, f"save nightly {RUN}")
    await asyncio.to_thread(take_away_saved_runs, scene.database)
    with logged() as log:
        post = await said(scene, "nightly kimi-k2p6 turns=20 episodes=5000")
    assert "$4,444 for 5,000 episodes" in post.text
    assert "looking for a saved run" in log.getvalue()


@pytest.mark.parametrize("name", ["turns", "Compare", "kimi-k2p6", "terminal-50", "digest", "csv"])
async def test_a_name_that_means_something_already_is_refused(scene: Scene, name: str) -> None:
    post = await said(scene, f"save {name} {RUN}")
    assert post.text.startswith(f"`{name.lower()}` means something already")
    assert "/rlcost save nightly kimi-k2p6" in post.text
    assert await names(scene) == []

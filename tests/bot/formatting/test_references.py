"""References that a reply itself names are live; whatever else looks like one is dead text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatting.blocks import lines_block
from bot.formatting.fit import fit_message
from bot.formatting.layout import Section, View
from bot.formatting.references import live, live_text
from bot.formatting.reply import Reply, sentence
from tests.fake_slack import message_faults, shared_faults
from tests.fake_slack.blocks import objects_in


def elements(reply: Reply) -> list[dict[str, Any]]:
    [block] = reply.blocks()
    found: list[dict[str, Any]] = block["elements"][0]["elements"]
    return found


def test_a_channel_and_a_person_are_elements_between_the_words() -> None:
    reply = sentence("<#C1> was subscribed by <@U1>: ask them.", refers=("C1", "U1"))
    bold = {"style": {"bold": True}}
    assert elements(reply) == [
        {"type": "channel", "channel_id": "C1"} | bold,
        {"type": "text", "text": " was subscribed by "} | bold,
        {"type": "user", "user_id": "U1"} | bold,
        {"type": "text", "text": ": ask them."} | bold,
    ]
    assert reply.text == "<#C1> was subscribed by <@U1>: ask them."


def test_ids_that_the_reply_does_not_give_stay_words() -> None:
    reply = sentence("<@U1> says <@U9> and <#C9> <!channel>", refers=("U1",))
    assert [each["type"] for each in elements(reply)] == ["user", "text"]
    assert elements(reply)[1]["text"] == " says <@U9> and <#C9> <!channel>"
    assert reply.text == "<@U1> says &lt;@U9&gt; and &lt;#C9&gt; &lt;!channel&gt;"


def test_without_references_nothing_is_live() -> None:
    reply = sentence("<#C1> and <@U1>")
    assert [each["type"] for each in elements(reply)] == ["text"]
    assert reply.text == "&lt;#C1&gt; and &lt;@U1&gt;"


def test_code_stays_code() -> None:
    reply = sentence("type `<@U1>` to <@U1>", refers=("U1",))
    types = [(each["type"], each.get("text") or each.get("user_id")) for each in elements(reply)]
    assert types == [("text", "type "), ("text", "<@U1>"), ("text", " to "), ("user", "U1")]


def test_small_type_names_whom_it_refers_to_and_no_one_else() -> None:
    block = lines_block(Section(lines=("<@U1> & <@U9>",)))
    assert live(block, ("U1",))["elements"] == [
        {"type": "mrkdwn", "text": "<@U1> &amp; &lt;@U9&gt;"}
    ]


@pytest.mark.parametrize("typed", ["&lt;@U1&gt;", "<@U1|x>", "<@u1>", "< @U1>", "<@U12>", "<@ U1>"])
def test_what_only_resembles_a_reference_is_none(typed: str) -> None:
    reply = sentence(f"said {typed}", refers=("U1",))
    assert [each["type"] for each in elements(reply)] == ["text"]
    assert "<" not in reply.text


def test_a_reference_survives_when_a_message_is_cut_to_what_fits() -> None:
    long = sentence(f"<@U1> {'word ' * 4000}", refers=("U1",))
    assert fit_message(long.blocks())[0]["elements"][0]["elements"][0]["user_id"] == "U1"
    body = {"text": long.text, "blocks": long.blocks()}
    assert message_faults(body) == []
    assert shared_faults("message", body) == []


HOSTILE = st.text(alphabet="<>@#!U19C|`*_&;: \nchanelrt", max_size=60)


@given(before=HOSTILE, after=HOSTILE)
def test_whatever_is_typed_around_it_only_the_named_are_live(before: str, after: str) -> None:
    text = f"{before}<@U777>{after}"
    reply = Reply(
        view=View(summary=text, sections=(Section(lines=(text,)), Section(facts=((text, text),)))),
        refers=("U777",),
    )
    for native in (True, False):
        for each in objects_in(reply.blocks(native=native)):
            assert each.get("type") not in ("usergroup", "broadcast", "link", "emoji", "channel")
            assert each.get("user_id") in (None, "U777")
            if each.get("type") == "mrkdwn":
                assert "<" not in each["text"].replace("<@U777>", "")
    assert "<" not in reply.text.replace("<@U777>", "")
    assert "<" not in live_text("&lt;@U9&gt;", ("U777",))
    json.dumps(reply.blocks())

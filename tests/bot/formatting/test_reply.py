"""Whole replies as Slack takes them, reviewed as golden files; and nothing typed in them is ever live."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.formatting.reply import Reply, reply_to, sentence, shared_reply
from bot.requests import read
from tests.bot.asking import CATALOGUE, LONG_RUN, TODAY, ask, estimate, rates
from tests.conftest import Golden
from tests.fake_slack import message_faults, shared_faults

RUN = "kimi-k2p6 turns=20 episodes=5000"


def asked(text: str, *, shareable: bool = True) -> Reply:
    return reply_to(ask(read(text, CATALOGUE, today=TODAY)), shareable=shareable)


REPLIES = {
    "notional": asked(RUN),
    "serverless": reply_to(estimate(fields=LONG_RUN, on=date(2026, 8, 1)), shareable=True),
    "problem": asked("kimi-k2p6 turnz=20"),
    "help": asked("help"),
    "rates_of_a_model": reply_to(rates("kimi-k2p6"), shareable=True),
    "published": reply_to(
        estimate(fields=LONG_RUN, published=True), shareable=False, published=True
    ),
    "shared": shared_reply(estimate(fields=LONG_RUN), by_user="U1"),
    "digests": asked("digest subscribe"),
    "rates_of_everything": asked("rates"),
    "sentence": sentence("Type `/invite @rlcost` there."),
}
IN_FULL = [name for name in REPLIES if name not in ("rates_of_everything", "sentence")]


def message(reply: Reply, *, native: bool = True) -> dict[str, Any]:
    return {"text": reply.text, "blocks": reply.blocks(native=native)}


def faults(body: dict[str, Any]) -> list[Any]:
    return [*message_faults(body), *shared_faults("message", body)]


def parts(payload: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a payload."""
    if isinstance(payload, dict):
        yield payload
        payload = list(payload.values())
    if isinstance(payload, list):
        for part in payload:
            yield from parts(part)


def kinds(reply: Reply, *, native: bool) -> set[str]:
    return {block["type"] for block in reply.blocks(native=native)}


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", IN_FULL)
def test_replies_read_as_reviewed(name: str, native: bool, golden: Golden) -> None:
    body = message(REPLIES[name], native=native)
    suffix = "" if native else "_plain"
    golden(f"slack_{name}{suffix}.json", json.dumps(body, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("native", [True, False], ids=["native", "plain"])
@pytest.mark.parametrize("name", REPLIES)
def test_slack_finds_no_fault_in_any_reply(name: str, native: bool) -> None:
    assert faults(message(REPLIES[name], native=native)) == []


def test_plain_replies_hold_no_native_block() -> None:
    native = {"data_table", "data_visualization"}
    assert native <= kinds(REPLIES["notional"], native=True)
    assert not native & kinds(REPLIES["notional"], native=False)


def test_a_reply_leads_with_its_sentence_in_the_fallback_and_in_the_first_block() -> None:
    body = message(REPLIES["notional"])
    said = "".join(element["text"] for element in body["blocks"][0]["elements"][0]["elements"])
    assert body["text"] == said
    assert "$" in said


def labels(reply: Reply) -> list[str]:
    return [part["text"]["text"] for part in parts(reply.blocks()) if part.get("type") == "button"]


def test_each_reply_offers_what_can_be_done_with_it() -> None:
    assert labels(REPLIES["notional"]) == [
        "Tweak",
        "Share to channel",
        "Show the math",
        "Export",
        "As published",
    ]
    assert labels(REPLIES["published"]) == ["Tweak", "Show the math", "Export"]
    assert labels(REPLIES["shared"]) == ["Tweak", "Show the math", "Export", "As published"]
    assert labels(REPLIES["rates_of_a_model"]) == ["Share to channel", "Export"]
    assert labels(REPLIES["problem"]) == ["Try kimi-k2p6 turns=20", "Open the form"]
    assert labels(REPLIES["help"]) == ["Open the form"]
    assert labels(REPLIES["digests"]) == []
    assert labels(asked("compare kimi-k2p6 and gpt-oss-120b", shareable=True)) == [
        "Price one run",
        "Share to channel",
        "Export",
    ]
    unshared = asked("deepseek-v3p1", shareable=False)
    assert labels(unshared) == ["Try deepseek-v3p1 turns=2", "Tweak", "Show the math", "Export"]


def test_a_shared_reply_says_first_who_shared_it() -> None:
    first = REPLIES["shared"].blocks()[0]
    assert first["elements"] == [{"type": "mrkdwn", "text": "Shared by <@U1>"}]


def test_a_request_too_long_to_be_carried_leaves_the_form() -> None:
    many = ",".join(str(episodes) for episodes in range(1_000_001, 1_000_301))
    request = read(f"kimi-k2p6 episodes=[{many}]", CATALOGUE, today=TODAY)
    assert request.problems or len(str(request.fields)) > 2_000
    reply = reply_to(ask(request), shareable=True)
    assert labels(reply)[-1] == "Open the form"
    assert faults(message(reply)) == []


LIVE = (
    "<!channel> <!here> <@U123> <#C123|general> <http://evil.example|here> <mailto:a@b.c|x> *bold* _it_ ~no~ "
    "`code` ``` &amp; &lt;!channel&gt; :tada: > quote http://evil.example @here #general"
).split()
WORDS = (
    "kimi-k2p6 kimi gpt-oss-120b turns=20 turns=abc turns=999 turnz=3 episodes=5k claude-9 help rates compare "
    "as_of=2027-01-01 gpus=12 budget=$400 x=<!channel> turns=<@U1> turns=<http://evil.example|x> ? ;"
).split()
TYPED = st.one_of(
    st.lists(st.sampled_from([*LIVE, *WORDS]), max_size=25).map(" ".join),
    st.text(max_size=300),
    st.text(st.sampled_from("<!@#|>&*_~`\\\n kimi2.6="), max_size=120),
    st.sampled_from([piece * (2_000 // len(piece)) for piece in LIVE]),
)
OUR_LINK = re.compile(r"<https://[^<>|\s]+\|[^<>|]+>")


def parsed(body: dict[str, Any]) -> list[str]:
    """Every text that Slack parses as mrkdwn."""
    marked = [part["text"] for part in parts(body["blocks"]) if part.get("type") == "mrkdwn"]
    return [body["text"], *marked]


@settings(max_examples=300)
@given(TYPED, st.booleans())
def test_nothing_that_is_typed_is_ever_live(text: str, native: bool) -> None:
    body = message(asked(text), native=native)
    if not body["blocks"]:
        return
    assert faults(body) == []
    for shown in parsed(body):
        assert "evil.example|" not in OUR_LINK.sub("", shown)
        assert "<" not in OUR_LINK.sub("", shown)
        assert not any("evil" in link for link in OUR_LINK.findall(shown))
    live = {"user", "usergroup", "channel", "broadcast", "link", "emoji"}
    assert not live & {part.get("type") for part in parts(body["blocks"])}


def test_what_is_typed_is_shown_as_it_was_typed() -> None:
    body = message(asked("kimi-k2p6 qqq=a<b"))
    code = [
        part
        for part in parts(body["blocks"])
        if part.get("style", {}) == {"bold": True, "code": True}
    ]
    assert [part["text"] for part in code] == ["qqq=a<b"]
    assert body["text"].startswith("`qqq=a&lt;b` names nothing that I can set.")


def test_the_fallback_escapes_what_would_be_live() -> None:
    assert sentence("a < b & c > `<!channel>`").text == ("a &lt; b &amp; c &gt; `&lt;!channel&gt;`")

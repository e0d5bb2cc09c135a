"""A claim that waits, as its reviewers read it: what is claimed, from which line of whom, and nothing live in either."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.formatting.review_view import (
    choice_text,
    claim_text,
    decided_text,
    decided_view,
    fate_reply,
    observation_json,
    review_form,
    review_replies,
    review_reply,
    waiting_view,
)
from bot.formatting.text import render
from bot.store.observations import Observation
from pricing.cards import CardKey, CardPath
from pricing.sources import SourceId
from tests.fake_slack import message_faults, shared_faults, view_faults
from tests.fake_slack.blocks import objects_in
from tests.pricing.books import gpu_card, serverless_card

HOSTILE = (
    "<!channel> <@U9> <https://evil.example|here> `code` *bold* _it_ :smile: http://bare.example"
)
SEEN = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
HELD = Observation(
    id=7,
    fingerprint="f",
    key=CardKey(CardPath.DEDICATED, "B300_288GB", None),
    on=date(2026, 11, 21),
    card=gpu_card("150"),
    card_before=gpu_card("15"),
    status="quarantined",
    hold="over_threefold",
    reason="the GPU-hour rises from $15.00 to $150.00, more than threefold",
    source=SourceId.FIREWORKS_GPU,
    quote="B300 288 GB GPU | $150.00",
    observed_at=SEEN,
    decided_at=None,
    decided_by=None,
    decided_why=None,
)


def body(observation: Observation, *, native: bool = True) -> dict[str, Any]:
    reply = review_reply(observation)
    return {"text": reply.text, "blocks": reply.blocks(native=native)}


def shown(blocks: list[dict[str, Any]]) -> str:
    return "".join(each["text"] for each in objects_in(blocks) if isinstance(each.get("text"), str))


def test_a_reviewer_reads_the_claim_its_rates_the_source_s_line_and_when_it_was_seen() -> None:
    said = body(HELD)
    assert said["text"] == (
        "B300 288GB has other rates from 2026-11-21, and is held: the GPU-hour rises from $15.00 "
        "to $150.00, more than threefold."
    )
    words = shown(said["blocks"])
    assert "GPU-hour" in words
    assert "B300 288 GB GPU | $150.00" in words
    assert "seen 2026-11-21 09:41 UTC" in words


def test_what_is_gone_is_said_to_be() -> None:
    gone = replace(HELD, card=None, hold="gone", reason="no longer on the page", quote="")
    said = body(gone)
    assert said["text"].startswith("B300 288GB is not listed any more from 2026-11-21")
    assert "The source's line" not in shown(said["blocks"])


@pytest.mark.parametrize("native", [True, False])
def test_the_buttons_name_the_change_to_a_screen_reader(native: bool) -> None:
    row = body(HELD, native=native)["blocks"][-1]
    assert [(each["action_id"], each["value"]) for each in row["elements"]] == [
        ("review_approve", "7"),
        ("review_reject", "7"),
    ]
    assert row["elements"][0]["accessibility_label"] == "Approve change 7, B300 288GB"


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("field", ["quote", "reason"])
def test_what_a_source_says_is_never_live(field: str, native: bool) -> None:
    said = body(replace(HELD, **{field: HOSTILE}), native=native)
    for each in objects_in(said["blocks"]):
        assert each.get("type") not in ("user", "usergroup", "broadcast", "link", "emoji")
        if each.get("type") == "mrkdwn":
            assert not any(mark in each["text"] for mark in ("<!", "<@", "*", "`", "evil", "bare"))
    assert "<" not in said["text"]
    assert "<!channel> <@U9>" in shown(said["blocks"])
    assert message_faults(said) == []
    assert shared_faults("message", said) == []


def test_a_line_of_many_lines_is_one() -> None:
    assert "a b c" in shown(body(replace(HELD, quote="a\n  b\tc"))["blocks"])


@pytest.mark.parametrize("length", [1, 4_000, 40_000])
def test_a_claim_with_a_very_long_line_or_reason_fits_a_message_and_a_form(length: int) -> None:
    long = replace(HELD, quote="q" * length, reason="r" * length)
    said = body(long)
    assert message_faults(said) == []
    assert shared_faults("message", said) == []
    assert said["blocks"][-1]["type"] == "actions"
    form = review_form(long, approve=True, metadata="{}")
    assert view_faults(form) == []
    assert shared_faults("view", form) == []


def test_beyond_ten_only_their_number_is_said() -> None:
    replies = list(review_replies([replace(HELD, id=number) for number in range(1, 13)]))
    assert len(replies) == 11
    assert replies[-1].text == "And 2 more: `/rlcost review` shows what waits."
    assert len(list(review_replies([HELD] * 10))) == 10


def test_a_decision_is_said_with_who_when_and_why() -> None:
    decided = replace(
        HELD, status="in_force", decided_by="U2", decided_why="announced", decided_at=SEEN
    )
    assert decided_text(decided, by_us=False, who="<@U2>") == (
        "B300 288GB was already approved by <@U2> on 2026-11-21, because: announced. "
        "It holds from 2026-11-21."
    )
    rejected = replace(decided, status="rejected", decided_why=None)
    assert decided_text(rejected, by_us=True, who="ann") == (
        "B300 288GB was rejected by ann. The card stays as it was."
    )


def test_a_list_of_decisions_says_when_and_by_whom_and_never_that_they_were_made_already() -> None:
    decided = replace(HELD, status="rejected", decided_by="ann", decided_why=None, decided_at=SEEN)
    undecided = replace(HELD, id=8, status="withdrawn", decided_at=SEEN)
    called_off = replace(decided, id=9, status="withdrawn")
    text = render(decided_view([decided, undecided, called_off]))
    assert text.startswith("2 decisions; 1 change was withdrawn undecided.\n")
    said = " ".join(text.split())
    assert "7 B300 288GB was rejected by ann on 2026-11-21. The card stays as it was." in said
    assert "8 B300 288GB was withdrawn on 2026-11-21: its source does not say so any more." in said
    assert "9 B300 288GB was approved by ann on 2026-11-21. Its source has called it off" in said
    assert "already" not in said


def test_a_review_says_what_each_decision_does() -> None:
    gone = replace(HELD, card=None, hold="gone", reason="no longer on the page")
    path = replace(gone, key=CardKey(CardPath.SERVERLESS_FAST, "kimi-k2p6", None))
    back = replace(HELD, card_before=None, hold="back_again")
    several = replace(back, card=serverless_card("1.10"), card_before=serverless_card("1.00"))
    assert [choice_text(each) for each in (HELD, gone, path, back, several)] == [
        "Approving puts $150.00 in force from 2026-11-21; rejecting keeps the card.",
        "Approving marks this GPU type as not offered from 2026-11-21; rejecting keeps the card.",
        "Approving marks this path as retired from 2026-11-21; rejecting keeps the card.",
        "Approving puts $150.00 in force from 2026-11-21; rejecting leaves it without a rate.",
        "Approving puts these rates in force from 2026-11-21; rejecting keeps the card.",
    ]
    choice = choice_text(HELD)
    assert choice in " ".join(render(waiting_view([HELD])).split())
    assert choice in shown(body(HELD)["blocks"])
    assert choice in shown(review_form(HELD, approve=True, metadata="{}")["blocks"])


def test_a_claim_says_whether_its_rates_are_others_the_first_or_back() -> None:
    first = replace(HELD, card_before=None, hold="first_rate", reason="no feed confirms it")
    back = replace(first, hold="back_again", reason="its rates ended on 2026-11-20")
    assert claim_text(first) == (
        "B300 288GB has its first rates from 2026-11-21, and is held: no feed confirms it."
    )
    assert claim_text(back) == (
        "B300 288GB is listed again from 2026-11-21, and is held: "
        "it is listed again although its rates ended on 2026-11-20."
    )


def test_what_became_of_a_claim_shows_its_rates_and_nothing_to_press() -> None:
    reply = fate_reply(HELD, "It was approved by <@U2>.", refers=("U2",))
    said = {"text": reply.text, "blocks": reply.blocks()}
    assert message_faults(said) == []
    assert shared_faults("message", said) == []
    assert "$150.00" in shown(said["blocks"])
    kinds = {each.get("type") for each in objects_in(said["blocks"])}
    assert "user" in kinds
    assert not kinds & {"actions", "button"}


def test_who_does_not_decide_has_nothing_to_press() -> None:
    [reply] = review_replies([HELD], decides=False)
    assert reply.text == body(HELD)["text"]
    assert not any(block["type"] == "actions" for block in reply.blocks())


def test_a_terminal_shows_what_waits_with_how_to_decide() -> None:
    text = render(waiting_view([HELD]))
    assert "1 change waits for a decision" in text
    assert "rlcost rates review approve N" in text
    assert "B300 288 GB GPU | $150.00" in text
    assert render(waiting_view([])) == "Nothing waits for a decision."


def test_a_program_reads_both_rates_as_numbers() -> None:
    said = observation_json(HELD)
    assert (said["before"], said["after"]) == ({"gpu_hour": 15}, {"gpu_hour": 150})
    assert (said["id"], said["status"], said["observed_at"]) == (
        7,
        "quarantined",
        "2026-11-21T09:41:00+00:00",
    )
    assert isinstance(said["after"]["gpu_hour"], int | float | Decimal)

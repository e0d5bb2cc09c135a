"""What can be pressed about digests: words worked by hand, and what Slack takes of every schedule."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.formatting.digest_form import digest_form, panel, schedule_text, subscriptions_view, when
from bot.formatting.fit import fit_view
from bot.schedule import Cadence, Schedule
from tests.bot.asking import CATALOGUE
from tests.fake_slack import message_faults, shared_faults, view_faults

DAILY = Schedule(cadence=Cadence.DAILY, at="09:00", zone="UTC")
FULL = Schedule(
    cadence=Cadence.WEEKLY,
    at="17:30",
    weekday=4,
    zone="Europe/Berlin",
    models=("kimi-k2p6", "gpt-oss-120b"),
    over_percent=Decimal("2.50"),
    over_usd=Decimal("1500"),
)
DUE = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)


def form(schedule: Schedule | None, channel_id: str = "C1") -> dict[str, Any]:
    return fit_view(digest_form(CATALOGUE, channel_id=channel_id, schedule=schedule, metadata="{}"))


def inputs(schedule: Schedule | None, channel_id: str = "C1") -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in form(schedule, channel_id)["blocks"]}


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (DAILY, "every day at 09:00 (UTC)"),
        (
            FULL,
            "every Friday at 17:30 (Europe/Berlin), for `kimi-k2p6` and `gpt-oss-120b`, "
            "over 2.5% or $1,500",
        ),
        (DAILY.model_copy(update={"over_usd": Decimal(10)}), "every day at 09:00 (UTC), over $10"),
        (
            DAILY.model_copy(update={"over_percent": Decimal(100)}),
            "every day at 09:00 (UTC), over 100%",
        ),
    ],
)
def test_a_schedule_in_words(schedule: Schedule, words: str) -> None:
    assert schedule_text(schedule) == words


def test_the_next_time_is_that_of_the_schedule_s_own_zone() -> None:
    assert when(FULL, DUE) == "Fri 27 Nov 2026, 17:30"


@pytest.mark.parametrize("schedule", [None, DAILY, FULL])
@pytest.mark.parametrize("channel_id", ["C1", "G1", "DU1"])
def test_slack_takes_the_form_of_every_schedule(schedule: Schedule | None, channel_id: str) -> None:
    view = form(schedule, channel_id)
    assert view_faults(view) == []
    assert shared_faults("view", view) == []


def test_the_form_holds_what_the_channel_has() -> None:
    found = inputs(FULL)
    assert found["cadence"]["initial_option"]["value"] == "weekly"
    assert found["weekday"]["initial_option"]["value"] == "4"
    assert found["time"]["initial_time"] == "17:30"
    assert found["zone"]["initial_value"] == "Europe/Berlin"
    assert {each["value"] for each in found["models"]["initial_options"]} == set(FULL.models)
    assert found["over_percent"]["initial_value"] == "2.50"
    assert found["over_usd"]["initial_value"] == "1500"


def test_without_a_subscription_the_form_holds_what_is_usual_and_no_threshold() -> None:
    found = inputs(None)
    assert found["channel"]["initial_conversation"] == "C1"
    assert (found["time"]["initial_time"], found["zone"]["initial_value"]) == ("09:00", "UTC")
    assert "initial_options" not in found["models"]
    assert "initial_value" not in found["over_percent"]
    assert "initial_value" not in found["over_usd"]


def test_a_model_that_is_covered_no_longer_is_not_chosen_in_the_form() -> None:
    assert (
        "initial_options" not in inputs(DAILY.model_copy(update={"models": ("gone-1b",)}))["models"]
    )


def test_a_private_conversation_is_not_proposed_as_a_channel() -> None:
    assert "initial_conversation" not in inputs(None, "DU1")["channel"]


@pytest.mark.parametrize("schedule", [None, DAILY, FULL])
def test_slack_takes_every_panel(schedule: Schedule | None) -> None:
    reply = panel(schedule, due_at=DUE if schedule else None, subscribed_by="U1")
    for native in (True, False):
        body = {"text": reply.text, "blocks": reply.blocks(native=native)}
        assert message_faults(body) == []
        assert shared_faults("message", body) == []


def test_the_list_counts_the_channels() -> None:
    assert subscriptions_view([]).summary.startswith("No channel of this workspace gets digests.")
    assert subscriptions_view(["a"]).summary == "One channel gets digests.\na"
    assert subscriptions_view(["a", "b"]).summary == "2 channels get digests.\na\nb"

"""The submitted form of digests: what each input says, and an error at each that cannot be read."""

from decimal import Decimal
from typing import Any

import pytest

from bot.digest_form import Submission, submitted
from bot.schedule import Cadence, Schedule
from tests.bot.asking import CATALOGUE


def option(value: str) -> dict[str, Any]:
    return {"selected_option": {"text": {"type": "plain_text", "text": value}, "value": value}}


UNTOUCHED: dict[str, dict[str, Any]] = {
    "channel": {"selected_conversation": "C1"},
    "cadence": option("daily"),
    "weekday": option("0"),
    "time": {"selected_time": "09:00"},
    "zone": {"value": "UTC"},
    "models": {"selected_options": []},
    "over_percent": {"value": None},
    "over_usd": {"value": None},
}


def of(**changes: dict[str, Any]) -> Submission:
    state = {name: {"input": held} for name, held in (UNTOUCHED | changes).items()}
    return submitted(state, catalogue=CATALOGUE)


def schedule(**changes: dict[str, Any]) -> Schedule:
    said = of(**changes)
    assert said.schedule, said.errors
    assert said.errors == {}
    return said.schedule


def test_an_untouched_form_is_every_day_at_nine_of_all_models() -> None:
    assert schedule() == Schedule(cadence=Cadence.DAILY, at="09:00", zone="UTC")
    assert of().channel_id == "C1"


def test_a_weekday_counts_only_every_week() -> None:
    assert schedule(cadence=option("weekly"), weekday=option("6")).weekday == 6
    assert schedule(cadence=option("daily"), weekday=option("6")).weekday is None


def test_all_that_is_filled_in_is_kept() -> None:
    said = schedule(
        time={"selected_time": "23:59"},
        zone={"value": "  Asia/Kolkata "},
        models={"selected_options": [option("kimi-k2p6")["selected_option"]]},
        over_percent={"value": "0.5"},
        over_usd={"value": "1500"},
    )
    assert (said.at, said.zone, said.models) == ("23:59", "Asia/Kolkata", ("kimi-k2p6",))
    assert (said.over_percent, said.over_usd) == (Decimal("0.5"), Decimal(1500))


def test_inputs_that_are_empty_take_what_is_usual() -> None:
    said = schedule(time={"selected_time": None}, zone={"value": None})
    assert (said.at, said.zone) == ("09:00", "UTC")


def test_a_model_that_left_the_catalogue_meanwhile_is_passed_over() -> None:
    chosen = [option("gone-1b")["selected_option"], option("kimi-k2p6")["selected_option"]]
    assert schedule(models={"selected_options": chosen}).models == ("kimi-k2p6",)


@pytest.mark.parametrize(
    ("field", "held", "named"),
    [
        ("channel", {"selected_conversation": None}, "Choose a channel."),
        ("zone", {"value": "Europe/Atlantis"}, "Europe/Atlantis"),
        ("zone", {"value": "UTC+2"}, "UTC+2"),
        ("zone", {"value": "<!channel>"}, "@channel"),
        ("zone", {"value": "kimi-k2p6"}, "kimi-k2p6 is not read here"),
        ("zone", {"value": "weekly"}, "weekly is not read here"),
        ("zone", {"value": "at 10:00 UTC"}, "at 10:00 UTC is not read here"),
        ("zone", {"value": "UTC over 5%"}, "UTC over 5% is not read here"),
        ("zone", {"value": "please"}, "please is not read here"),
        ("zone", {"value": "unsubscribe"}, "unsubscribe is not read here"),
        ("over_percent", {"value": "0"}, "0%"),
        ("over_percent", {"value": "1000.5"}, "1000.5%"),
        ("over_usd", {"value": "0"}, "$0"),
        ("over_usd", {"value": "1000000001"}, "$1000000001"),
    ],
)
def test_what_cannot_be_read_is_an_error_at_its_input_alone(
    field: str, held: dict[str, Any], named: str
) -> None:
    said = of(**{field: held})
    assert said.schedule is None
    assert list(said.errors) == [field]
    assert named in said.errors[field]
    assert "`" not in said.errors[field]


def test_each_input_at_fault_has_its_own_error() -> None:
    said = of(zone={"value": "Mars"}, over_percent={"value": "0"}, over_usd={"value": "0"})
    assert sorted(said.errors) == ["over_percent", "over_usd", "zone"]


def test_an_error_about_a_very_long_zone_stays_short() -> None:
    (error,) = of(zone={"value": "x" * 5000}).errors.values()
    assert len(error) < 200

"""GPUs that end a run within a deadline, against one more and one less."""

from decimal import Decimal

import pytest

from bot.formatting.verdict_wording import verdict_text
from bot.requests import read
from bot.requests.request import Field, Value
from bot.solving.solution import TOO_FEW_EPISODES
from engine.costs import DedicatedEstimate
from tests.bot.asking import CATALOGUE, LONG_RUN, TODAY, ask, estimate
from tests.bot.solving.questions import DEDICATED, MODELS, only, solve


@pytest.mark.parametrize("hours", [Decimal("0.001"), Decimal("0.5"), 1, 6, 48])
@pytest.mark.parametrize("episodes", [1, 3, 1000, 5000])
@pytest.mark.parametrize("model", MODELS)
def test_the_fewest_replicas_that_end_in_time_agree_with_brute_force(
    model: str, episodes: int, hours: int | Decimal
) -> None:
    run: dict[Field, Value] = {Field.EPISODES: episodes, Field.TURNS: 20}
    found = only(solve(Field.GPUS, model, {**run, Field.DEADLINE_HOURS: hours}))
    own = CATALOGUE.get(model).cluster
    assert own is not None

    def ends_in_time(replicas: int, *, phases_add: bool) -> bool:
        priced = estimate(model, {**run, Field.GPUS: replicas * own.gpus}).models[0].quotes[-1]
        assert isinstance(priced.priced.estimate, DedicatedEstimate)
        high, low = priced.priced.estimate.cluster_hours_high, priced.priced.estimate.cluster_hours
        return (high if phases_add else low) <= hours

    for value, reason, add in (
        (found.value, found.reason, False),
        (found.value_if_phases_add, found.reason_if_phases_add, True),
    ):
        if value is None:
            assert reason == TOO_FEW_EPISODES
            assert not ends_in_time(episodes, phases_add=add)
            continue
        replicas, rest = divmod(value, own.gpus)
        assert rest == 0
        assert 1 <= replicas <= episodes
        assert ends_in_time(replicas, phases_add=add)
        assert replicas == 1 or not ends_in_time(replicas - 1, phases_add=add)


def test_more_replicas_cost_the_same_and_help_up_to_one_an_episode() -> None:
    found = only(solve(Field.GPUS, fields={Field.EPISODES: 100, Field.DEADLINE_HOURS: 1}))
    assert found.rows[-1].replicas == 100
    assert {row.usd for row in found.rows} == {found.usd}


def test_a_deadline_that_no_number_of_gpus_meets_offers_one_that_can_be_met() -> None:
    fields: dict[Field, Value] = {Field.EPISODES: 3, Field.DEADLINE_HOURS: Decimal("0.001")}
    text = verdict_text(solve(Field.GPUS, fields=fields))
    assert text.startswith("No number of GPUs ends within 3.6 seconds")
    again = ask(read(text.split("`")[1], CATALOGUE, today=TODAY))
    assert only(again).value is not None


@pytest.mark.parametrize("model", MODELS)
def test_every_cluster_shown_takes_and_costs_what_an_estimate_of_it_says(model: str) -> None:
    run: dict[Field, Value] = {Field.EPISODES: 300, Field.TURNS: 12}
    for row in only(solve(Field.GPUS, model, {**run, Field.DEADLINE_HOURS: Decimal("0.25")})).rows:
        said = estimate(model, {**run, Field.GPUS: row.gpus}).models[0].quote(DEDICATED)
        cluster = said.priced.estimate
        assert isinstance(cluster, DedicatedEstimate)
        tiny = Decimal("1e-20")
        assert abs(cluster.cluster_hours - row.hours) < tiny
        assert abs(cluster.cluster_hours_high - row.hours_if_phases_add) < tiny
        assert abs(cluster.usd_low - row.usd) < tiny
        assert abs(cluster.usd_high - row.usd_if_phases_add) < tiny


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        # 133,333 s of decode at $120 an hour are $4,444.44, with 39,333 s of prefill $5,755.56.
        (4444, "$4,444 is not enough: any number of replicas costs $4,444."),
        (
            5000,
            "Whether $5,000 is enough is too close to call: $4,444 if prefill and decode overlap",
        ),
        (6000, "$6,000 is enough, also if prefill and decode take turns ($5,756)."),
    ],
)
def test_a_budget_is_held_against_the_bill_of_any_number_of_replicas(
    budget: int, says: str
) -> None:
    fields: dict[Field, Value] = {
        **LONG_RUN,
        Field.DEADLINE_HOURS: 6,
        Field.BUDGET_USD: budget,
    }
    assert says in verdict_text(solve(Field.GPUS, fields=fields))


def test_a_minute_is_a_minute() -> None:
    text = verdict_text(ask(read("how many gpus in 1 minute kimi-k2p6", CATALOGUE, today=TODAY)))
    # 10,666.7 s shared by 178 replicas are 59.9 s, by 177 a little more than a minute.
    assert text.startswith("1,424 × B300 (178 replicas of 8) end within 1 minute: 59.9 seconds")

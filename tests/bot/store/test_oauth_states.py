"""States of installations on real databases: each good once, and not for long."""

import asyncio
from datetime import timedelta

from bot.store import Store
from bot.store.oauth_states import OAuthStates
from tests.bot.store.clock import Clock

SECOND = timedelta(seconds=1)


async def test_a_state_is_good_once_and_for_ten_minutes(store: Store, clock: Clock) -> None:
    states = OAuthStates(store, now=clock.now)
    first, second = await states.async_issue(), await states.async_issue()
    assert first != second
    assert not await states.async_consume("made-up")
    clock.passes(600 * SECOND - timedelta(microseconds=10))
    assert await states.async_consume(first)
    assert not await states.async_consume(first)
    clock.passes(timedelta(microseconds=10))
    assert not await states.async_consume(second)


async def test_of_callbacks_at_the_same_time_one_gets_the_state(
    store: Store, beside: Store, clock: Clock
) -> None:
    both = [OAuthStates(store, now=clock.now), OAuthStates(beside, now=clock.now)]
    state = await both[0].async_issue()
    taken = await asyncio.gather(*(states.async_consume(state) for states in both * 8))
    assert taken.count(True) == 1

"""The states of installations under way, which tell a callback that belongs to one from a forgery."""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from sqlalchemy import delete

from bot.store.at_work import OpenStore, seen_through
from bot.store.sql import insert
from bot.store.tables import oauth_states

STATE_KEPT = timedelta(minutes=10)

_LOGGER = logging.getLogger(__name__)


class OAuthStates(AsyncOAuthStateStore):
    """The states of installations under way, each good once and for ten minutes.

    slack_sdk's own store looks a state up and then deletes it, so that two callbacks at the same
    time can both find it; here the deletion itself is the answer.
    """

    def __init__(self, store: OpenStore, *, now: Callable[[], datetime]) -> None:
        self._engine = store.engine
        self.at_work = store.at_work
        self._now = now

    @property
    def logger(self) -> logging.Logger:
        return _LOGGER

    async def async_issue(self, *_: object, **__: object) -> str:
        state = secrets.token_urlsafe(32)
        await self._add(state, expires_at=self._now() + STATE_KEPT)
        return state

    @seen_through
    async def _add(self, state: str, *, expires_at: datetime) -> None:
        row = {"state": state, "expires_at": expires_at.timestamp()}
        async with self._engine.begin() as connection:
            await connection.execute(insert(oauth_states).values(**row))

    @seen_through
    async def async_consume(self, state: str) -> bool:
        taken = (
            delete(oauth_states)
            .where(oauth_states.c.state == state)
            .where(oauth_states.c.expires_at > self._now().timestamp())
            .returning(oauth_states.c.state)
        )
        async with self._engine.begin() as connection:
            return await connection.scalar(taken) is not None

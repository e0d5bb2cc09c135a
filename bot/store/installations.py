"""Which workspaces have installed the app, and with which tokens: encrypted in the store, remembered while in use."""

import asyncio
import logging
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import (
    AsyncSQLAlchemyInstallationStore,
    SQLAlchemyInstallationStore,
)
from sqlalchemy import and_, or_, select

from bot.store import Store
from bot.store.at_work import seen_through
from bot.store.tables import SECRETS, bots, installations

FOUND_KEPT = timedelta(minutes=10)  # another process may hear of the uninstall
MISSED_KEPT = timedelta(seconds=3)  # somebody may be installing right now

_LOGGER = logging.getLogger(__name__)

_Entity = TypeVar("_Entity", Bot, Installation)


def parse_keys(text: str) -> MultiFernet:
    """The keys of RLCOST_TOKEN_KEYS, separated by commas: the first encrypts, all of them decrypt.

    Raises ValueError, which says which key is none and never shows it.
    """
    keys = [
        _key(key.strip(), position)
        for position, key in enumerate(text.split(","), start=1)
        if key.strip()
    ]
    if not keys:
        raise ValueError("there is no key to encrypt tokens with")
    return MultiFernet(keys)


def _key(text: str, position: int) -> Fernet:
    try:
        return Fernet(text)
    except ValueError:
        # Without its cause: that one may hold the key.
        raise ValueError(
            f"the {_ordinal(position)} key is no Fernet key, which is 32 bytes in url-safe base64"
        ) from None


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose bot was asked for."""

    enterprise_id: str | None
    team_id: str | None
    is_enterprise_install: bool


@dataclass(frozen=True, slots=True)
class _Answered:
    bot: Bot | None
    until: datetime


class Installations(AsyncInstallationStore):
    """Slack's installations as Bolt saves and finds them, with every token encrypted at rest.

    An installation whose tokens no key can read is treated as none, with one warning: the app then
    has to be installed again. `find` is for the way of every request and answers from memory.
    """

    def __init__(
        self, store: Store, *, client_id: str, keys: MultiFernet, now: Callable[[], datetime]
    ) -> None:
        self._engine = store.engine
        self.at_work = store.at_work
        self._client_id = client_id
        self._keys = keys
        self._now = now
        self._sealed = AsyncSQLAlchemyInstallationStore(client_id, store.engine, logger=_LOGGER)
        # The tables that the store made, which have room for what is encrypted.
        self._sealed.bots, self._sealed.installations = bots, installations
        self._answers: dict[_Asked, _Answered] = {}
        self._reading: WeakValueDictionary[_Asked, asyncio.Lock] = WeakValueDictionary()
        self._changes = 0
        self._warned: set[tuple[str | None, str | None]] = set()

    @property
    def logger(self) -> logging.Logger:
        return _LOGGER

    async def find(
        self, enterprise_id: str | None, team_id: str | None, *, is_enterprise_install: bool
    ) -> Bot | None:
        """The bot to answer a workspace with: its own or that of its organisation, read once and then remembered.

        What was found is remembered for ten minutes, what was not for three seconds; requests that
        ask at the same time share one reading.
        """
        asked = _Asked(enterprise_id, team_id, is_enterprise_install)
        async with self._reading.setdefault(asked, asyncio.Lock()):
            known = self._answers.get(asked)
            if known and self._now() < known.until:
                return known.bot
            changes = self._changes
            bot = await self._read(asked)
            # An answer that was overtaken by an uninstall is good for this request, and no other.
            if changes == self._changes:
                kept = FOUND_KEPT if bot else MISSED_KEPT
                self._answers[asked] = _Answered(bot, until=self._now() + kept)
        return bot

    def forget(self, enterprise_id: str | None, team_id: str | None) -> None:
        """Drops what is remembered of a workspace, or without a team of all workspaces of an organisation.

        To be called after the installation has changed in the database; saving and deleting here do so.
        """
        self._changes += 1
        for asked in list(self._answers):
            same = (
                asked.enterprise_id == enterprise_id
                if team_id is None
                else asked.team_id == team_id
            )
            if same:
                del self._answers[asked]

    @seen_through
    async def _read(self, asked: _Asked) -> Bot | None:
        """One query for the workspace's own and its organisation's, whichever the request says goes first."""
        own = bots.c.team_id == asked.team_id
        of_organisation = and_(
            bots.c.team_id.is_(None), bots.c.enterprise_id == asked.enterprise_id
        )
        choices = [
            *([own] if asked.team_id else []),
            *([of_organisation] if asked.enterprise_id else []),
        ]
        if not choices:
            return None
        organisation = bots.c.team_id.is_(None)
        query = (
            select(bots)
            .where(bots.c.client_id == self._client_id, bots.c.bot_token.is_not(None))
            .where(or_(*choices))
            .order_by(organisation.desc() if asked.is_enterprise_install else organisation.asc())
            .order_by(bots.c.installed_at.desc(), bots.c.id.desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().first()
        return self._opened(SQLAlchemyInstallationStore.build_bot_entity(row)) if row else None

    @seen_through
    async def async_save(self, installation: Installation) -> None:
        await self._sealed.async_save(_with_secrets(installation, self._encrypt))
        self.forget(installation.enterprise_id, installation.team_id)

    @seen_through
    async def async_save_bot(self, bot: Bot) -> None:
        await self._sealed.async_save_bot(_with_secrets(bot, self._encrypt))
        self.forget(bot.enterprise_id, bot.team_id)

    @seen_through
    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        found = await self._sealed.async_find_bot(
            enterprise_id=enterprise_id,
            team_id=team_id,
            is_enterprise_install=is_enterprise_install,
        )
        return self._opened(found) if found else None

    @seen_through
    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        found = await self._sealed.async_find_installation(
            enterprise_id=enterprise_id,
            team_id=team_id,
            user_id=user_id,
            is_enterprise_install=is_enterprise_install,
        )
        return self._opened(found) if found else None

    @seen_through
    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self._sealed.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)
        self.forget(enterprise_id, team_id)

    @seen_through
    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        await self._sealed.async_delete_installation(
            enterprise_id=enterprise_id, team_id=team_id, user_id=user_id
        )
        self.forget(enterprise_id, team_id)

    def _encrypt(self, secret: str) -> str:
        return self._keys.encrypt(secret.encode()).decode()

    def _decrypt(self, secret: str) -> str:
        return self._keys.decrypt(secret).decode()

    def _opened(self, found: _Entity) -> _Entity | None:
        try:
            return _with_secrets(found, self._decrypt)
        except InvalidToken:
            self._warn(found.enterprise_id, found.team_id)
            return None

    def _warn(self, enterprise_id: str | None, team_id: str | None) -> None:
        """Says once for each installation, not with every request, that it cannot be read."""
        if (enterprise_id, team_id) not in self._warned:
            self._warned.add((enterprise_id, team_id))
            _LOGGER.warning(
                "no key of RLCOST_TOKEN_KEYS reads the tokens of team %s of organisation %s; "
                "until the key is back or the app is installed again, it counts as not installed",
                team_id,
                enterprise_id,
            )


def _with_secrets(entity: _Entity, change: Callable[[str], str]) -> _Entity:
    """A copy whose secrets are what `change` makes of them; those that are not there stay away."""
    changed = copy(entity)
    for name in SECRETS:
        secret = getattr(entity, name, None)
        if secret is not None:
            setattr(changed, name, change(secret))
    return changed

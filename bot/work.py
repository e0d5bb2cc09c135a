"""What goes on after Slack has its acknowledgement: each piece in a task of its own, none of whose faults is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.logs import log_fault
from bot.refusals import error_code
from bot.store import STORE_FAULTS

_log = logging.getLogger(__name__)

Apologise = Callable[[str], Awaitable[object]]

_GONE = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "team_not_found", "token_expired", "token_revoked"}
)  # fmt: skip


class Work:
    """Tasks at work. Whoever stops the bot waits for them with `drain`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self, what: Coroutine[Any, Any, None], *, where: str, apologise: Apologise | None = None
    ) -> None:
        """Do it now, in the background. A fault is logged, and told by `apologise` with its reference."""
        task = asyncio.create_task(_guarded(what, where=where, apologise=apologise), name=where)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, *, seconds: float) -> None:
        """Wait until all is done, also what starts meanwhile, and cancel what is not by then."""
        until = asyncio.get_running_loop().time() + seconds
        while self._tasks and (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        late = tuple(self._tasks)
        for task in late:
            _log.warning("stopped before it was done: %s", task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _guarded(
    what: Coroutine[Any, Any, None], *, where: str, apologise: Apologise | None
) -> None:
    try:
        await what
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes an apology
        if has_left(error):
            _log.info("%s: the workspace has removed the app", where)
            return
        reference = log_fault(error, where=where)
        if apologise:
            await _told(apologise, _sorry(error, reference), where=where)


async def _told(apologise: Apologise, text: str, *, where: str) -> None:
    try:
        await apologise(text)
    except Exception as error:  # noqa: BLE001 - there is nobody left to tell
        log_fault(error, where=f"{where}, apologising")


def apology(reference: str) -> str:
    """What a person reads of a fault of ours; the log has the rest under the same reference."""
    return f"Sorry, something went wrong here. The reference is `{reference}`."


def _sorry(error: BaseException, reference: str) -> str:
    """What was asked for needs the database, and prices do not: whoever asks learns what to expect."""
    if not isinstance(error, STORE_FAULTS):
        return apology(reference)
    return (
        "I cannot reach my database now, and this needs it; prices are answered all the same. "
        f"Please try again in a few minutes. The reference is `{reference}`."
    )


def has_left(error: BaseException) -> bool:
    """Whether Slack refused because the workspace removed the app: nothing can be said there any more."""
    return isinstance(error, SlackApiError) and error_code(error) in _GONE

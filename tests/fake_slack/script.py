"""What a test tells the fake to do wrong: refusals, dropped connections, delays, blocks not known yet."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fake_slack.blocks import objects_in
from tests.fake_slack.shapes import Fault, Json

RESPONSE_URL = "response_url"


@dataclass
class Planned:
    """One way in which the next calls of a method fail."""

    error: str
    times: int
    retry_after: int | None
    status: int
    drop: bool
    perform: bool


class Script:
    """The failures that are planned, used up in order."""

    def __init__(self) -> None:
        self._refusals: dict[str, list[Planned]] = {}
        self._delays: dict[str, list[asyncio.Event | float]] = {}
        self._block_types: set[str] = set()
        self._all_blocks = False

    def refuse(
        self,
        what: str,
        error: str | None = None,
        *,
        times: int = 1,
        retry_after: int | None = None,
        status: int | None = None,
        drop: bool = False,
        perform: bool = False,
    ) -> None:
        """Let the next calls of a method, or of any "response_url", fail.

        `retry_after` makes it a 429. `drop` breaks the connection off in the middle of the answer;
        with `perform` what was asked for has been done by then.
        """
        limited = retry_after is not None
        planned = Planned(
            error=error or ("ratelimited" if limited else "internal_error"),
            times=times,
            retry_after=retry_after,
            status=status or (429 if limited else 400 if what == RESPONSE_URL else 200),
            drop=drop,
            perform=perform,
        )
        self._refusals.setdefault(what, []).append(planned)

    def next_refusal(self, what: str) -> Planned | None:
        """The failure that is this call's, if one is planned."""
        waiting = self._refusals.get(what, [])
        if not waiting:
            return None
        waiting[0].times -= 1
        return waiting[0] if waiting[0].times else waiting.pop(0)

    def delay(self, what: str, until: asyncio.Event | float, *, times: int = 1) -> None:
        """Hold the next calls of a method, before they are judged: for seconds, or until an event."""
        self._delays.setdefault(what, []).extend([until] * times)

    async def hold(self, what: str) -> None:
        """Wait as long as this call is to be held."""
        waiting = self._delays.get(what, [])
        until = waiting.pop(0) if waiting else None
        if isinstance(until, asyncio.Event):
            await until.wait()
        elif until is not None:
            await asyncio.sleep(until)

    def refuse_block_types(self, *kinds: str) -> None:
        """From now on be a Slack that does not know these blocks."""
        self._block_types |= set(kinds)

    def refuse_all_blocks(self) -> None:
        """From now on refuse whatever has blocks."""
        self._all_blocks = True

    def accept_blocks(self) -> None:
        """From now on be a Slack that knows all its blocks again."""
        self._block_types.clear()
        self._all_blocks = False

    def block_faults(self, blocks: Json) -> Iterator[Fault]:
        """What this script refuses of blocks that are well made."""
        if self._all_blocks and blocks:
            yield Fault("/blocks", "no blocks are accepted")
        for each in objects_in(blocks):
            if each.get("type") in self._block_types:
                yield Fault("/blocks", f"unsupported type: {each['type']}")

"""Work on the database that is seen through to its end, whoever stops waiting for it."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine


class AtWork(Protocol):
    """Whatever works on the database, and which of its work is under way."""

    at_work: set[asyncio.Task[Any]]


class OpenStore(AtWork, Protocol):
    """What is needed of the store: its connections, and the work that it waits for before it closes."""

    engine: AsyncEngine


_Worker = TypeVar("_Worker", bound=AtWork)
_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def seen_through(
    method: Callable[Concatenate[_Worker, _Given], Coroutine[Any, Any, _Result]],
) -> Callable[Concatenate[_Worker, _Given], Coroutine[Any, Any, _Result]]:
    """A method whose work goes on to its end when its caller is cancelled.

    A SQLite connection that is given up in the middle of a statement can keep the whole database
    locked for everybody else, and one in memory takes its data along.
    """

    @wraps(method)
    async def call(self: _Worker, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        task = asyncio.create_task(method(self, *args, **kwargs))
        self.at_work.add(task)
        task.add_done_callback(self.at_work.discard)
        return await asyncio.shield(task)

    return call

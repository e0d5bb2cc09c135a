"""Where a text becomes an answer: what it does to the process that it stands in."""

import gc
from datetime import date

import pytest

from bot.desk import Desk
from tests.bot.asking import BOOK, CATALOGUE, TODAY


@pytest.mark.parametrize("collecting", [True, False])
def test_no_garbage_is_looked_for_during_an_answer_and_then_as_before(collecting: bool) -> None:
    during: list[bool] = []

    def today() -> date:
        during.append(gc.isenabled())
        return TODAY

    desk = Desk(book=BOOK, catalogue=CATALOGUE, today=today)
    request = desk.read("kimi-k2p6 turns=5..20")
    before = gc.isenabled()
    during.clear()
    try:
        gc.enable() if collecting else gc.disable()
        desk.answer(request)
        after = gc.isenabled()
    finally:
        gc.enable() if before else gc.disable()
    assert during == [False]
    assert after == collecting


def test_a_fault_leaves_the_collector_as_it_was() -> None:
    def today() -> date:
        raise ZeroDivisionError

    desk = Desk(book=BOOK, catalogue=CATALOGUE, today=lambda: TODAY)
    request = desk.read("kimi-k2p6")
    desk.today = today
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        desk.answer(request)
    assert gc.isenabled()

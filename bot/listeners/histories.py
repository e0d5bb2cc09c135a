"""`/rlcost history MODEL`: each rate over time."""

from bot.delivery import Place
from bot.formatting.history_view import history_view
from bot.formatting.reply import Reply, reply_to, sentence
from bot.history import history
from bot.listeners.services import Caller, Services


async def asked(services: Services, text: str, place: Place, caller: Caller) -> None:
    """The history of one model; what else is named is answered as any request with a problem."""
    desk = services.desk
    request = desk.read(f"rates {text}")
    if request.problems:
        await services.send(reply_to(desk.answer(request), shareable=False), place, caller)
        return
    if len(request.models) != 1:
        said = "names several models" if request.models else "names no model"
        await services.send(
            sentence(f"That {said}: a history is of one, as in `/rlcost history kimi-k2p6`."),
            place,
            caller,
        )
        return
    if request.fields or request.paths:
        said = f"`/rlcost history {request.models[0]}`"
        await services.send(
            sentence(f"A history has all days and paths of one model: {said} alone shows it."),
            place,
            caller,
        )
        return
    found = history(desk.book, desk.catalogue.get(request.models[0]), on=desk.today())
    await services.send(Reply(view=history_view(found)), place, caller)

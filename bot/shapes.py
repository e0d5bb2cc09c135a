"""Which presets a question for shapes is answered with."""

from bot.answers import Answer, Asking
from bot.requests.request import Request
from bot.verdicts import ShapesListed
from pricing.shapes import presets


def shapes_listed(request: Request, asking: Asking) -> Answer:
    """All presets, or those whose name begins as was asked."""
    known = presets()
    shapes = known.beginning(request.prefix) if request.prefix else tuple(known)
    return Answer(
        request=request,
        as_of=asking.as_of,
        today=asking.today,
        verdict=ShapesListed(prefix=request.prefix, of=len(known.shapes)),
        shapes=shapes,
    )

"""What can be pressed beneath a reply, and what each press carries: the canonical request, so that no state is kept."""

from collections.abc import Sequence
from enum import StrEnum

from bot.answers import Answer
from bot.formatting.blocks import Block, plain
from bot.formatting.limits import BUTTON_VALUE, FEEDBACK_BUTTON_VALUE
from bot.judged import Judged
from bot.kept import pack
from bot.suggestions import as_typed
from bot.verdicts import (
    Compared,
    DigestsInSlack,
    Explained,
    Helped,
    Limited,
    Listed,
    NotSwept,
    Refused,
    ShapesListed,
    Silent,
    Solved,
    Swept,
)
from engine.published import PUBLISHED_MODELS


class ActionId(StrEnum):
    """The buttons of replies, digests and reviews, of the Home tab and of the form."""

    ASK = "ask"
    DIGEST_FORM = "digest_form"
    DIGEST_LIST = "digest_list"
    DIGEST_SEND = "digest_send"
    DIGEST_STOP = "digest_stop"
    EXPORT = "export"
    FEEDBACK = "feedback"
    FORM = "form"
    FORM_MORE = "form_more"
    FORM_PRESET = "form_preset"
    MATH = "math"
    PUBLISHED = "published"
    REVIEW_APPROVE = "review_approve"
    REVIEW_REJECT = "review_reject"
    SHARE = "share"
    TWEAK = "tweak"


class CallbackId(StrEnum):
    """Forms, and the shortcuts and the workflow step as manifest.yaml names them."""

    DIGEST_FORM = "digest_form"
    FORM_SHORTCUT = "open_form"
    MESSAGE_SHORTCUT = "price_message"
    PRICE_FORM = "price_form"
    REVIEW_FORM = "review_form"
    WORKFLOW_STEP = "price_rollout"


def button(
    label: str, action: ActionId, *, value: str = "", style: str = "", spoken: str = ""
) -> Block:
    """One button; `spoken` is what a screen reader says of it."""
    out: Block = {"type": "button", "text": plain(label), "action_id": action.value}
    if value:
        out["value"] = value
    if style:
        out["style"] = style
    if spoken:
        out["accessibility_label"] = spoken
    return out


def open_form(*, label: str = "Open the form") -> Block:
    """The way to ask without typing."""
    return button(label, ActionId.FORM, style="primary", spoken="Open the form to price rollouts")


def actions_of(answer: Answer, *, shareable: bool, published: bool) -> list[Block]:
    """The blocks beneath an answer: what can be done with it, and whether it helped.

    A request that is too long to be carried (a sweep of hundreds of values) leaves only the form.
    """
    value = pack(answer.request, day=answer.today)
    if len(value) >= min(BUTTON_VALUE, FEEDBACK_BUTTON_VALUE):
        return [_actions(open_form())]
    instead = as_typed(answer.instead) if answer.instead else None
    tries = [_actions(*found)] if (found := _corrected(instead)) else []
    return [*tries, *_of_verdict(answer, value, shareable=shareable, published=published)]


def _of_verdict(answer: Answer, value: str, *, shareable: bool, published: bool) -> list[Block]:
    match answer.verdict:
        case Judged():
            pressed = _estimate_buttons(answer, value, shareable=shareable, published=published)
            return [_actions(*pressed), _feedback(value)]
        case Listed() | ShapesListed():
            pressed = [_share(value)] if shareable else []
            pressed += [_export(value)] if answer.cards else []
            return [_actions(*pressed)] if pressed else []
        case Refused(suggestion=suggestion, without=without):
            offered = _corrected(suggestion or without)
            return [_actions(*offered, _tweak(value, label="Open the form"))]
        case Helped():
            return [_actions(open_form())]
        case Compared(suggestions=suggestions) if suggestions:
            return _instead([as_typed(each) for each in suggestions], value)
        case Limited(unanswered=unanswered) | Solved(unanswered=unanswered) if sum(
            len(each.models) for each in unanswered
        ) >= len(answer.request.models):
            return _instead([each.suggestion for each in unanswered], value)
        case Compared() | Swept() | Limited() | Solved() | Explained():
            pressed = [_tweak(value, label="Price one run")]
            pressed += [_share(value)] if shareable else []
            pressed += [_math(value)] if isinstance(answer.verdict, Explained) else []
            pressed.append(_export(value))
            return [_actions(*pressed), _feedback(value)]
        case NotSwept(suggestion=suggestion):
            return [_actions(*_corrected(suggestion), _tweak(value, label="Open the form"))]
        case DigestsInSlack():
            return []
        case Silent():
            return []


def _estimate_buttons(
    answer: Answer, value: str, *, shareable: bool, published: bool
) -> list[Block]:
    out = [_tweak(value)]
    if shareable:
        out.append(_share(value))
    out += [_math(value), _export(value)]
    if not published and answer.models[0].model.key in PUBLISHED_MODELS:
        spoken = "Put the calculator published on 2026-05-16 beside this"
        out.append(button("As published", ActionId.PUBLISHED, value=value, spoken=spoken))
    return out


def _tweak(value: str, *, label: str = "Tweak") -> Block:
    return button(label, ActionId.TWEAK, value=value, spoken="Change this request in a form")


def _math(value: str) -> Block:
    spoken = "Show how each figure comes about"
    return button("Show the math", ActionId.MATH, value=value, spoken=spoken)


def _export(value: str) -> Block:
    spoken = "Get this answer as files: a table, and a page to hand on"
    return button("Export", ActionId.EXPORT, value=value, spoken=spoken)


def _share(value: str) -> Block:
    spoken = "Show this answer to everyone in the channel"
    return button("Share to channel", ActionId.SHARE, value=value, spoken=spoken)


def _instead(suggestions: Sequence[str], value: str) -> list[Block]:
    """Requests that work, each in a block of its own: a block holds an action once."""
    tries = [_actions(*found) for each in suggestions[:3] if (found := _corrected(each))]
    return [*tries, _actions(_tweak(value, label="Open the form"))]


def _corrected(suggestion: str | None) -> list[Block]:
    """The corrected request to press, where one is near and fits."""
    if not suggestion or len(suggestion) > BUTTON_VALUE:
        return []
    return [
        button(
            f"Try {suggestion}", ActionId.ASK, value=suggestion, style="primary", spoken="Ask this"
        )
    ]


def _actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _feedback(value: str) -> Block:
    """Thumbs; what is recorded is the request that they carry."""
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": ActionId.FEEDBACK.value,
                "positive_button": {
                    "text": plain("Helpful"),
                    "value": f"+{value}",
                    "accessibility_label": "This answer helped",
                },
                "negative_button": {
                    "text": plain("Not helpful"),
                    "value": f"-{value}",
                    "accessibility_label": "This answer did not help, or is wrong",
                },
            }
        ],
    }

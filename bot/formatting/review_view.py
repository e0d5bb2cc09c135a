"""What waits for a person: the claim, the source's own line, why it is held; and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.formatting.as_json import number
from bot.formatting.blocks import Block, plain
from bot.formatting.buttons import ActionId, CallbackId, button
from bot.formatting.check_view import RATE_WORDS, held_because, key_json
from bot.formatting.figures import NO_AMOUNT, price
from bot.formatting.fit import fit_text
from bot.formatting.form_view import INPUT, block
from bot.formatting.layout import Cell, Figure, Section, Sourced, Table, View
from bot.formatting.limits import SECTION_TEXT
from bot.formatting.rates_view import key_label
from bot.formatting.reply import Reply
from bot.formatting.wording import plural
from bot.store.observations import REJECTED, WITHDRAWN, Observation
from pricing.cards import CardPath
from pricing.changes import RateDifference, RateName, listed_rates_of
from pricing.judgement import Hold
from pricing.sources import SOURCES

WHY = "why"
_MOST_AT_ONCE = 10


def waiting_view(waiting: Sequence[Observation]) -> View:
    """All that waits, for a terminal."""
    if not waiting:
        return View(summary="Nothing waits for a decision.")
    sections = tuple(section for each in waiting for section in _sections(each))
    summary = (
        f"{plural(len(waiting), 'change')} {'waits' if len(waiting) == 1 else 'wait'} for a decision: "
        "`rlcost rates review approve N` or `reject N`; `--why` keeps a reason with it."
    )
    return View(summary=summary, sections=sections)


def decided_view(decided: Sequence[Observation]) -> View:
    """What became of claims last: each decision with who, when and why, and what was withdrawn undecided."""
    by_people = sum(each.decided_by is not None for each in decided)
    undecided = len(decided) - by_people
    summary = plural(by_people, "decision")
    if undecided:
        was = "was" if undecided == 1 else "were"
        summary += f"; {plural(undecided, 'change')} {was} withdrawn undecided"
    lines = tuple(f"{each.id}  {_past_text(each)}" for each in decided)
    return View(summary=f"{summary}.", sections=(Section(lines=lines),))


def review_replies(
    waiting: Sequence[Observation], *, at_once: int = _MOST_AT_ONCE, decides: bool = True
) -> Iterator[Reply]:
    """Each that waits, with its buttons for who decides; the last says how many more there are."""
    for each in waiting[:at_once]:
        yield review_reply(each) if decides else claim_reply(each)
    left = len(waiting) - at_once
    if left > 0:
        yield Reply(view=View(summary=f"And {left:,} more: `/rlcost review` shows what waits."))


def review_reply(observation: Observation) -> Reply:
    """One claim to decide on."""
    value = str(observation.id)
    spoken = f"change {observation.id}, {key_label(observation.key)}"
    buttons = [
        button(
            "Approve",
            ActionId.REVIEW_APPROVE,
            value=value,
            style="primary",
            spoken=f"Approve {spoken}",
        ),
        button(
            "Reject", ActionId.REVIEW_REJECT, value=value, style="danger", spoken=f"Reject {spoken}"
        ),
    ]
    return replace(claim_reply(observation), beneath=({"type": "actions", "elements": buttons},))


def claim_reply(observation: Observation) -> Reply:
    """One claim, for who does not decide."""
    sections = tuple(_sections(observation, titled=False))
    return Reply(view=View(summary=claim_text(observation), sections=sections))


def fate_reply(observation: Observation, text: str, *, refers: tuple[str, ...]) -> Reply:
    """What became of a claim, above the claim itself; there is nothing left to press."""
    sections = tuple(_rates(observation, title="US dollars"))
    return Reply(view=View(summary=text, sections=sections), refers=refers)


def claim_text(observation: Observation) -> str:
    """The claim in a sentence, and why it is held."""
    what = _claim(observation)
    return f"{key_label(observation.key)} {what} from {observation.on}, and is held: {_why(observation)}."


def _claim(observation: Observation) -> str:
    if observation.card is None:
        return "is not listed any more"
    if observation.card_before:
        return "has other rates"
    return "is listed again" if observation.hold == Hold.BACK_AGAIN else "has its first rates"


def _why(observation: Observation) -> str:
    return held_because(observation.hold, observation.reason)


def choice_text(observation: Observation) -> str:
    """What approving does, and what rejecting does."""
    if observation.card is None:
        what = "this GPU type as not offered" if _is_gpu(observation) else "this path as retired"
        approving = f"Approving marks {what} from {observation.on}"
    else:
        moved = [after for _, _, after in _differences(observation)]
        one = moved[0] if len(moved) == 1 else None
        rates = "these rates" if one is None else price(one)
        approving = f"Approving puts {rates} in force from {observation.on}"
    kept = "keeps the card" if observation.card_before else "leaves it without a rate"
    return f"{approving}; rejecting {kept}."


def _is_gpu(observation: Observation) -> bool:
    return observation.key.path is CardPath.DEDICATED


def decided_text(observation: Observation, *, by_us: bool, who: str) -> str:
    """What became of a claim, to whoever has just decided on it; not `by_us`: somebody else had before.

    `who` is how its decider is shown.
    """
    if _is_undecided(observation):
        what = f"Change {observation.id}, {key_label(observation.key)},"
        return f"{what} waits no longer: its source does not say so any more."
    return _decision(observation, "" if by_us else "already ", who, dated=not by_us)


def _past_text(observation: Observation) -> str:
    """What became of a claim, in a list."""
    if _is_undecided(observation):
        when = f" on {observation.decided_at:%Y-%m-%d}" if observation.decided_at else ""
        return f"{key_label(observation.key)} was withdrawn{when}: its source does not say so any more."
    return _decision(observation, "", observation.decided_by or "a check", dated=True)


def _is_undecided(observation: Observation) -> bool:
    return observation.status == WITHDRAWN and observation.decided_by is None


def _decision(observation: Observation, already: str, who: str, *, dated: bool) -> str:
    verb = "rejected" if observation.status == REJECTED else "approved"
    why = f", because: {observation.decided_why}" if observation.decided_why else ""
    when = f" on {observation.decided_at:%Y-%m-%d}" if observation.decided_at and dated else ""
    return f"{key_label(observation.key)} was {already}{verb} by {who}{when}{why}. {_effect(observation)}"


def _effect(observation: Observation) -> str:
    if observation.status == REJECTED:
        return "The card stays as it was."
    if observation.status == WITHDRAWN:
        return "Its source has called it off since."
    if observation.card is None:
        return f"It has no rate from {observation.on}."
    return f"It holds from {observation.on}."


def review_form(observation: Observation, *, approve: bool, metadata: str) -> Block:
    """Asks why, which is kept with the decision."""
    verb = "Approve" if approve else "Reject"
    asked = f"{choice_text(observation)} {claim_text(observation)}"
    typed: Block = {
        "type": "plain_text_input",
        "action_id": INPUT,
        "max_length": 500,
        "multiline": True,
    }
    return {
        "type": "modal",
        "callback_id": CallbackId.REVIEW_FORM.value,
        "title": plain(f"{verb} a change"),
        "submit": plain(verb),
        "close": plain("Cancel"),
        "private_metadata": metadata,
        "blocks": [
            {"type": "section", "text": plain(fit_text(asked, SECTION_TEXT))},
            block(WHY, "Why", typed, hint="Kept with your name and the day.", optional=approve),
        ],
    }


def observation_json(observation: Observation) -> dict[str, Any]:
    """A claim and its fate, for programs."""
    return {
        "id": observation.id,
        **key_json(observation.key),
        "effective_from": observation.on.isoformat(),
        "before": _rates_json(observation.card_before),
        "after": _rates_json(observation.card),
        "status": observation.status,
        "hold": observation.hold,
        "reason": observation.reason,
        "source": observation.source.value,
        "quote": observation.quote,
        "observed_at": observation.observed_at.isoformat(),
        "decided_at": observation.decided_at.isoformat() if observation.decided_at else None,
        "decided_by": observation.decided_by,
        "decided_why": observation.decided_why,
    }


def _rates_json(card: Any) -> Mapping[str, Any] | None:
    return (
        {rate.value: number(usd) for rate, usd in listed_rates_of(card).items()} if card else None
    )


def _sections(observation: Observation, *, titled: bool = True) -> Iterator[Section]:
    yield from _rates(
        observation,
        title=f"{observation.id}  {key_label(observation.key)}" if titled else "US dollars",
    )
    source = SOURCES[observation.source]
    lines: list[str | Sourced] = [f"Held: {_why(observation)}."] if titled else []
    lines.append(choice_text(observation))
    lines.append(
        Sourced(f"{source.name}, seen {observation.observed_at:%Y-%m-%d %H:%M} UTC", source.url)
    )
    # As a fact it is rich text, in which nothing that a page says is ever formatted or live.
    quote = " ".join(observation.quote.replace("`", "'").split())
    yield Section(facts=(("The source's line", quote),) if quote else (), lines=tuple(lines))


def _rates(observation: Observation, *, title: str) -> Iterator[Section]:
    table = Table(
        header=("Rate", "Before", "After"),
        rows=tuple(
            (RATE_WORDS[rate], _usd(before), _usd(after))
            for rate, before, after in _differences(observation)
        ),
        numeric=frozenset({1, 2}),
    )
    yield Section(title=title, table=table)


def _differences(observation: Observation) -> Iterator[RateDifference]:
    before = listed_rates_of(observation.card_before) if observation.card_before else {}
    after = listed_rates_of(observation.card) if observation.card else {}
    for rate in RateName:
        if before.get(rate) != after.get(rate):
            yield RateDifference(rate, before.get(rate), after.get(rate))


def _usd(usd: Decimal | None) -> Cell:
    return NO_AMOUNT if usd is None else Figure(price(usd), usd)

"""A reply as Slack takes it: the sentence for notifications, the blocks, and the plainer blocks for where they are refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.answers import Answer
from bot.formatting.blocks import Block, blocks, context, escaped
from bot.formatting.buttons import actions_of
from bot.formatting.fit import fit_message, fit_text
from bot.formatting.layout import View
from bot.formatting.references import live, live_text
from bot.formatting.views import view
from bot.verdicts import Explained, Helped


class Message(Protocol):
    """What can be sent: a sentence for notifications, and blocks with plainer ones for where those are refused."""

    @property
    def text(self) -> str: ...

    def blocks(self, *, native: bool = True) -> list[Block]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said, not yet laid out: the view, and the blocks beneath it.

    `refers`: the ids of channels and people that the view names, as `<#C1>` and `<@U1>`.
    """

    view: View
    beneath: tuple[Block, ...] = ()
    above: tuple[Block, ...] = ()
    refers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The answer in a sentence or two, with its numbers, for notifications and screen readers."""
        return fit_text(live_text(escaped(self.view.summary), self.refers))

    def blocks(self, *, native: bool = True) -> list[Block]:
        """The blocks; not native for where Slack refuses native tables and charts."""
        said = [live(block, self.refers) for block in blocks(self.view, native=native)]
        return fit_message([*self.above, *said, *self.beneath])


def reply_to(answer: Answer, *, shareable: bool, published: bool = False) -> Reply:
    """The reply to an answer; `shareable` where only the asker sees it and a channel is there to share it to."""
    return Reply(
        view=_in_slack(view(answer, published=published), answer),
        beneath=tuple(actions_of(answer, shareable=shareable, published=published)),
    )


def _in_slack(said: View, answer: Answer) -> View:
    """Help names what only Slack has too; of a working there is a digest, and the rest behind a button."""
    if isinstance(answer.verdict, Explained):
        from bot.formatting.working_view import working_digest  # few ask for it

        return View(summary=said.summary, sections=tuple(working_digest(answer)))
    if isinstance(answer.verdict, Helped):
        from bot.formatting.help_view import help_sections  # few ask for it

        return View(summary=said.summary, sections=tuple(help_sections(in_slack=True)))
    return said


def shared_reply(answer: Answer, *, by_user: str) -> Reply:
    """An answer that somebody shows to a channel, under their name."""
    reply = reply_to(answer, shareable=False)
    return Reply(
        view=reply.view, beneath=reply.beneath, above=(context(f"Shared by <@{by_user}>"),)
    )


def sentence(text: str, *beneath: Block, refers: tuple[str, ...] = ()) -> Reply:
    """A reply of words alone, in which back-ticks mark code; `refers` as for a reply."""
    return Reply(view=View(summary=text), beneath=beneath, refers=refers)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReply:
    """A reply that was laid out when it was decided, and is kept until it is posted."""

    text: str
    native: tuple[Block, ...]
    plain: tuple[Block, ...]

    @classmethod
    def of(cls, reply: Reply) -> "WrittenReply":
        return cls(
            text=reply.text,
            native=tuple(reply.blocks()),
            plain=tuple(reply.blocks(native=False)),
        )

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "WrittenReply":
        """What `as_json` made."""
        return cls(text=raw["text"], native=tuple(raw["native"]), plain=tuple(raw["plain"]))

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, "native": list(self.native), "plain": list(self.plain)}

    def blocks(self, *, native: bool = True) -> list[Block]:
        return list(self.native if native else self.plain)

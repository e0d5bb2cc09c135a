"""A reply as Slack takes it: the sentence for notifications, the blocks, and the plainer blocks for where they are refused."""

from dataclasses import dataclass

from bot.answers import Answer
from bot.formatting.blocks import Block, blocks, context, escaped
from bot.formatting.buttons import actions_of
from bot.formatting.fit import fit_message, fit_text
from bot.formatting.layout import View
from bot.formatting.views import view


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said, not yet laid out: the view, and the blocks beneath it."""

    view: View
    beneath: tuple[Block, ...] = ()
    above: tuple[Block, ...] = ()

    @property
    def text(self) -> str:
        """The answer in a sentence or two, with its numbers, for notifications and screen readers."""
        return fit_text(escaped(self.view.summary))

    def blocks(self, *, native: bool = True) -> list[Block]:
        """The blocks; not native for where Slack refuses native tables and charts."""
        return fit_message([*self.above, *blocks(self.view, native=native), *self.beneath])


def reply_to(answer: Answer, *, shareable: bool, published: bool = False) -> Reply:
    """The reply to an answer; `shareable` where only the asker sees it and a channel is there to share it to."""
    return Reply(
        view=view(answer, published=published),
        beneath=tuple(actions_of(answer, shareable=shareable, published=published)),
    )


def shared_reply(answer: Answer, *, by_user: str) -> Reply:
    """An answer that somebody shows to a channel, under their name."""
    reply = reply_to(answer, shareable=False)
    return Reply(
        view=reply.view, beneath=reply.beneath, above=(context(f"Shared by <@{by_user}>"),)
    )


def sentence(text: str, *beneath: Block) -> Reply:
    """A reply of words alone, in which back-ticks mark code."""
    return Reply(view=View(summary=text), beneath=beneath)

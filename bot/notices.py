"""What reviewers are told of the changes that wait for them: a message each, with what is claimed and the buttons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.formatting.reply import Reply, WrittenReply
from bot.formatting.review_view import review_replies
from bot.store.observations import Observation
from bot.store.outbox import Outgoing

_MOST = 5
"""A page on which everything has changed is one fault, and no reason for fifty messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Of the reviewers of one workspace, to whom the bot writes directly."""

    reviewers: Sequence[str]
    team_id: str

    def __call__(self, waiting: Sequence[Observation], *, at: datetime) -> Sequence[Outgoing]:
        """A message for each of the first claims, with its buttons; of the rest only how many there are."""
        return [
            self._message(reply, user, f"{waiting[0].id}-{number}", at=at)
            for number, reply in enumerate(review_replies(waiting, at_once=_MOST))
            for user in self.reviewers
        ]

    def _message(self, reply: Reply, user: str, number: str, *, at: datetime) -> Outgoing:
        return Outgoing(
            id=f"review/{self.team_id}/{user}/{number}",
            team_id=self.team_id,
            enterprise_id=None,
            channel_id=user,
            message=WrittenReply.of(reply).as_json(),
            due_at=at,
        )

"""Which models digests are to be about."""

import re
from functools import lru_cache

from bot.digest_requests.said import MOST_PROBLEMS, Said, quoted
from bot.formatting.request_wording import problem_text
from bot.requests.names import Names
from pricing.catalogue import Catalogue

_ALL_MODELS = re.compile(
    r"\b(?:all|every|any) (?:of )?(?:the )?(?:covered )?models?\b", re.IGNORECASE
)


def models_in(said: Said, catalogue: Catalogue) -> tuple[str, ...]:
    """The keys of the models that are named, each once; none stands for all."""
    every = said.take(_ALL_MODELS)
    names = _names(catalogue)
    mentions = names.mentions(said.rest)
    said.take_out([(mention.start, mention.end) for mention in mentions])
    keys = tuple(dict.fromkeys(mention.key for mention in mentions if mention.key))
    for mention in [m for m in mentions if not m.key][:MOST_PROBLEMS]:
        said.problems.append(problem_text(names.problem(mention), example_model=names.keys[0]))
    if every and mentions:
        pieces = quoted([every[0][0], mentions[0].text])
        said.problems.append(f"{pieces} do not go together: keep one.")
    said.details += [mention.text for mention in mentions] + [match[0] for match in every]
    return keys


@lru_cache(maxsize=4)
def _names(catalogue: Catalogue) -> Names:
    return Names(catalogue)

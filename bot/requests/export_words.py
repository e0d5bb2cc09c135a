"""Whether a text wants its answer as a file, and which. What is exported by somebody else is no wish (*we export traces*)."""

import re

from .request import BOTH

_FILE = r"(?:an? )?(?:one-page |1-page )?(csv|quote)(?: file)?"
_FORM = rf"{_FILE}(?: and (?:(?:as|to|into|in) )?{_FILE})?"
_PLEASE = r"(?: file)?(?: (?:please|pls|plz|thanks))?"
_THE_ANSWER = r"(?:it|this|that|them|everything|all|(?:the |this |that |your )(?:answer|table|result|reply|figure|number|list)s?)"
_A_QUESTION = (
    r"(?:(?:the |this |that |your )?(?:rate|limit|price|cost|estimate|sweep|comparison|working|bill|shape|preset)s?"
    r"|compare|solve|explain)"
)
_A_REQUEST = (
    rf"(?:\S*[\d=]|(?:{_THE_ANSWER}|{_A_QUESTION})\b"
    r"|(?!control|licen|restrict|regulat|complian|nothing|to |in |for )[a-z-]+ \S*\d)"
)
"""What may follow *export* where it is asked of the bot: the answer, or a request (`kimi-k2p6`, `qwen 397b`)."""
_OTHERS = "".join(
    f"(?<!\\b{word} )"
    for word in "they who that which agents answer answers respond responds reply replies output outputs return returns".split()
)
_NOT_OURS = "".join(
    f"(?<!\\b{word} )"
    for word in "in to a an the our their from of no without use uses have has as eats export exports".split()
)
_EXPORT = re.compile(
    r"(?:^\W*|(?<=[,;.] )|\b(?:please|pls|and|then|also|you) )export(?!\w|-)"
    rf"(?:(?: {_THE_ANSWER})?(?: (?:as|to|into|in))? {_FORM}(?!\w|-)|(?: {_THE_ANSWER}(?!\w|-))|(?=\W*$|\s?[,;!]| (?:please|pls)\b| {_A_REQUEST}))"
    rf"|{_OTHERS}\b(?:send|give|get|make|want|need)(?: me| us| them)? (?:an? |the )?(csv)(?: file)?(?!\w|-)"
    r"|\b(?:can|could|may) (?:i|we) (?:please )?have (?:it as )?(?:an? |the )?(csv)(?: file)?(?!\w|-)"
    rf"|\bexport(?: {_THE_ANSWER})?(?: (?:as|to|into|in) {_FORM}| please)?\W*$"
    rf"|{_OTHERS}\bas {_FORM}(?!\w|-)(?=\W*$|\s?[,;:.!?)]| (?:please|pls|thanks|and|for|of|then|with)\b| \S*[\d=])"
    r"|^\W*(?:(?:and|also|ok|now|the|a|same) )*(csv)(?: file)?(?= (?:for|of|please|pls|with)\b|\s?[,:;])"
    rf"|{_NOT_OURS}\b(csv){_PLEASE}\W*$",
    re.IGNORECASE,
)
_WORDS = ("export", "csv", "quote")


def without_export(text: str) -> tuple[str, str | None]:
    """The text without its wish for a file, and the form of that, one of `EXPORTS`: CSV where none is said."""
    lower = text.lower()
    found = list(_EXPORT.finditer(text)) if any(word in lower for word in _WORDS) else []
    if not found:
        return text, None
    forms = {form.lower() for match in found for form in match.groups() if form}
    return _EXPORT.sub(" ", text), BOTH if len(forms) > 1 else next(iter(forms), "csv")

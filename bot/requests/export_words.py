"""Whether a text wants its answer as a file, and which. What is exported by somebody else is no wish (*we export traces*)."""

import re

_FORM = r"(?:an? )?(?:one-page |1-page )?(csv|quote)(?: file)?"
_EXPORT = re.compile(
    rf"(?:^\W*|(?<=[,;.] )|\b(?:please|pls|and|then|also|you) )export(?:(?: (?:it|this|that|them|everything|"
    rf"the \w+))?(?: (?:as|to|into|in) {_FORM})?)(?!\w|-)"
    r"|\b(?:send|give|get|make|want|need|have)(?: me| us| them)? (?:an? |the )?(csv)(?: file)?(?!\w|-)"
    rf"|\bexport(?: (?:it|this|that|them))?(?: (?:as|to|into|in) {_FORM}| please)?\W*$"
    rf"|\bas {_FORM}(?!\w|-)"
    r"|(?<!\bin )(?<!\bto )(?<!\ba )(?<!\bthe )(?<!\bour )(?<!\bfrom )(?<!\bof )\b(csv)(?: file)?(?: please)?\W*$",
    re.IGNORECASE,
)
_WORDS = ("export", "csv", "quote")


def without_export(text: str) -> tuple[str, str | None]:
    """The text without its wish for a file, and the form of that: CSV where none is said."""
    lower = text.lower()
    found = list(_EXPORT.finditer(text)) if any(word in lower for word in _WORDS) else []
    if not found:
        return text, None
    forms = [form.lower() for match in found for form in match.groups() if form]
    return _EXPORT.sub(" ", text), forms[-1] if forms else "csv"

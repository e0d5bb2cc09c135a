"""Which paths a text names, and which of them a follow-up is about.

*Standard*, *priority* and *fast* are words for other things too: each is a path only where it stands as one does.
"""

import re
from dataclasses import dataclass

from .phrases import MODEL, Phrases, words_of


@dataclass(frozen=True, slots=True)
class SaidPaths:
    """`named` in order of mention. `excluded` are not meant; `every`: all of them are, where none is named.

    `asked`: the text asks for paths, where others only chat about them.
    """

    named: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    every: bool = False
    asked: bool = False

    def after(self, before: tuple[str, ...], *, also: bool, with_one: bool) -> tuple[str, ...]:
        """The paths of a request that had `before`; empty for all of them.

        `also` adds the paths named to those, `with_one` adds one.
        """
        old = () if self.every else before
        if self.excluded:
            kept = tuple(path for path in old if path not in self.excluded)
            others = tuple(path for path in PATHS if path not in self.excluded)
            old = kept if kept or self.named else others
        added = also or (with_one and len(self.named) == 1)
        return tuple(dict.fromkeys((*old, *self.named))) if added or not self.named else self.named


def said_paths(text: str) -> SaidPaths:
    """The paths of a text in lower case, in which `phrases.MODEL` stands for each model."""
    present = words_of(text)
    if present.isdisjoint(_PATH_WORDS):
        return SaidPaths()
    named = _first_mentions(_EXCLUDED.without(text, present), present)
    excluded = _excluded(text, present)
    every = _EVERY.found(text, present)
    asked = bool(named or excluded or every) and ("?" in text or _is_about_paths_only(text))
    return SaidPaths(named, excluded, every, asked)


def _first_mentions(text: str, present: frozenset[str]) -> tuple[str, ...]:
    starts = [
        (match.start(match.lastindex or 0), path)
        for path, phrases in PATHS.items()
        if (match := phrases.first(text, present))
    ]
    return tuple(path for _, path in sorted(starts))


def _excluded(text: str, present: frozenset[str]) -> tuple[str, ...]:
    """*Without serverless* means none of its modes."""
    if not _EXCLUDED.found(text, present):
        return ()
    said = ", ".join(match[0] for match in _EXCLUDED.pattern.finditer(text))
    modes = [path for path in PATHS if path.startswith("serverless") and _SERVERLESS.search(said)]
    return tuple(dict.fromkeys((*_first_mentions(said, present), *modes)))


def _is_about_paths_only(text: str) -> bool:
    """Whether nothing but paths, question words and filler is said."""
    return MODEL not in text and not _DIGIT.search(text) and words_of(text) <= _AROUND_PATHS


_DIGIT = re.compile(r"\d")
_PATH_WORDS = frozenset(
    "tinker serverless standard priority fast dedicated demand path paths".split()
)
_AROUND_PATHS = _PATH_WORDS | frozenset(
    "a again against all also an and about add as at be but by can compare compared could do does drop each every "
    "amount bill except excluding exclude figure figures five fireworks for from give has have how i ignore in include instead just keep let "
    "lets s leave look make it me minus mode modes my no not now number of off ok okay on only option or other out over please "
    "pls plus price prices rather remove run same see show skip so still switch than the them then these this those "
    "tier tiers to too try us use using versus via vs was we well what whats when which will with without would you "
    "cheaper cheapest".split()
)

# What may follow a mode that stands for its path; any other word makes it an adjective (*standard shape*).
_NO_NOUN_BEHIND = (
    rf"(?=\W*$|\s*[,;:.?!/()&|+=]|\s*{MODEL}|\s+[-$\d]|[ -](?:paths?|tiers?|modes?|serverless)\b"
    r"|\s+(?:vs|versus|and|or|nor|than|to|with|for|on|at|in|of|by|from|over|against|without|as|if|when|until|till|then"
    r"|under|within|below|above|up|around|about|before|after|while|given|assuming|using|where|because|since|plus|but|so"
    r"|now|instead|only|alone|too|also|please|pls|thanks|next|side|rates?|pric(?:e|es|ing)|card|cards|amount|bill"
    r"|is|are|was|be|become|becomes|get|gets|cost|costs|beat|beats|win|wins|would|will|does|do|can|has|have|takes?"
    r"|cheaper|cheapest|compared|break|breaks|cross|crosses|cached|per|limits?|par)\b)"
)
_THAN = r"\b(?:than|vs\.?|versus) (?:the )?"
_OTHER_PATH = r"(?:tinker|dedicated|on-demand|standard|priority|serverless)"
_JOINED = r"(?:\s*[,/&+]\s*|\s+(?:vs\.?|versus|and|or|than|against|over|to|with|beats?)\s+)(?:the |serverless )?"
_NOT_HOW = r"(?<!as )(?<!how )(?<!so )(?<!very )(?<!too )"
_IS = r"(?:is|was|are|be|becomes?|gets?|costs?|stays?|comes?)"
_SERVERLESS = re.compile(r"\bserverless\b(?!(?: |-)(?:priority|fast|standard))")
"""Its standard mode where it is named, all its modes where it is excluded."""

PATHS = {
    "tinker": Phrases("tinker", r"\btinker\b"),
    "serverless_standard": Phrases(
        "standard serverless",
        rf"(?<!by )(?<!non-)(?<!gold )(?<!\ba )(?<!our )(?<!their )\bstandard\b{_NO_NOUN_BEHIND}",
        rf"{_THAN}(standard)\b(?! deviation)",
        _SERVERLESS.pattern,
    ),
    "serverless_priority": Phrases(
        "priority",
        r"(?<!high )(?<!higher )(?<!highest )(?<!top )(?<!low )(?<!lower )(?<!first )(?<!\ba )(?<!our )(?<!my )"
        rf"(?<!their )\bpriority\b{_NO_NOUN_BEHIND}",
        rf"{_THAN}(priority)\b",
    ),
    # An adverb more often than a mode.
    "serverless_fast": Phrases(
        "fast",
        r"\b(?:serverless|fireworks)(?: |-)fast\b",
        r"\bfast(?: |-)(?:path|tier|mode|serverless)\b",
        rf"\b{_OTHER_PATH}{_JOINED}(fast)\b{_NO_NOUN_BEHIND}",
        rf"{_NOT_HOW}\bfast{_JOINED}{_OTHER_PATH}\b",
        rf"{_NOT_HOW}\bfast (?:beats?|wins?|{_IS} (?:\w+ ){{0,2}}?(?:cheap\w*|dearer|\w*expensive|less|more))\b",
        r"(?:^\W*(?:(?:and|or|on|in|add|use|try|show|what is|what's|compare|rates|limits) )*"
        r"|\b(?:only|just|also|add|against|than|vs|versus|via|on|what about|how about|drop|without|except|excluding) )"
        rf"(?:the )?(fast)(?=\W*$|\s*{MODEL}|\s*[,;.?!]|\s+(?:too|as well|instead|please|pls|only|alone|then|rates?)\b)",
    ),
    "dedicated": Phrases("dedicated demand", r"\bdedicated\b", r"\bon-demand\b"),
}
_A_PATH = (
    r"(?:serverless(?: |-)(?:standard|priority|fast)|tinker|dedicated|on-demand|serverless"
    rf"|(?:standard|priority|fast)\b{_NO_NOUN_BEHIND})\b"
)
_EXCLUDED = Phrases(
    "without excluding except exclude no not minus drop dropping remove removing skip ignore instead rather leave other",
    r"(?<!why )\b(?:without|excluding|except|exclude|no|not|minus|drop|dropping|remove|removing|skip|ignore|instead of|rather than"
    rf"|leave out|other than) (?:the |for |on )?{_A_PATH}(?:(?:\s*,\s*|\s+)(?:(?:and|or|nor) )?{_A_PATH})*",
)
"""*Without Tinker, no serverless or dedicated*."""
_EVERY = Phrases(
    "path paths", r"\b(?:all|every|each)(?: of)?(?: the| these| your)?(?: five| other)? paths?\b"
)

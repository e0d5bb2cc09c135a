"""Which question a text asks: intents, the field that a solve asks for, the paths named, a digest's action.

Works on the normalised text in lower case with the models taken out; every pattern is linear.
"""

import re
from dataclasses import dataclass

from .request import Field, Intent

_FIRST_WORDS = {
    **{intent.value: intent for intent in Intent if intent not in (Intent.HELP, Intent.NONE)},
    "price": Intent.ESTIMATE,
    "cost": Intent.ESTIMATE,
    "quote": Intent.ESTIMATE,
}
_OTHER_FIRST_WORDS = re.compile(
    r"(?:solve|rates?) (?:rate|time|limit)|digest (?:this|that|it)\b|(?:rates?|price) of (?:change|growth)"
)
_OF_TOKENS = r"per[ -](?:(?:1 ?m|1 ?k|1,?000,?000|million|thousand|m|1)\b ?)?(?:\w+ )?(?:tok(?:en)?s?|mtok)|per (?:1 ?m|million)\b|/ ?(?:1 ?)?m(?:tok)?\b"
_OF_GPU_HOURS = r"per gpu[ -]?h(?:ou)?rs?|gpu[ -]?hour(?:ly)? (?:price|rate|cost)s?|/ ?gpu[ -]?h(?:ou)?r|(?:an|per) hour (?:for|of) (?:a|an|one) [\w ]*(?:gpu|[hb]\d00)"
_PRICE = r"(?:(?:what|how much) (?:\w+ ){1,3}pay|pric(?:e|es|ing)|costs?|rates?|charg(?:e|es|ing)|how much|quote|\$)"

_DIGEST = re.compile(
    r"(?<!to )(?<!-)\bdigests?\b(?! (?:this|that|it|these|them|first|all)\b)"
    r"|\b(?:un)?subscri(?:be|bed|bing|ption|ptions)\b"
)
_EXPLAIN = re.compile(
    r"\b(?:explain|explanation)\b"
    r"|\b(?:show|see|give|walk|send|want|need|with|what'?s|what is|is|where'?s|share|have|got) (?:\w+ ){0,3}(?:working|workings|math|maths|formulae?|formulas|arithmetic|calculations?|derivation)\b"
    r"|\b(?:the|your|full|me) (?:working|workings|math|maths|formulae?|formulas|arithmetic|derivation)\b(?! (?:agent|model|env\w*|task|tasks|problems?|rl|dataset))"
    r"|^(?:the )?(?:working|workings|math|maths|formula)(?= (?:for|of|behind|please|on)\b|\W*$)"
    r"|\bshow (?:\w+ )?work\b|\bwalk (?:me|us|them) through\b|\bbreak(?:s|ing)? (?:it|this|that|the (?:\w+ )?(?:cost|price|number|figure|bill)s?) down\b"
    r"|\bhow (?:did|do|does|are|is|was|were|have|has) (?:\w+ ){1,6}?(?:get|got|gotten|arrive|come about|comes about|computed?|calculated?|derived?|worked out|work(?:ed)? (?:it|that|this) out|made up|add up|come up with)\b"
    r"|\bwhere (?:did|do|does) (?:\w+ |\$?[\d,.]+\w* ){1,6}?come from\b|\bcomes? about\b"
)
_NOT_ASKED = re.compile(
    r"\b(?:no need|not asking|not looking|don'?t (?:need|want)|do not|don'?t|without|needn'?t|not)(?: \w+){0,4}? "
    r"(?:explain\w*|explanation|working|maths?|formulas?)\b"
    r"|\b(?:i|we|they|he|she|i'?ll|we'?ll|they'?ll|who|that|which)(?: (?:\w+)){0,2}? explain\w*\b"
    r"|\b(?:need|have|had|want|trying|going|able|got|hard|how|easy|time|used|me) to explain\b"
)
"""*Before I explain this*, *no need to explain*: the words of explain, where nobody asks for it."""
_COUNTED = {
    Field.EPISODES: r"(?:episodes?|rollouts?|trajector(?:y|ies)|eps)",
    Field.TURNS: r"turns?",
    Field.GPUS: r"(?:gpus?|g?[hb]\d00s?(?:[ _-]?\d+ ?gb)?s?)",
}
_BETWEEN = r"(?:more|fewer|extra|additional|total|such|of|the|those|these|our|their|your|full|rl|training|agentic|coding|dedicated|whole|\ue001|\d[\w.,]*|[\w]+-turns?|[\w]+-gpu)"
_HOW_MANY = {
    field: re.compile(
        rf"\bhow (?:many|few) (?:{_BETWEEN}\s+){{0,3}}?{thing}\b(?! (?:per|an?|each) (?:episode|turn)|[- ]?h(?:ou)?rs?\b)"
    )
    for field, thing in _COUNTED.items()
}
_AFFORD = re.compile(
    r"\bwhat (?:can|could|would|does|do|will|might) (?:i|we|you|they|one|the customer|\w+)?\s*(?:\w+ )?(?:get|buy|afford|run|do) (?:\w+ ){0,4}?(?:for|with|on|under|within|out of) (?:\w+ ){0,3}\$?\d"
    r"|\bwhat (?:does|do|would|will|can|could) (?:\w+ ){0,3}?(?:us)?\$ ?[\d,.]+\w* (?:\w+ ){0,2}?(?:buy|get|cover|pay for)"
    r"|\bhow far (?:does|do|would|will|can|could|might) (?:\w+ ){0,4}?(?:us)?\$ ?[\d,.]+\w* (?:\w+ ){0,2}?(?:go|get|stretch|take)"
    r"|\b(?:us)?\$ ?[\d,.]+\w* (?:buys?|gets?) (?:me |us |them )?(?:how|what)"
    r"|\bwhat (?:can|could|would) (?:i|we|they|you) (?:get|buy|afford) (?:for|with) "
)
_CROSS = re.compile(
    r"\bcross(?:es|ed)?(?:[ -]?over| over)?(?: point)?\b(?!-)(?=.*\bturn|.*\b(?:serverless|dedicated|tinker|priority|standard|fast)\b|\W*$)"
    r"|\bcross-?overs?\b"
    r"|\bbreak[ -]?even (?:in|on|at|point in|number of|count of)?\s*(?:the )?(?:number of )?turns?\b|\bturns? (?:to|until|till|for|at|before) (?:a |the )?break[ -]?even\b|\bbreak[ -]?even turns?\b"
    r"|\b(?:at|from|after|beyond|past|by) (?:how many|what|which) (?:\w+ ){0,2}?turns?\b"
    r"|\bhow many turns (?:\w+ ){0,8}?(?:until|till|before|cheaper|break|cross|pays?|wins?|beats?|overtakes?)\b"
    r"|\bwhen (?:does|do|will|would|is|are|did) (?:\w+ ){0,6}?(?:become|becomes|get|gets|be|turn) (?:the )?cheap(?:er|est)\b"
    r"|\b(?:at|from) (?:what|which) (?:\w+ )?(?:turn count|point) (?:\w+ ){0,6}?(?:cheaper|cross|win|beat|overtake)\b"
    r"|\bturns? (?:\w+ ){0,6}?(?:become|becomes|get|gets) (?:the )?cheap(?:er|est)\b"
)
_PAR = r"(?:at[ -]?par|parity|break[ -]?evens?|breaking even|broke even)"
_LIMITS = re.compile(
    rf"\b{_PAR}\b"
    r"|(?<!rate )(?<!context )(?<!token )(?<!time )(?<!budget )(?<!spend )(?<!usage )(?<!api )(?<!request )(?<!turn )(?<!speed )(?<!quota )(?<!concurrency )(?<!the rate )\blimits\b(?! (?:us|me|them|it|our|the|to|how|what)\b)"
)
_RATES = re.compile(
    r"\brate[ -]?cards?\b|\blist[ -]prices?\b|\bprice[ -]?lists?\b|\bpricing (?:table|sheet|page|card)s?\b|\bprice (?:sheet|table)s?\b"
    rf"|\b{_PRICE}\b[^.?!\n]{{0,60}}?(?:{_OF_TOKENS}|{_OF_GPU_HOURS})"
    rf"|(?:{_OF_TOKENS}|\bper-token|\bgpu[ -]hour(?:ly)?|\btoken|\bhourly|\bunit) (?:rates?|pric(?:e|es|ing)|costs?)\b"
)
_RATES_WORD = re.compile(
    r"(?:^|\b(?:the|current|your|our|their|his|its|what|latest|these|those|today'?s|list|gpu|tinker'?s?|fireworks'?s?"
    r"|serverless|dedicated|priority|standard|fast|show|me|all|any|model|public|published|hourly|input|output|cached|new|old"
    r"|see|get|list|tinker|api|token|\ue001(?:'s)?|and|which|paste|give|need|have|know))\s+rates\b"
    r"|^\W*rates\b|\brates (?:for|of|on|as|per|in|by|from|please|pls|now|today|right|\ue001)(?:\b|(?<=\ue001))|\brates\W*$"
)
_OTHER_RATES = re.compile(
    r"\b(?:growth|hit|cache[ -]hit|success|failure|error|rate|sampling|learning|completion|pass|win|interest|exchange|frame|throughput|token|response|acceptance|discount|churn|conversion|rejection) rates\b"
    r"|\b(?:at|with|on|using|under|by|from|per|given) (?:(?:the|our|your|their|these|those|current|today'?s|new|old|latest|list|that day'?s|september|may|july|public|standard|updated|published|same)\s+){0,3}rates\b"
    r"|\brates? of (?:change|growth|return)\b|\brates? limit"
)
_COMPARE = re.compile(
    r"\bcompar(?:e|es|ed|ing|ison|isons)\b|\bvs\b|\bversus\b|\bside[ -]by[ -]side\b|\ball (?:the |of the |of your |your |covered |available |supported |\w+ ){0,2}models\b|\b(?:every|each|any) (?:\w+ )?model\b"
    r"|\bacross (?:the |all )?models\b|\bwhich model\b"
)
_COMPARE_WORD = re.compile(
    r"\bcompar(?:e|es|ed|ing|ison|isons)\b|\bvs\b|\bversus\b|\bside[ -]by[ -]side\b"
)
_ALL_MODELS = re.compile(
    r"\b(?:all|every) (?:the |of the |of your |your |covered |available |supported )?models?\b"
)
_ESTIMATE = re.compile(
    r"\b(?:estimat(?:e|es|ed|ing|ion)|ballpark|pric(?:e|es|ed|ing|ey)|costs?|costing|cost of|quotes?|quotation|how much|how long|how expensive|what(?:'d| would| will| does| is|'s)? (?:it|that|this) (?:cost|come to|run))\b"
)
_ESTIMATE_ASKED = re.compile(
    r"^\W*(?:price|cost|quote|estimate)\b|\b(?:how much|how long|how expensive|estimate|ballpark)\b"
    r"|\bwhat(?:'?s|'?d| is| would| will| does)? (?:\w+ ){0,4}?(?:cost|price|run|come to)\b"
    r"|\b(?:re-?)?(?:price|quote) (?:it|this|that|them|\ue001)"
)
"""In a thread: a question for the price, where *nice price* is none."""
_HELP = re.compile(
    r"^\W*(?:help|usage|commands|examples?|man|\?)\b|(?<!the )(?<!your )(?<!great )(?<!big )(?<!of )\bhelp( me)?\W*$|\bwhat (?:can|do|could) (?:you|u|it|this|this bot|the bot|rlcost) do\b|\bhow (?:do|does|can|should) (?:i|we|you|this|it|one) (?:use|work|ask|start)\b|\bhow (?:does|do) (?:this|it|the bot|you|rlcost) work\b|\bwho are you\b|\bwhat are you\b|\bwhat is (?:this|rlcost)\b|\bshow (?:me )?(?:the )?(?:help|usage|examples)\b|\binstructions\b"
)
_WITH_ONE = re.compile(r"\b(?:vs|versus|compar(?:e|ed|ing)|against|side[ -]by[ -]side)\b")
"""Adds the model named, where it is one."""
_ALSO = re.compile(
    r"\b(?:also|add|adding|too|as well|along with|alongside|in addition|plus|include|both"
    r"|compar(?:e|ed) (?:\w+ )?(?:with|to|against))\b"
)
_START_OVER = re.compile(
    r"\bstart(?:ing)? (?:over|again|afresh|anew|from scratch)\b|\bfrom scratch\b|\breset everything\b|\bforget (?:everything|all (?:of )?(?:that|this))\b"
)
_FILLER_START = re.compile(
    r"^(?:(?:hi|hey|hello|yo|ok|okay|so|and|please|pls|plz|well|um|good|morning|evening|afternoon|all|team|folks|there|everyone|thanks|now|then|quick|question|just|rlcost|/rlcost)\b[\s,.!:;-]*|[^\w\s]+\s*)*"
)
_PATHS = {
    "tinker": r"\btinker\b",
    "serverless_standard": r"\bstandard\b|\bserverless\b(?!(?: |-)(?:priority|fast|standard))",
    "serverless_priority": r"\bpriority\b",
    "serverless_fast": r"\b(?:serverless|fireworks)(?: |-)fast\b|\bfast (?:path|tier|mode|serverless)\b",
    "dedicated": r"\bdedicated\b|\bon-demand\b",
}
_ACTIONS = (
    (
        "unsubscribe",
        re.compile(
            r"\bunsubscri|\b(?:take|get|remove) (?:me|us|this channel)\b|\bstop\b|\bcancel\b|\boff\b|\bno more\b|\bopt out\b"
        ),
    ),
    (
        "list",
        re.compile(
            r"\blist\b|\bwhich\b|\bwhat digests\b|\bshow\b|\bam i\b|\bare we\b|\bsubscriptions\b"
        ),
    ),
    ("send", re.compile(r"\bsend\b|\bnow\b|\bpost\b|\brun\b")),
    ("subscribe", re.compile(r"\bsubscri|\bsign\b|\bstart\b|\bdaily\b|\bweekly\b|\bget\b|\badd\b")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words of a text ask for; the models and values that it names are not looked at."""

    first_word: Intent | None
    sentence: Intent | None
    compare: bool
    compare_word: bool
    all_models: bool
    estimate: bool
    help: bool
    also: bool
    with_one: bool
    estimate_asked: bool
    start_over: bool
    solve_for: Field | None
    paths: tuple[str, ...]
    action: str | None


def asked(lower: str) -> Asked:
    """Reads the words; `lower` is the text in lower case with U+E001 where a model stood."""
    plain = lower.replace("_", " ")
    first = _first_word(plain)
    solve_for = _solve_for(plain)
    sentence = _sentence(plain, solve_for)
    return Asked(
        first_word=first,
        sentence=sentence,
        compare=bool(_COMPARE.search(plain)),
        compare_word=bool(_COMPARE_WORD.search(plain)),
        all_models=bool(_ALL_MODELS.search(plain)),
        estimate=bool(_ESTIMATE.search(plain)),
        help=bool(_HELP.search(plain)),
        also=bool(_ALSO.search(plain)),
        with_one=bool(_WITH_ONE.search(plain)),
        estimate_asked=bool(_ESTIMATE_ASKED.search(plain)),
        start_over=bool(_START_OVER.search(plain)),
        solve_for=solve_for,
        paths=_paths(plain),
        action=_action(plain) if Intent.DIGEST in (first, sentence) else None,
    )


def is_known(word: str) -> bool:
    """Whether a word has its place in the language as the name, or a part of the name, of an intent."""
    plain = word.replace("_", " ")
    start = _FILLER_START.match(plain)
    named = _first_word(plain) is not None or _sentence(plain, _solve_for(plain)) is not None
    return (
        named
        or word in ("model", "models")
        or bool(start and start.end() == len(plain))
        or bool(_ESTIMATE.search(plain) or _COMPARE.search(plain) or _HELP.search(plain))
    )


def _first_word(plain: str) -> Intent | None:
    start = _FILLER_START.match(plain)
    rest = plain[start.end() :] if start else plain
    word = re.match(r"[a-z]+(?![\w-])", rest)
    if word is None:
        return None
    intent = _FIRST_WORDS.get(word[0])
    if _OTHER_FIRST_WORDS.match(rest):
        return None
    if intent is Intent.ESTIMATE and word[0] != "estimate" and _RATES.match(rest):
        return Intent.RATES
    return intent


def _sentence(plain: str, solve_for: Field | None) -> Intent | None:
    if _DIGEST.search(plain):
        return Intent.DIGEST
    if _EXPLAIN.search(_NOT_ASKED.sub(" ", plain)):
        return Intent.EXPLAIN
    if solve_for is not None:
        return Intent.SOLVE
    if _LIMITS.search(plain):
        return Intent.LIMITS
    return Intent.RATES if _asks_rates(plain) else None


def _asks_rates(plain: str) -> bool:
    if _RATES.search(plain):
        return True
    return bool(_RATES_WORD.search(_OTHER_RATES.sub(" ", plain)))


def _solve_for(plain: str) -> Field | None:
    """The field whose value is asked for; GPUs *at par* are limits, and turns may be crossed without a *how many*."""
    par = re.search(_PAR, plain) is not None
    if _CROSS.search(plain):
        return Field.TURNS
    if _HOW_MANY[Field.EPISODES].search(plain) or _AFFORD.search(plain):
        return Field.EPISODES
    if _HOW_MANY[Field.GPUS].search(plain):
        return None if par else Field.GPUS
    if _HOW_MANY[Field.TURNS].search(plain):
        return Field.TURNS
    named = re.search(r"^\W*solve\b(?: for)?(?: the)? (?:number of )?(\w+)", plain)
    if named:
        return next((f for f, thing in _COUNTED.items() if re.fullmatch(thing, named[1])), None)
    return _number_asked(plain, par=par)


def _number_asked(plain: str, *, par: bool) -> Field | None:
    for field in (Field.EPISODES, Field.GPUS):
        thing = _COUNTED[field]
        pattern = rf"\b(?:what|which|find|tell me|max(?:imum)?|highest|largest|as many|the most|biggest|whats?|minimum|fewest|smallest) (?:is |'s )?(?:the )?(?:\w+ )?(?:number of |count of )?{thing}\b"
        needs = (
            r"\$|\bbudget\b|\bdollars\b|\busd\b|\bgrand\b"
            if field is Field.EPISODES
            else r"\b(?:hours?|hrs?|days?|deadline|weeks?|minutes|in \d+ ?h)\b"
        )
        if re.search(pattern, plain) and re.search(needs, plain) and not par:
            return field
    return None


def _paths(plain: str) -> tuple[str, ...]:
    found = (
        (m.start(), path) for path, pattern in _PATHS.items() if (m := re.search(pattern, plain))
    )
    return tuple(path for _, path in sorted(found))


def _action(plain: str) -> str | None:
    return next((name for name, pattern in _ACTIONS if pattern.search(plain)), None)

"""The wordings by which people ask for something, as patterns over the text in lower case.

A model stands in that text as `MODEL`. Each pattern is linear, and is compiled only when a text holds one of the words
that it cannot do without, for most texts need none of them.
"""

import re

from .request import Field

MODEL = "\ue001"


class Phrases:
    """Patterns that mean one thing; `words` are those of which a text must hold one."""

    __slots__ = ("_compiled", "_patterns", "_words")

    def __init__(self, words: str, *patterns: str) -> None:
        self._words = frozenset(words.split())
        self._patterns = patterns
        self._compiled: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile("|".join(self._patterns))
        return self._compiled

    def first(self, text: str, present: frozenset[str]) -> re.Match[str] | None:
        """Where the text says this first; `present` are its words."""
        return None if self._words.isdisjoint(present) else self.pattern.search(text)

    def found(self, text: str, present: frozenset[str]) -> bool:
        """Whether the text says this."""
        return self.first(text, present) is not None

    def hidden(self, text: str) -> str:
        """The text with letters in place of what the group of each of these holds, so that nothing moves."""
        lower = text.lower()
        if len(lower) != len(text) or self._words.isdisjoint(words_of(lower)):
            return text
        for match in self.pattern.finditer(lower):
            start, end = match.span(match.lastindex or 0)
            text = text[:start] + "x" * (end - start) + text[end:]
        return text

    def without(self, text: str, present: frozenset[str]) -> str:
        """The text without what these say."""
        return text if self._words.isdisjoint(present) else self.pattern.sub(" ", text)


def words_of(text: str) -> frozenset[str]:
    """The words of a text in lower case; apostrophes part them."""
    return frozenset(re.findall(r"[a-z]+", text))


# -- explain ---------------------------------------------------------------------------------------------

_WORKING = r"(?:workings?|maths?|formulae?|formulas|arithmetic|derivation)"
_OF_OTHER = r"(?! (?:agents?|model|env\w*|tasks?|problems?|rl|dataset|memory|set|sets|group|week|days?|hours?|life|style)\b)"
"""What makes an adjective of *maths* and *working*."""
EXPLAIN = Phrases(
    "explain explanation working workings math maths formula formulae formulas arithmetic calculation calculations "
    "derivation work walk break breaks breaking how where come comes",
    r"\b(?:explain|explanation)\b",
    # show me the working; what's the formula
    r"\b(?:show|see|give|walk|send|want|need|with|what'?s|what is|is there|where'?s|where is|share|have|got) "
    rf"(?:\w+ ){{0,3}}(?:{_WORKING}|calculations?)\b{_OF_OTHER}",
    # which formula is that; k2.6 maths
    rf"\b(?:what|which) {_WORKING}\b{_OF_OTHER}",
    rf"{MODEL}(?:'s)? {_WORKING}(?=\W*$|[,;.?!])",
    # the maths behind it, but not the maths agent
    rf"\b(?:the|your|full|me) {_WORKING}\b{_OF_OTHER}",
    rf"^(?:the )?{_WORKING}(?= (?:for|of|behind|please|on)\b|\W*$)",
    r"\bshow (?:\w+ )?work\b",
    r"\bwalk (?:me|us|them) through\b",
    r"\bbreak(?:s|ing)? (?:it|this|that|the (?:\w+ )?(?:cost|price|number|figure|bill)s?) down\b",
    # how did you get to $2.26; where does that figure come from
    r"\bhow (?:did|do|does|are|is|was|were|have|has) (?:\w+ ){1,6}?(?:get|got|gotten|arrive|come about|comes about"
    r"|computed?|calculated?|derived?|worked out|work(?:ed)? (?:it|that|this) out|made up|add up|come up with)\b",
    r"\bwhere (?:did|do|does) (?:\w+ |\$?[\d,.]+\w* ){1,6}?come from\b",
    r"\bcomes? about\b",
)
_FIGURE = r"(\$? ?\d[\d,.]*\w*%?)"
FIGURE = Phrases(
    "where how why",
    rf"\bwhere (?:did|do|does) (?:[a-z']+ ){{0,4}}?{_FIGURE}(?= (?:\w+ ){{0,4}}?comes? from\b)",
    r"\bhow (?:did|do|does|is|was|are|were|have|has) (?:[a-z']+ ){0,3}?(?:get|got|gotten|arrive|come|came) "
    rf"(?:to |at |up with )?(?:the |that |this )?{_FIGURE}(?=\W*$)",
    r"\bwhy (?:[a-z']+ ){0,4}?(\$ ?\d[\d,.]*\w*)(?=\W*$)",
)
"""A figure that is asked about (*where does the $15 come from, why is it $15*), which sets nothing."""
NOT_EXPLAIN = Phrases(
    "explain explains explaining explained explanation working math maths formula formulas",
    # no need to explain; not asking for the maths
    r"\b(?:no need|not asking|not looking|don'?t(?: need| want)?|do not|without|needn'?t|not)(?: \w+){0,4}? "
    r"(?:explain\w*|explanation|working|maths?|formulas?)\b",
    # before I explain this; an agent that explains code
    r"\b(?:i|we|they|he|she|i'?ll|we'?ll|they'?ll|who|that|which)(?: \w+){0,2}? explain\w*\b",
    r"\b(?:need|have|had|want|trying|going|able|got|hard|how|easy|time|used|me) to explain\b",
)

# -- solve -----------------------------------------------------------------------------------------------

COUNTED = {
    Field.EPISODES: r"(?:episodes?|rollouts?|trajector(?:y|ies)|eps)",
    Field.TURNS: r"turns?",
    Field.GPUS: r"(?:gpus?|replicas?|g?[hb]\d00s?(?:[ _-]?\d+ ?gb)?s?)",
}
_BEFORE_COUNTED = (
    r"(?:more|fewer|extra|additional|total|such|of|the|those|these|our|their|your|full|rl|training|agentic|coding"
    rf"|dedicated|whole|{MODEL}|\d[\w.,]*|\w+-turns?|\w+-gpu)"
)
HOW_MANY = {
    field: Phrases(
        "how",
        rf"\bhow (?:many|few) (?:{_BEFORE_COUNTED}\s+){{0,3}}?{thing}\b"
        r"(?! (?:per|an?|each) (?:episode|turn)|[- ]?h(?:ou)?rs?\b)",
    )
    for field, thing in COUNTED.items()
}
_MONEY = r"(?:us)?\$ ?[\d,.]+\w*"
AFFORD = Phrases(
    "what far buy buys get gets",
    # what can I get for $10k
    r"\bwhat (?:can|could|would|does|do|will|might) (?:i|we|you|they|one|the customer|\w+)?\s*(?:\w+ )?"
    r"(?:get|buy|afford|run|do) (?:\w+ ){0,4}?(?:for|with|on|under|within|out of) (?:\w+ ){0,3}\$?\d",
    r"\bwhat (?:can|could|would) (?:i|we|they|you) (?:get|buy|afford) (?:for|with) ",
    # what does $10k buy; how far does $10k go
    rf"\bwhat (?:does|do|would|will|can|could) (?:\w+ ){{0,3}}?{_MONEY} (?:\w+ ){{0,2}}?(?:buy|get|cover|pay for)",
    rf"\bhow far (?:does|do|would|will|can|could|might) (?:\w+ ){{0,4}}?{_MONEY} (?:\w+ ){{0,2}}?(?:go|get|stretch|take)",
    rf"\b{_MONEY} (?:buys?|gets?) (?:me |us |them )?(?:how|what)",
)
_ASKED_FOR = (
    r"\b(?:what|which|find|tell me|max(?:imum)?|highest|largest|as many|the most|biggest|whats?|minimum|fewest|smallest) "
    r"(?:is |'s )?(?:the )?(?:\w+ )?(?:number of |count of )?"
)
_ASKING = "what which find tell max maximum highest largest many most biggest whats minimum fewest smallest"
NUMBER_OF = {
    field: Phrases(_ASKING, rf"{_ASKED_FOR}{COUNTED[field]}\b")
    for field in (Field.EPISODES, Field.GPUS)
}
"""*What's the largest number of episodes*, which asks only beside a budget or a time."""
BUDGET = re.compile(r"\$|\bbudget\b|\bdollars\b|\busd\b|\bgrand\b")
TIME = re.compile(r"\b(?:hours?|hrs?|days?|deadline|weeks?|minutes|in \d+ ?h)\b")
SOLVE_WHAT = re.compile(
    r"^\W*solve\b(?: for)?(?: (?:the|a|my|our))? (?:number of )?((\w+)(?: (?!is\b)\w+)?)"
)
FITS = Phrases(
    "fit fits window max maximum highest largest longest",
    r"\b(?:how many turns (?:\w+ ){0,4}?fits?\b(?: (?:in|into|within) (?:the |its |that |this )?(?:context )?(?:window|context)\b)?)",
    r"\b(?:max(?:imum)?|highest|largest) (?:number of )?turns\b(?!\s?[=:])",
)
"""How many turns the context holds, which no answer works out."""
_WHO = rf"[\w{MODEL}'-]+"
_A_PATH = r"(?:tinker|serverless|dedicated|standard|priority|fast)"
_PATH_NAMED = rf"(?= (?:\w+ ){{0,4}}?{_A_PATH}\b)"
_CHEAPER = r"(?:become|becomes|get|gets|be|turn) (?:the )?cheap(?:er|est)\b"
CROSS = Phrases(
    "cross crosses crossed crossover crossovers turn turns when",
    r"\bcross(?:es|ed)?(?:[ -]?over| over)?(?: point)?\b(?!-)"
    r"(?=.*\bturn|.*\b(?:serverless|dedicated|tinker|priority|standard|fast)\b|\W*$)",
    r"\bcross-?overs?\b",
    # break-even in turns
    r"\bbreak[ -]?even (?:in|on|at|point in|number of|count of)?\s*(?:the )?(?:number of )?turns?\b",
    r"\bturns? (?:to|until|till|for|at|before) (?:a |the )?break[ -]?even\b",
    # from how many turns; how many turns until
    r"\b(?:at|from|after|beyond|past|by) (?:how many|what|which) (?:\w+ ){0,2}?turns?\b",
    r"\bhow many turns (?:\w+ ){0,8}?(?:until|till|before|cheaper|break|cross|pays?|wins?|beats?|overtakes?)\b",
    # when does dedicated become cheaper
    rf"\bwhen (?:does|do|will|would|is|are|did) (?:\w+ ){{0,6}}?{_CHEAPER}",
    # when is dedicated cheaper than tinker; when does it beat standard
    rf"\bwhen (?:is|are|was|will|would) (?:{_WHO} ){{0,4}}?(?:be )?(?:the )?cheap(?:er|est)\b{_PATH_NAMED}",
    rf"\bwhen (?:does|do|will|would) (?:{_WHO} ){{1,4}}?(?:beat|overtake|undercut)s?\b{_PATH_NAMED}",
    rf"\bwhen (?:is|are|will|would|does|do) (?:{_WHO} ){{0,2}}?{_A_PATH} (?:{_WHO} ){{0,3}}?"
    r"(?:cheap(?:er|est)|wins?|pays? off)\b",
    r"\b(?:at|from) (?:what|which) (?:\w+ )?(?:turn count|point) (?:\w+ ){0,6}?(?:cheaper|cross|win|beat|overtake)\b",
    rf"\bturns? (?:\w+ ){{0,6}}?{_CHEAPER}",
)

# -- limits ----------------------------------------------------------------------------------------------

PAR = Phrases(
    "par parity break breaking broke breakeven breakevens",
    r"\b(?:at[ -]?par|parity|break[ -]?evens?|breaking even|broke even)\b",
)
_OTHER_LIMITS = (
    "rate context token time budget spend usage api request turn speed quota concurrency".split()
)
LIMITS = Phrases(
    "limits",
    "".join(f"(?<!{word} )" for word in _OTHER_LIMITS)
    + r"\blimits\b(?! (?:us|me|them|it|our|the|to|how|what)\b)",
)

# -- rates -----------------------------------------------------------------------------------------------

_PER_TOKENS = (
    r"(?:per[ -](?:(?:1 ?m|1 ?k|1,?000,?000|million|thousand|m|1)\b ?)?(?:\w+ )?(?:tok(?:en)?s?|mtok)"
    r"|per (?:1 ?m|million)\b|/ ?(?:1 ?)?m(?:tok)?\b)"
)
_PER_GPU_HOUR = (
    r"(?:per gpu[ -]?h(?:ou)?rs?|gpu[ -]?hour(?:ly)? (?:price|rate|cost)s?|/ ?gpu[ -]?h(?:ou)?r"
    r"|(?:an|per) hour (?:for|of) (?:a|an|one) [\w ]*(?:gpu|[hb]\d00))"
)
_A_PRICE = r"(?:(?:what|how much) (?:\w+ ){1,3}pay|pric(?:e|es|ing)|costs?|rates?|charg(?:e|es|ing)|how much|quote|\$)"
RATES = Phrases(
    "rate rates ratecard card cards list price prices pricing pricelist cost costs per token tokens hour hourly unit m "
    "mtok charge charges quote",
    r"\brate[ -]?cards?\b",
    r"\blist[ -]prices?\b",
    r"\bprice[ -]?lists?\b",
    r"\bpric(?:e|ing) (?:table|sheet|page|card)s?\b",
    # what does it cost per million tokens; the price per GPU-hour
    rf"\b{_A_PRICE}[^.?!\n]{{0,60}}?(?:{_PER_TOKENS}|{_PER_GPU_HOUR})",
    rf"\$[^.?!\n]{{0,60}}?(?:{_PER_TOKENS}|{_PER_GPU_HOUR})",
    rf"(?:{_PER_TOKENS}|\bper-token|\bgpu[ -]hour(?:ly)?|\btoken|\bhourly|\bunit) (?:rates?|pric(?:e|es|ing)|costs?)\b",
)
RATES_WORD = Phrases(
    "rates",
    r"\b(?:the|current|your|our|their|his|its|what|latest|these|those|today'?s|list|gpu|tinker'?s?|fireworks'?s?"
    r"|serverless|dedicated|priority|standard|fast|show|me|all|any|model|public|published|hourly|input|output|cached"
    rf"|new|old|see|get|api|token|and|which|paste|give|need|have|know)\s+rates\b|{MODEL}(?:'s)?\s+rates\b",
    r"^\W*rates\b",
    r"\brates (?:for|of|on|as|per|in|by|from|please|pls|now|today|right)\b",
    rf"\brates {MODEL}",
    r"\brates\W*$",
)
OTHER_RATES = Phrases(
    "rate rates",
    # growth rates, cache hit rates
    r"\b(?:growth|hit|success|failure|error|rate|sampling|learning|completion|pass|win|interest|exchange|frame"
    r"|throughput|token|response|acceptance|discount|churn|conversion|rejection) rates\b",
    # priced at the current rates
    r"\b(?:at|with|on|using|under|by|from|per|given) (?:(?:the|our|your|their|these|those|current|today'?s|new|old"
    r"|latest|list|that day'?s|yesterday'?s|last|(?:week|month|quarter|year)'?s|september|may|july|public|standard|updated|published|same)\s+){0,3}rates\b",
    r"\brates? of (?:change|growth|return)\b",
    r"\brates? limit",
)

# -- the rest --------------------------------------------------------------------------------------------

DIGEST = Phrases(
    "digest digests subscribe subscribed subscribing subscription subscriptions unsubscribe unsubscribed unsubscribing "
    "unsubscription",
    r"(?<!to )(?<!-)\bdigests?\b(?! (?:this|that|it|these|them|first|all)\b)",
    r"\b(?:un)?subscri(?:be|bed|bing|ption|ptions)\b",
)
_COMPARING = r"\bcompar(?:e|es|ed|ing|ison|isons)\b|\bvs\b|\bversus\b|\bside[ -]by[ -]side\b"
_COMPARING_WORDS = "compare compares compared comparing comparison comparisons vs versus side"
COMPARE_WORD = Phrases(_COMPARING_WORDS, _COMPARING)
COMPARE = Phrases(
    f"{_COMPARING_WORDS} model models",
    _COMPARING,
    r"\ball (?:the |of the |of your |your |covered |available |supported |\w+ ){0,2}models\b",
    r"\b(?:every|each|any) (?:\w+ )?model\b",
    r"\bacross (?:the |all )?models\b",
    r"\bwhich model\b",
)
ALL_MODELS = Phrases(
    "model models",
    r"\b(?:all|every) (?:the |of the |of your |your |covered |available |supported )?models?\b",
)
WITH_ONE = Phrases(
    f"{_COMPARING_WORDS} against",
    r"\b(?:vs|versus|compar(?:e|ed|ing)|against|side[ -]by[ -]side)\b",
)
"""Adds the model named, where it is one."""
SWEEP = Phrases(
    "sweep",
    r"\b(?:as|into|in|do|make (?:it|this|that)) a sweep\b",
    r"\bsweep (?:it|this|that|them|over|all|both)\b",
)
"""In a thread: what was compared is wanted over its values."""
ALSO = Phrases(
    "also add adding too well along alongside addition plus include both compare compared",
    r"\b(?:also|add|adding|too|as well|along with|alongside|in addition|plus|include|both)\b",
    r"\bcompar(?:e|ed) (?:\w+ )?(?:with|to|against)\b",
)
_HOW = "how what whats"
ESTIMATE = Phrases(
    f"{_HOW} estimate estimates estimated estimating estimation ballpark price prices priced pricing pricey cost costs "
    "costing quote quotes quotation",
    r"\b(?:estimat(?:e|es|ed|ing|ion)|ballpark|pric(?:e|es|ed|ing|ey)|costs?|costing|quotes?|quotation)\b",
    r"\b(?:how much|how long|how expensive)\b",
    r"\bwhat(?:'d| would| will| does| is|'s)? (?:it|that|this) (?:come to|run)\b",
)
ESTIMATE_ASKED = Phrases(
    f"{_HOW} which cheapest price cost quote estimate ballpark reprice",
    r"^\W*(?:price|cost|quote|estimate)\b",
    r"\b(?:how much|how long|how expensive|estimate|ballpark)\b",
    r"\bwhat(?:'?s|'?d| is| would| will| does)? (?:\w+ ){0,4}?(?:cost|price|run|come to)\b",
    rf"\b(?:re-?)?(?:price|quote) (?:it|this|that|them|{MODEL})",
    r"\b(?:give|send|get|make|want|need|have) (?:me |us |them )?a (?:price|quote)\b",
    # which is cheaper; what's the cheapest
    r"\bwhich (?:\w+ ){0,2}?(?:is|are|was|would be|comes out|wins) (?:\w+ )?cheap(?:er|est)\b",
    r"\bwhat(?:'s| is) (?:the )?cheap(?:er|est)\b|^\W*(?:and )?(?:the )?cheapest\W*$",
)
"""In a thread: a question for the price, where *nice price* is none."""
_HOW_MUCH = r"(?:so |that |this |too )?(?:much|expensive|cheap|dear|pricey|costly|high|low)"
_COMES_TO = r"(?:is|was|does|do|are|were) (?:it|that|this|the (?:price|cost|figure|number|bill|amount)) ?(?:cost |come to )?"
WHY = Phrases(
    "why come source sources from",
    rf"^\W*(?:(?:and|but|so|ok|okay|hm+|wait|really)\W+)*(?:why|how come)(?: (?:that|this|so))?"
    rf"(?: (?:{_COMES_TO})?(?:{_HOW_MUCH})?(?:\$ ?\d[\d,.]*\w*)?)?\W*$",
    r"^\W*(?:(?:and|but|so|ok|okay)\W+)*(?:(?:what|which)(?:'s| is| are)? )?(?:the |your )?sources?"
    r"(?: (?:of|for) (?:it|that|this|these))?\W*$",
    r"^\W*(?:and |so )?where(?:'s| is| are) (?:that|this|it|these) from\W*$",
)
"""In a thread: a question for what the figures rest on."""
HELP = Phrases(
    "help usage commands example examples man what how who instructions",
    r"^\W*(?:help|usage|commands|examples?|man)\b",
    r"(?<!the )(?<!your )(?<!great )(?<!big )(?<!of )\bhelp( me)?\W*$",
    r"\bwhat (?:can|do|could) (?:you|u|it|this|this bot|the bot|rlcost) do\b",
    r"\bhow (?:do|does|can|should) (?:i|we|you|this|it|one) (?:use|work|ask|start)\b",
    r"\bhow (?:does|do) (?:this|it|the bot|you|rlcost) work\b",
    r"\bwh(?:o|at) are you\b|\bwhat is (?:this|rlcost)\b",
    r"\bshow (?:me )?(?:the )?(?:help|usage|examples)\b|\binstructions\b",
)
FIGURES = frozenset("cost costs price prices money time hours".split())
"""What an estimate says, so that nobody needs to solve for it."""
_DROP = r"\b(?:drop|remove|without|clear|forget|ignore|reset|no|lose|skip)"
TAKEN_BACK = {
    Field.AS_OF: Phrases(
        "date day today current latest",
        rf"{_DROP} (?:the |that |this |any )?(?:date|day)\b",
        r"\b(?:today'?s|(?:the )?(?:current|latest)) (?:list )?(?:rates?|prices?|pricing|rate cards?)\b",
    ),
    Field.DEADLINE_HOURS: Phrases(
        "time", rf"{_DROP} (?:the |any )?time (?:limit|constraint)\b|\b(?:any|unlimited) time\b"
    ),
    Field.BUDGET_USD: Phrases(
        "unlimited endless money",
        r"\b(?:unlimited|endless) (?:budget|money|funds)\b|\bmoney(?:'s| is) no object\b",
    ),
}
"""What takes a field back without naming its key."""
START_OVER = Phrases(
    "start starting scratch reset forget",
    r"\bstart(?:ing)? (?:over|again|afresh|anew)\b|\bfrom scratch\b|\breset everything\b",
    r"\bforget (?:everything|all (?:of )?(?:that|this))\b",
)
GREETING = re.compile(
    r"^(?:(?:hi|hey|hello|yo|ok|okay|so|and|please|pls|plz|well|um|good|morning|evening|afternoon|all|team|folks|there"
    r"|everyone|thanks|now|then|quick|question|just|/?rlcost)\b[\s,.!:;-]*"
    rf"|[^\w\s{MODEL}]+\s*)*"
)
"""What may stand before the first word that counts."""
OTHER_FIRST_WORDS = re.compile(
    r"(?:solve|rates?) (?:rate|time|limit)|digest (?:this|that|it)\b|(?:rates?|price) of (?:change|growth)"
)
DIGEST_ACTIONS = {
    "unsubscribe": re.compile(
        r"\bunsubscri|\b(?:take|get|remove) (?:me|us|this channel)\b|\bstop\b|\bcancel\b|\boff\b|\bno more\b|\bopt out\b"
    ),
    "list": re.compile(
        r"\blist\b|\bwhich\b|\bwhat digests\b|\bshow\b|\bam i\b|\bare we\b|\bsubscriptions\b"
    ),
    "send": re.compile(r"\bsend\b|\bnow\b|\bpost\b|\brun\b"),
    "subscribe": re.compile(r"\bsubscri|\bsign\b|\bstart\b|\bdaily\b|\bweekly\b|\bget\b|\badd\b"),
}

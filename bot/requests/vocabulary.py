"""The words of the language that are neither keys nor numbers: what may stand between the two, units, joiners.

Field keys stand in fields.py, number words in numbers.py, model names in names.py, intents in intents.py.
"""

from decimal import Decimal

LINKS = frozenset(
    "is are was were be being been of to at by about around approximately approx roughly circa ca up least most "
    "under over like more than less no nearly almost only just exactly maybe perhaps probably some say said set "
    "equals equal comes come runs run averages average averaging avg typically usually currently normally generally "
    "will would should could may might can starts start starting begins beginning the a an around "
    "max maximum min minimum not above below max'd capped cap it's its that's they're we're it so now then still "
    "'d currently exceeding estimated expected planned ish or".split()
) - {"or"}
"""Words that may stand between a key and its number (*the prompt is at most 8k*)."""

BETWEEN_NUMBER_AND_KEY = frozenset(
    "of in the for a an more full total long rl training agentic agent coding swe test eval tokens token new such "
    "our their your my complete extra additional concurrent parallel as model policy to be per-turn web browsing "
    "browser research math search sample multi-turn multiturn real whole separate".split()
)
"""Words that may stand between a number and its unit (*5k coding episodes, 8k for the prompt*)."""

NOUNS_BEHIND_KEYS = frozenset("size sizes length lengths len value limit window".split()) - {"limit", "window"}
"""Words that belong to the key before them (*prompt size*)."""

FILLERS = frozenset("please pls plz thanks thx ty each apiece btw tho though too ok okay total flat tops".split())

JOINERS = frozenset({"and", "or", "&", "/", ",", "then", "vs", "versus", "vs.", "plus"}) - {"then", "plus"}
RANGE_WORDS = frozenset({"to", "through", "thru", "until", "till"})

DOLLARS = frozenset("dollars dollar usd bucks buck usd$ us$".split())
FOREIGN_MONEY = frozenset("euro euros eur pound pounds gbp quid yen jpy".split())
FOREIGN_SIGNS = frozenset("€£¥")

HOURS = {
    name: factor
    for names, factor in (
        ("h hr hrs hour hours", Decimal(1)),
        ("d day days", Decimal(24)),
        ("w wk wks week weeks", Decimal(168)),
        ("min mins minute minutes", Decimal(1) / 60),
    )
    for name in names.split()
}
MINUTES = frozenset("min mins minute minutes".split())
TIMES_OF_RATES = frozenset("second sec minute min hour hr h day week month quarter year mo yr hourly".split())
"""What a price or a count may be *per*, or *a*: then it is no time that the run may take."""

PER = frozenset({"per", "a", "an", "each", "every", "/"})
COUNTED = frozenset(
    "turn turns episode episodes ep rollout rollouts trajectory trajectories step steps sample samples task tasks run "
    "request requests prompt prompts call calls replica node cluster".split()
)
"""What something may be *per* without saying a field (*2k per turn, 45 turns per episode*)."""

EPISODE_WORDS = frozenset("episode rollout trajectory ep".split())
DETERMINERS = frozenset("a an each every per one single typical average normal this that full usual another".split())

MEASURES = frozenset("gb tb mb kb gib mib tib ms ghz mhz kw mw px fps gbps c f pct".split())
"""Suffixes of things that no request counts: with them digits are a word, not a number."""

NOT_KEYS = frozenset(
    "step steps toolcall toolcalls tasks task node nodes context contexts contextwindow contextlength functioncall functioncalls".split()
)
"""A number beside one of these is never placed."""

MORE = frozenset("more additional extra".split())
FEWER = frozenset("fewer less".split())
RAISE = frozenset("increase raise bump up grow".split()) - {"up", "grow"}
LOWER = frozenset("decrease reduce cut lower".split())
FACTORS = {
    "double": Decimal(2),
    "twice": Decimal(2),
    "doubling": Decimal(2),
    "triple": Decimal(3),
    "tripling": Decimal(3),
    "thrice": Decimal(3),
    "quadruple": Decimal(4),
    "half": Decimal("0.5"),
    "halve": Decimal("0.5"),
    "halving": Decimal("0.5"),
}
REMOVERS = frozenset("without drop remove ignore forget no skip scrap lose clear delete omit dropping removing".split())
POSSESSIVES = frozenset("the a an any our my your their that this of number many as".split())
"""Words between *double* or *without* and the key."""

"""The words of the language that are neither keys nor numbers: what may stand between the two, units, joiners.

Field keys stand in fields.py, number words in numbers.py, model names in model_names.py, intents in intents.py.
"""

from decimal import Decimal


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


APPROXIMATIONS = _words(
    "about around approximately approx roughly circa ca up to least most under over at like more than less no nearly "
    "almost only just exactly maybe perhaps probably some say max maximum min minimum above below exceeding "
    "somewhere anywhere close near ish"
)
"""Words before a number that change nothing."""

LINKS = APPROXIMATIONS | _words(
    "is are was were be being been of by in said set equals equal comes come runs run averages average averaging avg "
    "typically usually currently normally generally will would should could may might can starts start starting begins "
    "beginning the a an not capped cap it's its that's they're it so now then still estimated expected planned"
)
"""Words that may stand between a key and its number (*the prompt is at most 8k*)."""

BETWEEN_NUMBER_AND_KEY = _words(
    "of in the for a an more full total long rl training agentic agent coding swe test eval tokens token new such our "
    "their your my complete extra additional concurrent parallel as model policy to be web browsing browser research "
    "math search sample multi-turn multiturn real whole separate short small big large medium individual different "
    "unique successful completed is are were get gets getting"
)
"""Words that may stand between a number and its unit (*5k coding episodes, 8k for the prompt*)."""

NOUNS_BEHIND_KEYS = _words("size sizes length lengths len value speed")
"""Words that belong to the key before them (*prompt size*)."""

FILLERS = _words(
    "please pls plz thanks thx ty each apiece btw tho though too ok okay total overall altogether flat tops"
)

IN_ALL = _words("total overall altogether")
"""*40k output tokens in total*: those of all turns together."""

JOINERS = _words("and or & / , vs versus")
RANGE_WORDS = _words("to through thru until till")
MONTHS = _words(
    "jan feb mar apr jun jul aug sep sept oct nov dec january february march april june july august september october "
    "november december may"
)
STEP_WORDS = _words("step steps increments increment stepping every interval intervals")

TOKEN_WORDS = _words("token tokens tok toks")
DOLLARS = _words("dollars dollar usd bucks buck")
FOREIGN_MONEY = _words("euro euros eur pound pounds gbp quid yen jpy")
FOREIGN_SIGNS = frozenset("€£¥")
FOREIGN_DOLLARS = _words("a au c ca cad hk mx nt nz r s sg")
"""What before `$` makes it the money of another country (`A$10k`)."""

HOURS_IN = {
    name: factor
    for names, factor in (
        ("h hr hrs hour hours", Decimal(1)),
        ("d day days", Decimal(24)),
        ("w wk wks week weeks", Decimal(168)),
    )
    for name in names.split()
}
MINUTES = _words("min mins minute minutes")
TIMES = _words("second sec minute min hour hr h day week month quarter year mo yr")
"""What a price or a count may be *per*, or *a*: then it is no time that the run may take."""

PER = _words("per a an each every /")
COUNTED = _words(
    "turn turns episode episodes ep rollout rollouts trajectory trajectories step steps sample samples task tasks run "
    "request requests prompt prompts call calls replica node cluster"
)
"""What something may be *per* without saying a field (*2k per turn, 45 turns per episode*)."""
PER_MACHINE = _words("gpu gpus node nodes replica replicas user users card cards")
"""Throughput per one of these is not the cluster's, so it has no field."""

MACHINES = _words("clusters nodes servers machines boxes replicas hosts instances pods")
"""*3 GPU clusters* are no GPUs."""

EPISODE_WORDS = _words("episode rollout trajectory ep")
GENERATING = _words(
    "generate generates generating generated sample sampled decode decodes decoding decoded output outputs add adds "
    "adding added"
)
"""Keys that are verbs too: the number behind one may be that of what comes about (*generate 5k rollouts*)."""
NUMBER_TO_UNIT = _words("of in for as to is are at with")
"""*Generate 2k for the episodes*: words that a number is not joined to its unit by."""
DETERMINERS = _words(
    "a an each every per one single typical average normal this that full usual another"
)
"""*A typical episode takes 20 turns* says no number of episodes."""

ADJECTIVES = DETERMINERS - PER
MEASURES = _words("gb tb mb kb gib mib tib ms ghz mhz kw mw px fps gbps g")
"""Suffixes of things that no request counts: with them digits are a word, not a number."""

NOT_KEYS = _words(
    "step steps toolcall toolcalls samplesize task tasks node nodes context contexts contextwindow contextlength functioncall "
    "functioncalls"
)
"""A number beside one of these is never placed."""

SEEN_THROUGH = LINKS | BETWEEN_NUMBER_AND_KEY | NOUNS_BEHIND_KEYS | FILLERS | _words("from between")
NO_NOUNS = (
    SEEN_THROUGH
    | JOINERS
    | PER
    | _words(
        "on with using if when via against across because but given assuming while which that this these then i we you "
        "they can could would what how do does did where why who respectively compared compare price cost than without "
        "under over through vs sans"
    )
)
"""Words that a number before them does not count."""

MORE = _words("more additional extra")
FEWER = _words("fewer less")
RAISE = _words("increase raise bump")
LOWER = _words("decrease reduce cut lower")
FACTORS = {
    name: factor
    for names, factor in (
        ("double doubling twice", Decimal(2)),
        ("triple tripling thrice", Decimal(3)),
        ("quadruple", Decimal(4)),
        ("half halve halving", Decimal("0.5")),
        ("quarter", Decimal("0.25")),
    )
    for name in names.split()
}
DENOMINATORS = {
    name: divisor
    for divisor, names in (
        (3, "third thirds"), (4, "quarters"), (5, "fifth fifths"), (6, "sixth sixths"), (7, "seventh sevenths"),
        (8, "eighth eighths"), (9, "ninth ninths"), (10, "tenth tenths"),
    )
    for name in names.split()
}  # fmt: skip
BEHIND_FRACTION = MORE | FEWER | {"of", "the", "as"}
"""*A third of the turns, a third fewer turns*, where *the third turn* is no part of them."""
IT = _words("it that this them")
FACTORS_BEHIND = {
    "doubled": Decimal(2),
    "tripled": Decimal(3),
    "quadrupled": Decimal(4),
    "halved": Decimal("0.5"),
}
"""*What if turns doubled?*"""
ANOTHER = _words("another extra additional")
NOT = _words("not don't never dont")
VAGUE = _words("couple few several")
"""*A few dozen* is no number."""

LIST_LEADS = _words(
    "at for with across over on using try compare run test between in doing want wants need needs show see price cost "
    "sweep estimate and or"
)
"""Words before the first number of a list (*at 10, 20 and 40 turns*); behind any other word a number counts that."""
PAST = _words("takes took lasts lasted ran past last previous saved saves")
"""Words before a time that is no deadline (*each episode takes 15 minutes*)."""
HABIT = _words("runs episodes rollouts trajectories turns jobs they")
"""*Episodes take 15 minutes*, where *it may take 6 hours* is a deadline."""
SINGULAR_TIMES = _words("hour minute min day week")
"""*30-minute episodes*."""
PRICES = _words("cost costs price prices spend pay rate")
SINGULAR_COUNTED = _words("turn episode ep rollout trajectory run step sample task request")
PER_SLASH = SINGULAR_COUNTED | PER_MACHINE
PRICE_COMPARISONS = _words(
    "cheaper more less faster slower dearer expensive pricier costlier higher lower price prices cost costs bill better "
    "worse saving savings"
)

GROWING = _words("grow grows growing")
REMOVERS = _words(
    "without drop dropping remove removing ignore forget no skip scrap lose clear delete omit unset reset default"
)
DEFAULT = _words("default defaults")
POSSESSIVES = _words("the a an any our my your their that this of number many as both")
"""Words between *double* or *without* and the key."""

TEMPORAL = _words(
    "yesterday tomorrow last next this monday tuesday wednesday thursday friday saturday sunday january february march "
    "april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec "
    "christmas easter q1 q2 q3 q4 spring summer autumn fall winter"
)
"""What behind *as of* is meant as a day, and is none that can be read."""

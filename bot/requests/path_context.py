"""Whether the words around a path ask for it, or only speak of it, or say another thing with the same word.

A path is asked for by the words on both sides of it (*on tinker, tinker vs dedicated, is fast cheaper than tinker*). A
clause that tells what somebody does, did or thinks (*they run everything on Tinker*) asks for none.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .fields import aliases, is_counted, squash
from .numbers import NUMBER_WORDS
from .path_words import PATH_WORDS, Mention
from .phrases import MODEL

AROUND_PATHS = PATH_WORDS | frozenset(
    "a again against all also an and any about add as at be but by can compare compared could do does drop each every amount "
    "bill except excluding exclude figure figures five for from give has have how i ignore in include instead just keep "
    "let lets s leave look make it me minus mode modes my no not now number of off ok okay on only option or other out "
    "over path paths please pls plus price prices rather remove replace run same see show skip so still swap switch than the them then "
    "these this those tier tiers to too try us use using versus via vs was we well what whats when which will with "
    "without would you cheaper cheapest".split()
)
"""The words of a text about nothing but paths."""

_COMPARED = frozenset("than vs versus against beat beats beating".split())
_ASKING = _COMPARED | frozenset(
    "on via in using use with through over only just also add adding include compare compares compared comparing about "
    "between try show for and or plus both either by prefer prefers".split()
)
"""Words whose path is meant, whatever follows."""
_LEADS = (
    (
        AROUND_PATHS
        - frozenset("a an as from has have i it me my no s this those us was we you".split())
    )
    | _ASKING
    | frozenset(
        "is are did should where if why until till then per at rate rates price prices pricing cost costs quote estimate "
        "limits limit sweep solve explain like need needs want wants prefer consider considering evaluate cheaper total "
        "par crossover crossovers put puts bring brings make makes hi hello hey thanks here".split()
    )
)
_BARE_LEADS = _COMPARED | frozenset(
    "on via using use only just also add include compare compares comparing until till does do did is would will can "
    "could should rates limits price prices cost costs and or plus between about with try show keep what whats "
    "when where".split()
)
_RATES = frozenset(
    "rate rates price prices pricing card cards amount bill cost costs limits limit".split()
)
_BEHIND = _RATES | frozenset(
    "vs versus and or nor than to with for on at in of by from over against without as if when until till then under "
    "within below above up around about before after while given assuming using where because since plus but so now "
    "instead only alone too also please pls thanks next side beat beats win wins would will does do can cheaper "
    "cheapest compare compares compared break breaks cross crosses cached par per pay pays take takes really become becomes get gets stop "
    "stops stay stays cost".split()
)
_BEHIND_FAST = (
    _COMPARED
    | _RATES
    | frozenset("only alone instead compared cheaper cheapest dearer win wins becomes".split())
)
"""Behind *fast* that follows a model or a number: words that make a path of it, where it may tell how to answer."""
_COMPARING = frozenset(
    "cheap cheaper cheapest dearer more less better worse still really ever always".split()
)
_NOUNS_OF_MODES = frozenset("deviation deviations shape settings".split())
_MACHINES = re.compile(
    r"(?:gpus?|clusters?|hardware|capacity|deployments?|replicas?|nodes?|machines?|g?[hb]\d00\w*|endpoints?|instances?|per-gpu\w*"
    r"|gpu-hours?)"
)
_BE = frozenset("is are was were be has".split())
_COMPARISON = re.compile(
    r"\s+(?:\S+\s+){0,3}?(?:cheap\w*|dearer|more|less|worse|better|expensive|par|ahead|best)\b"
)
_QUESTION = re.compile(r"\?|\b(?:how|what|when|which|where|until|till|from|does|is it)\b")
_WORD_BEFORE = re.compile(rf"({MODEL}|[\w'/.$-]+)\s+$")
_ARTICLES = frozenset("the a an our their my your this".split())
_NUMBER = re.compile(r"\$?\d[\d.,]*[kmbh]?|\d{4}-\d\d-\d\d|g?[hb]\d00\w*")
_WORD_BEHIND = re.compile(r"\s+([^\W\d_](?:[\w'-]*\w)?)")
_BOUND = re.compile(r"\s*:")
_IS = re.compile(r"\b(?:is|are|was|has)\b")

_CLAUSE_END = re.compile(
    r"(?<!\bvs)[.!?;\n]+(?=\s|$)|,(?!\d)|:(?=\s)|\s-+\s|\b(?:but|because|although|though|so)\s"
)
_SENTENCE = re.compile(r"[^.!?;\n]*.?")
_AUXILIARIES = "do|does|did|would|can|could|should|will|are|is|was|were|have|has|may|might|must|shall|if|when|once|until|till|before"
_SUBJECT = re.compile(
    rf"(?:\b(?P<asked>{_AUXILIARIES})\s+)?(?:\b(?:the|our|their|this|that|a|my|your)\s+)?"
    r"\b(?:(?P<pronoun>i|we|they|he|she|who|everybody|everyone|people|folks)"
    r"|(?:customer|client|prospect|account|partner|team|company|competitor|lab|startup|lead|boss|cfo|cto|manager|user)s?)"
    r"(?:'(?P<short>re|ve|m|s)\b)?\s+"
    r"(?:(?:currently|already|now|still|also|really|all|both|mostly|just|only|always|\w+ly)\s+)*"
    r"(?:don't |doesn't |didn't |do not |does not )?(?P<verb>[a-z]+(?:'t)?)"
)
_WISHES = frozenset(
    "want wants wanted need needs like likes ask asks asked plan plans planning can could should would will might may must prefer "
    "prefers consider considers considering look looks looking think thinking going compare comparing price pricing evaluate "
    "evaluating weigh weighing wonder wondering request requests require requires hope wish intend intends try trying can't "
    "cannot won't mustn't shouldn't wouldn't care interested deciding choosing".split()
)
_NO_VERBS = frozenset(
    "on in at for with of to and or from by via at who that which as is's per vs than side".split()
)
_PAST_OR_THIRD = re.compile(
    r"\w+(?:s|ed)|is|has|was|had|are|were|have|ran|left|went|run|do|use|pay|like"
)
_TOLD = re.compile(
    r"\b(?:currently|already|so far|no longer|used to|anymore|moves|moved|migrate[sd]?|migrating|left|leaves"
    r"|leaving(?! out| aside)|switched|switches|hate[sd]?|loves?|loved|(?<!to )knows?|knew|uses|used|runs|ran|went|hits?|hitting"
    r"|pays|paid|charges|charged|quoted|heard|told|said|says|claims?|claimed|tried|worr(?:y|ies|ied)|complain\w*|stuck|signed"
    r"|(?:customer|client|prospect|account|partner|team|user)s? on|away from"
    r"|(?:mov|com|switch|migrat|chang)(?:es|ed|ing) (?:\w+ )?(?:from|off|away|over from)"
    r"|(?:is|are|was|were|been|being|stays?) (?:\w+ly |still |now |all )?(?:on|with))\b"
)
_WINDOW = 160


class Clauses:
    """A text in lower case, with where its clauses begin, and where somebody's doings or thoughts are told."""

    __slots__ = ("_starts", "_told", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _CLAUSE_END.finditer(text))]
        told = [match.span() for match in _TOLD.finditer(text)]
        told += [match.span() for match in _SUBJECT.finditer(text) if _tells(match)]
        self._told = sorted((end, start) for start, end in told)

    def of(self, position: int) -> int:
        """Where the clause begins in which the position stands."""
        return self._starts[bisect_right(self._starts, position) - 1]

    def before(self, position: int) -> str:
        """The clause up to the position, as far back as matters."""
        return self.text[max(self.of(position), position - _WINDOW) : position]

    def is_question(self, position: int) -> bool:
        """Whether the clause, or the sentence from here on, asks."""
        rest = self.text[position : position + _WINDOW]
        sentence = _SENTENCE.match(rest)
        return (
            _QUESTION.search(self.before(position) + (sentence[0] if sentence else "")) is not None
        )

    def tells(self, position: int) -> bool:
        """Whether the clause tells, up to here, what somebody does or thinks, and asks for nothing."""
        at = bisect_right(self._told, (position, position)) - 1
        return at >= 0 and self._told[at][1] >= self.of(position)


def _tells(subject: re.Match[str]) -> bool:
    """*They run, we are on, the customer left*; not *we want, would they run, for the customer on*."""
    verb = subject["verb"]
    if subject["asked"] or verb in _WISHES or (verb in _NO_VERBS and not subject["short"]):
        return False
    if subject["pronoun"]:
        return True
    return subject["short"] is None and _PAST_OR_THIRD.fullmatch(verb) is not None


def asks_for(clauses: Clauses, together: Sequence[Mention]) -> bool:
    """Whether paths that are mentioned together are asked for."""
    around = _Around.of(clauses, together)
    if clauses.tells(together[0].start) or around.before.endswith(_NOT_ONLY):
        return False
    if all(mention.bare for mention in together):
        return around.ask_for_mode(is_fast=[mention.word for mention in together] == ["fast"])
    return around.ask_for_path(describes=together[-1].word in _DESCRIBING)


def is_compared(clauses: Clauses, together: Sequence[Mention]) -> bool:
    """Whether something is said against these paths (*cheaper than fast*)."""
    return _last_words(clauses.before(together[0].start))[0] in _COMPARED


_NOT_ONLY = ("not only", "not just")
_DESCRIBING = ("dedicated", "on-demand", "serverless")
"""Paths whose words are adjectives too."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands before and behind some paths at `start`..`end`.

    `lead` is the word before them, empty where the clause begins, `article` what stands between, and `word` the one
    behind, which `fits` where the path needs no noun; `compared`: with it something is said against others.
    """

    before: str
    lead: str
    article: str
    word: str
    fits: bool
    compared: bool
    clauses: Clauses
    start: int
    end: int

    @classmethod
    def of(cls, clauses: Clauses, together: Sequence[Mention]) -> "_Around":
        text, start, end = clauses.text, together[0].start, together[-1].end
        before = clauses.before(start)
        lead, article = _last_words(before)
        behind = _WORD_BEHIND.match(text, end)
        word = behind[1] if behind else ""
        compared = word in _BE and _COMPARISON.match(text, end + len(word) + 1) is not None
        return cls(
            before=before[: len(before) - len(article)].strip() if article else before.strip(),
            lead=lead,
            article=article,
            word=word,
            fits=not word
            or word.partition("-")[0] in _BEHIND
            or compared
            or _is_request_word(word),
            compared=compared,
            clauses=clauses,
            start=start,
            end=end,
        )

    def ask_for_path(self, *, describes: bool) -> bool:
        leads = self.lead in _LEADS or _is_request_word(self.lead)
        if describes and _MACHINES.fullmatch(self.word):
            return leads or not self.lead
        if (self.article and self.article != "the") or (describes and not self.fits):
            return False
        if not self.lead:
            return self.fits and (self.word not in _BE or self._is_question)
        return self.lead in _ASKING or (leads and self.fits)

    def ask_for_mode(self, *, is_fast: bool) -> bool:
        """*Standard, priority, fast* alone are words for other things more often than paths."""
        if _BOUND.match(self.clauses.text, self.end) or (self.article and self.article != "the"):
            return False
        if self.lead in _COMPARED:
            return self.word not in _NOUNS_OF_MODES
        if self.article:
            return self.word in _RATES
        if not self.fits:
            return False
        if not self.lead:
            opens = self.clauses.of(self.start) == 0
            return (opens or not is_fast or self.word in _COMPARED) and (
                self._is_question or not self._is_stated
            )
        if self.lead in _BE:
            return self.word in _COMPARING | _COMPARED or self.before.endswith(
                ("what is", "what are")
            )
        if self.lead in ("and", "or", "plus"):
            return self.before == self.lead
        if self.lead in ("with", "between"):
            return not self.word or _is_request_word(self.word)
        if self.lead == MODEL or _is_request_word(self.lead):
            return not is_fast or self.compared or self.word in _BEHIND_FAST
        return self.lead in _BARE_LEADS

    @property
    def _is_question(self) -> bool:
        return self.clauses.is_question(self.start)

    @property
    def _is_stated(self) -> bool:
        """*Priority on our side is price*: something else is said of it than a comparison."""
        text = self.clauses.text
        behind = _IS.search(text, self.end, min(len(text), self.end + _WINDOW))
        return behind is not None and not self.compared


def _last_words(before: str) -> tuple[str, str]:
    """The last word of a clause so far and the article behind it; empty where there is none."""
    match = _WORD_BEFORE.search(before)
    word = match[1] if match else ""
    if match is None or word not in _ARTICLES:
        return word, ""
    further = _WORD_BEFORE.search(before, 0, match.start())
    return (further[1] if further else ""), word


def _is_request_word(word: str) -> bool:
    """Whether a word is a model, a number, or a key or unit of one."""
    return (
        word == MODEL
        or _NUMBER.fullmatch(word) is not None
        or (word in NUMBER_WORDS and word != "one")
        or (bool(word) and (is_counted(word) or squash(word) in aliases()))
    )

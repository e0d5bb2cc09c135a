"""What a text says is not meant: the models, paths and presets behind *without*, and those that are *excluded*."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .path_words import Mention, listed

_LONGEST_LEAD = 48
_DO = r"(?:use|do|have|take|run|go|buy|touch|work)"
_WISH = r"(?:want|need|like|consider|include|show)"
_LEAD = re.compile(
    r"(?:(?P<through_commas>\b(?:drop|dropping|remove|removing|without|w/o|sans|exclude|excluding|except(?:ing)?(?: for)?"
    r"|omit|omitting|ditch|skip|skipping|forget|ignore|ignoring|(?:leave|leaving) (?:out|aside)|other than|apart from"
    r"|aside from|besides|(?:anything|everything|everywhere|anywhere|all|(?:any|every|all) (?:paths?|models?)) but))"
    r"|(?P<only_paths>\bno|\b(?:can't|cannot|can not|won't|will not|mustn't|must not|shouldn't|should not|wouldn't|would not"
    r"|(?<!they )don't|(?<!they )do not|not allowed to|not|never)"
    rf"(?: (?:really|ever|even|want to|have to))* {_DO})"
    r"|(?<!why )(?<!or )\b(?:not|never)"
    r"|\b(?:minus|lose|instead of|rather than|replac(?:e|ing)|swap(?:ping)?(?: out)?|switch(?:ing)? (?:away )?from"
    r"|mov(?:e|ing) (?:away )?from)"
    rf"|\b(?:don't|do not|doesn't|does not|didn't|did not) (?:really |ever |even )?{_WISH})"
    r"(?: (?:the|for|on|via|any|our|with|preset|in|to))*\s+$",
    re.IGNORECASE,
)
"""Before what is not meant. *Drop, without, except* hold through a list's commas; *we can't run k2.6 here* drops no model."""
_LEADING = frozenset(
    "drop dropping remove removing without w sans exclude excluding except excepting omit omitting ditch skip skipping forget "
    "ignore ignoring leave leaving but other apart aside besides not never no minus lose instead rather replace replacing swap "
    "swapping switch switching move moving away can cannot won will don do does doesn did didn must mustn should would shouldn wouldn".split()
)
_TAIL = re.compile(
    r"\s*(?:,|\()?\s*(?:(?:is|are|was|were|be|being|all|both|should be|can be|to be|as well) )*"
    r"(?:excluded|left out|left aside|omitted|dropped|removed|skipped|ruled out|aside|is out|are out|is no option"
    r"|is not an option|are not an option|is off the table|off the table|out(?! of)|not (?:included|wanted|needed|allowed|an option)"
    r"|isn't (?:an option|allowed|wanted|needed)|aren't (?:an option|allowed|wanted|needed))\b"
)
_TAILING = frozenset(
    "excluded left omitted dropped removed skipped ruled aside out option table not isn aren".split()
)


def is_led(text: str, start: int) -> bool:
    """Whether what stands at `start` is said not to be meant by the words before it."""
    return _lead(text, start) is not None


def _lead(text: str, start: int) -> re.Match[str] | None:
    return _LEAD.search(text, max(0, start - _LONGEST_LEAD), start)


def excluded(text: str, found: Sequence[Mention], present: frozenset[str]) -> frozenset[Mention]:
    """Those of the mentions in a text in lower case that are not meant; `present` are its words."""
    leads, tails = not _LEADING.isdisjoint(present), not _TAILING.isdisjoint(present)
    if not (leads or tails):
        return frozenset()
    unwanted: set[Mention] = set()
    for together in listed(text, found):
        if leads and (lead := _lead(text, together[0].start)):
            unwanted.update(_led(text, together, lead))
        if tails and _TAIL.match(text, together[-1].end):
            unwanted.update(_tailed(text, together))
    return frozenset(unwanted)


def _led(text: str, together: list[Mention], lead: re.Match[str]) -> Iterator[Mention]:
    """From the first on through *and* and *or*; through commas between paths, and between models where a list ends."""
    commas = [_comma(text, *both) for both in pairwise(together)]
    a_list = lead["through_commas"] and commas and not commas[-1]
    for mention, comma in zip(together, [False, *commas], strict=True):
        if comma and (
            mention.is_model != together[0].is_model or (mention.is_model and not a_list)
        ):
            return
        if not (mention.is_model and lead["only_paths"]):
            yield mention


def _tailed(text: str, together: list[Mention]) -> Iterator[Mention]:
    """From the last on back, through *and*; through commas between paths."""
    commas = [_comma(text, *both) for both in pairwise(together)]
    for mention, comma in zip(reversed(together), [False, *reversed(commas)], strict=True):
        if mention.is_model != together[-1].is_model or (mention.is_model and comma):
            return
        yield mention


def _comma(text: str, before: Mention, behind: Mention) -> bool:
    """Whether nothing but a comma joins the two."""
    between = text[before.end : behind.start]
    return "," in between and not between.rstrip().endswith(("and", "or", "nor"))

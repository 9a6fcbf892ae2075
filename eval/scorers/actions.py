"""Actions: does a summary send people only where the policy lets them go?

What a summary tells people to do is cut into single actions, each beginning with its verb, and laid beside the actions of the gold. An
action is offered when the words that name one of the gold's are met, some of them in the action itself and the rest in what the summary has said
up to the end of its sentence, and when the passages of that entry name the way it is done (a form, e-mail, a letter, a telephone).
"""

import re
from collections.abc import Container

from eval.candidate import Sentence
from eval.cases import Case
from eval.keys import meets_group
from eval.scorers.facts import SummaryPart
from eval.scorers.language import why_not_english
from eval.scorers.tally import share, unscored
from pipeline.checks.advice import find_unnamed_way
from pipeline.checks.folding import fold_text
from pipeline.checks.sentences import split_sentences
from schemas.gold import GoldAction
from schemas.score import Score, ScoreItem
from schemas.summaries import Claim, Evidence

_VERB = (
    r"(?:opt|turn|switch|toggle|disable|enable|delete|erase|remove|ask|write|send|e-?mail|mail|object|withdraw|revoke|complain|appeal|export|download|view|"
    r"see|edit|change|correct|rectify|add|call|phone|ring|contact|use|request|check|cancel|limit|restrict|block|refuse|decline|reject|leave|close|file|"
    r"lodge|submit|fill|unsubscribe|reply|click|set|give|get|have|exercise|stop|manage|review|keep|end|end up|say|visit|go|open|choose|sign|report|sue|"
    r"demand|claim|access|copy|take|port|transfer|move|tell)"
)
# What offers something to a person; from there on each verb begins an action of its own.
_OFFERS = re.compile(
    r"\b(?:you|users?|people|anyone|everyone|customers?|they)\s+(?:(?:can|may|could)(?!\s*(?:not|n['’]t))|are\s+(?:able|free|allowed|entitled)\s+to|have\s+(?:the|a)\s+right\s+to),?\s+"
    r"(?:also\s+|always\s+|still\s+|either\s+)?|"
    r"\b(?:settings?|controls?|switch(?:es)?|app|account|policy|company)\s+(?:lets?|allows?|enables?)\s+(?:you|people|users)\s+(?:to\s+)?|"
    rf"\b(?:settings?|controls?|switch(?:es)?|forms?|letters?)\s+can\s+(?={_VERB}\b)|"
    rf"^\W*(?:to\s+\w+[^,;]{{0,80}},\s+|please\s+|also\s+)?(?={_VERB}\b)",
    re.IGNORECASE,
)
_NEXT = re.compile(
    rf"(?:,\s*(?:(?:and|or)\s+)?|\s(?:and|or)\s+)(?:(?:you|they)\s+(?:can|may|could)\s+)?(?:also\s+|then\s+)?(?={_VERB}\b)",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"\W*{_VERB}\b", re.IGNORECASE)
_WAY = re.compile(
    r"^\W*(?:write|send|mail|e-?mail|call|phone|ring|use|fill|submit|contact|reply|visit)\b", re.IGNORECASE
)
_BUT = re.compile(
    r"[,\s]\s*(?:but|although|though|while|whereas|yet)\s|\s[-–—]\s|:\s(?=\w+ (?:does|do|is|are|will))",
    re.IGNORECASE,
)


def score_actions(part: SummaryPart, case: Case) -> Score:
    """The share of the actions told that the policy really offers. Unscored when the summary tells people to do nothing, and in another
    language than English, in which the actions are read.
    """
    if told := why_not_english(part, case):
        return unscored(part.name, "actions", told)
    items: list[ScoreItem] = []
    groups = {group for action in case.gold.actions for group in action.keys}
    said: set[tuple[str, ...]] = set()
    for sentence in part.sentences:
        said |= {group for group in groups - said if meets_group(sentence.text, group)}
        items += [_item(sentence, action, said, case) for action in read_actions(sentence.text)]
    return share(
        part.name,
        "actions",
        items,
        things="actions told are offered by the policy",
        nothing="No action is told.",
    )


def read_actions(text: str) -> tuple[str, ...]:
    """The single actions that a sentence tells people to take, in its order."""
    found: list[str] = []
    for clause in split_sentences(fold_text(text)):
        offer = _OFFERS.search(clause)
        if offer is None:
            continue
        told = _BUT.split(clause[offer.end() :], maxsplit=1)[0]
        actions = [action.strip(" .,;") for action in _NEXT.split(told)]
        # "in California, use the link": the first part says where, not what.
        if len(actions) > 1 and not _BEGINS.match(actions[0]):
            actions[:2] = [f"{actions[0]}, {actions[1]}"]
        found += [action for action in actions if action]
    return tuple(found)


def _item(sentence: Sentence, text: str, said: Container[tuple[str, ...]], case: Case) -> ScoreItem:
    """``said`` are the groups of keys met up to the end of the sentence: "view or delete Memories" views Memories."""
    named = [action for action in case.gold.actions if _names(action, text, said)]
    # Words that give nothing but a way ("or write a letter") are taken by the entry that begins with it.
    near = named or [action for action in case.gold.actions if _gives_way_of(action, text)]
    ways = {action.id: _unnamed_way(text, action, case) for action in near}
    offered = [action for action in near if ways[action.id] is None]
    if offered:
        verdict, reason = "offered", f"{offered[0].id}: {offered[0].statement}"
    elif near:
        verdict, reason = "another way", f"{near[0].id} is not done by {ways[near[0].id]}."
    else:
        verdict, reason = "not offered", "The gold has no such action."
    return ScoreItem(
        id=text,
        verdict=verdict,
        value=float(bool(offered)),
        path=sentence.path,
        sentence=sentence.text,
        reason=reason,
    )


def _names(action: GoldAction, text: str, said: Container[tuple[str, ...]]) -> bool:
    """Whether the words name the action: every group of its keys is met, one of them in the words themselves."""
    own = [meets_group(text, group) for group in action.keys]
    return any(own) and all(met or group in said for met, group in zip(own, action.keys, strict=True))


def _gives_way_of(action: GoldAction, text: str) -> bool:
    return _WAY.search(text) is not None and any(meets_group(text, group) for group in action.keys)


def _unnamed_way(text: str, action: GoldAction, case: Case) -> str | None:
    """The way that the words give and that the passages of the action do not name; None when there is none."""
    quotes = [Evidence(passage_id=p, quote="") for p in case.passage_ids(action.anchors)]
    told = Claim(text=text, basis="stated", evidence=quotes, absent_terms=[], statutes=[])
    unnamed = find_unnamed_way(case.document, told)
    return None if unnamed is None else unnamed[0]

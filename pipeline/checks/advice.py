"""Advice: a draft tells people only of controls and routes that the policy names, and quotes the place.

For each way that a text tells people to go (settings, an opt-out, a form, e-mail, a letter, a telephone) some word for such a way must
stand in the passages that the claim quotes, or in the heading above them. Policies in other languages than English are left to the
check of evidence: their words for a control are not known here. An opt-out is a matter, not a place: a switch may do it, but so may a
link, a call, a signal of the browser, a reply or a form, and any of them names it.
"""

import re

from pipeline.checks.folding import fold_text
from pipeline.checks.once import Once
from pipeline.checks.sentences import clause_at
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.summaries import Claim

# An address as people type it: in full, or only its host ("requests.fennaby.example", "fennaby.example/requests"), no e-mail address.
_LINK_NAMED = r"\bhttps?://|\bwww\.|(?-i:(?<![@\w.-])[A-Za-z0-9-]{2,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}(?![\w@-]))"
_SETTING_NAMED = (
    r"\b(?:settings?|preferences?|switch\w*|toggl\w*|dashboard|controls?|menu|options?|account|profile|turn\w*\s+(?:\w+\s+){0,3}?(?:off|on)|opt\w*[\s-]+out|opt[\s-]?outs?|unsubscribe\w*|"
    r"disabl\w+|deactivat\w+|object\w*|withdraw\w*|refus\w+|declin\w+|choices?|choose|cent(?:er|re)|limit\w*|reject\w*|block\w*|browser|activated?)\b"
)
# (what it is called, how a draft sends people there, how a policy names it)
_WAYS: tuple[tuple[str, Sieved, Sieved], ...] = (
    (
        "a setting",
        Sieved(
            r"\b(?:in|under|through|via|from|using|with|by|visit|open|go\s+to|check|change|adjust|use|flip)\s+(?:(?:the|your|its|an?|any|their|app|account|privacy|in-account|user|data|training|profile|this|that|same|product|in-product)\s+){0,4}"
            r"(?:settings?|preferences|switch|toggle|dashboard|control\s+panel|privacy\s+cent(?:er|re)|user\s+controls?)\b|"
            r"\b(?:turn|switch|toggle)\s+(?:\w+\s+){0,4}?off\b|\bturn\s+off\b",
            re.IGNORECASE,
        ),
        Sieved(_SETTING_NAMED, re.IGNORECASE),
    ),
    (
        "an opt-out",
        Sieved(r"\bopt\s+out\b|\bunsubscribe\b", re.IGNORECASE),
        Sieved(
            rf"{_SETTING_NAMED}|{_LINK_NAMED}|\b(?:links?|click\w*|tap|button|icon|forms?|webform|portal|signals?|GPC|global\s+privacy\s+control|(?-i:STOP)|"
            r"repl(?:y|ies|ying)|respond\w*|contact\w*|e-?mails?|e-?mailing|mail|writ(?:e|ing)\s+to|(?:tele)?phone\w*|call(?:s|ing)?|toll[\s-]free|hotline|"
            r"do\s+not\s+(?:sell|share)|requests?\s+(?:at|through|via|by)|let\s+us\s+know)\b|@|\+\d|\b\d{3}[\s.-]\d{3,4}",
            re.IGNORECASE,
        ),
    ),
    (
        "a form",
        Sieved(
            r"\b(?:in|through|via|using|with|by|on|use|fill\s+in|complete|submit)\s+(?:(?:the|your|its|an?|their|online|web|contact|request|requests|privacy|rights|\"?privacy\s+requests?\"?|company's|this|that|same|dedicated|help)\s+){0,5}(?:web)?form\b",
            re.IGNORECASE,
        ),
        Sieved(
            rf"\b(?:(?:web|online)?forms?|portal|request\s+page|submit\w*|requests?\s+(?:at|through|via|here)|contact\s+page|help\s+cent(?:er|re))\b|{_LINK_NAMED}",
            re.IGNORECASE,
        ),
    ),
    (
        "e-mail",
        Sieved(
            r"\b(?:by|via|through)\s+e-?mail\b|(?:^|[.;:,]\s*|\b(?:can|may|or|please)\s+)(?:(?:send|write)\s+(?:an?\s+)?e-?mail\b|e-?mail\s+(?:the|its|their|to)\b)",
            re.IGNORECASE,
        ),
        Sieved(r"@|\be-?mails?\b|\be-?mailing\b|\bcontact\s+us\b|\bmail\b", re.IGNORECASE),
    ),
    (
        "a letter",
        Sieved(
            r"\b(?:by|via|per|through)\s+(?:(?:postal|regular|paper|a)\s+)?(?:mail|post|letter)\b(?!-)|\b(?:send|write)\s+a\s+letter\b",
            re.IGNORECASE,
        ),
        Sieved(
            r"\b(?:mail\w*|post(?:al)?|letters?|address(?:ed)?|attn|attention|writ(?:e|ing|ten)|street|avenue|rue|road|box)\b|\b\d{4,5}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "a telephone number",
        Sieved(
            r"\b(?:by|via|over\s+the)\s+(?:tele)?phone\b|\b(?:call|phone|ring)\s+(?:the|its|their|a)\s+(?:\w+\s+)?(?:company|number|hotline|line|support|team)\b",
            re.IGNORECASE,
        ),
        Sieved(
            r"\b(?:tele)?phone\w*|\bcall(?:s|ing)?\b|\btoll[\s-]free|\bhotline|\+\d|\b\d{3}[\s.-]\d{3,4}",
            re.IGNORECASE,
        ),
    ),
)
# A control that only the service itself can have, told as being there: the place it stands in, or leaving a use by it.
_CONTROL_OF_SERVICE = Sieved(
    r"\bsettings?\s*(?:>|→|,\s*then\b)|\b(?:account|app|in-app|profile|privacy|product|service|training|data)\s+(?:settings|preferences|dashboard|controls)\b|"
    r"\b(?:its|the\s+(?:company|service)(?:'s)?)\s+(?:settings|preferences|dashboard|control\s+panel)\b|"
    r"\b(?:opt\s+out|unsubscribe)\b[^.;]{0,80}?\b(?:in|under|through|via|by|using)\s+(?:the|its|your|a|an)\b|\bunder\s+(?-i:Settings)\b",
    re.IGNORECASE,
)
_OWN_DEVICE = Sieved(
    r"\b(?:browsers?|(?:smart)?phones?|devices?|computers?|operating\s+systems?|iOS|iPhone|Android|Windows|macOS|router|extensions?|camera|microphone)\b",
    re.IGNORECASE,
)
# "Used; no switch" names no switch.
_NONE_THERE = Sieved(
    r"\b(?:no|without\s+an?)\s+(?:switch|setting|toggle|control|opt[\s-]?out)(?:e?s)?\b", re.IGNORECASE
)
_NOT_OFFERED = Sieved(
    r"\b(?:no|not|never|without|nor|cannot|neither|whether|lacks?|asks?\s+for)\b|n't\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[;:,.]\s|\s(?:but|and|or)\s|\s[-–—]\s")


def find_unnamed_way(document: Document, claim: Claim) -> tuple[str, str] | None:
    """The first way the claim sends people that its quoted passages do not name, as (what it is, the words); None if all are named."""
    if not document.language.startswith("en"):
        return None
    said: str | None = None
    for name, sends, names in _WAYS:
        for match in sends.finditer(claim.text):
            if said is None:
                said = _NONE_THERE.sub(" ", quoted_passages(document, claim))
            if _is_denied(claim.text, match.start()) or names.search(said):
                continue
            return name, match[0].strip(" .,;:")
    return None


def names_control(text: str) -> bool:
    """Whether advice names a control of the service, and not of the person's own browser or device, as one to be used."""
    folded = fold_text(text)
    match = _CONTROL_OF_SERVICE.search(folded)
    return bool(match) and not _OWN_DEVICE.search(folded)


def quoted_passages(document: Document, claim: Claim) -> str:
    """What the passages say that the claim quotes, each below its heading, folded; a passage that does not exist says nothing."""
    titles = _titles(document)
    ids = dict.fromkeys(evidence.passage_id for evidence in claim.evidence)
    passages = [passage for passage_id in ids if (passage := document.find(passage_id))]
    return "\n".join(f"{titles.get(p.section_id, '')}\n{fold_text(document.text_of(p))}" for p in passages)


@Once
def _titles(document: Document) -> dict[str, str]:
    return {section.id: section.title for section in document.sections}


def _is_denied(text: str, start: int) -> bool:
    """Whether the clause says that the way is missing: "no opt-out", "cannot turn it off"."""
    before = text[max(0, start - 100) : start]
    return bool(_NOT_OFFERED.search(clause_at(before, len(before), len(before), _CLAUSE_END)))

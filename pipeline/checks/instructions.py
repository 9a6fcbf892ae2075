"""Text of a document that speaks to a language model instead of to people.

Nothing here decides what reaches the model, and nothing depends on the model having withstood it: the text is data either way,
and what a draft says is checked in code. The finding tells an editor that somebody tried. Ordinary policies speak of prompts,
instructions and assistants all the time, so a sentence counts only when it gives the reader-model an order, names it as its
addressee, or imitates the markers of a chat.
"""

import re

from pipeline.checks.folding import fold_text
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding

_MODEL = r"(?:AIs?|LLMs?|GPTs?|(?:AI|AI language|language|large language|chat|artificial intelligence)[ -](?:models?|assistants?|agents?|bots?|systems?|readers?|summari[sz]ers?)|chatbots?|summari[sz]ers?)"
_PAPER = r"(?:document|polic(?:y|ies)|page|text|notice|terms|message|section|paragraph|passage|sentence|clause|agreement|website|file|statement)"
_ORDERS = r"(?:instructions?|prompts?|directions?|directives?|commands?|guidelines|rules|messages?|context|training)"
_EARLIER = r"(?:previous|prior|preceding|earlier|above|foregoing|existing|original|initial|system|former)"
_RESULT = r"(?:summary|summaries|answer|reply|response|output|assessment|risk assessment|analysis|report|verdict|findings|json)"

_ADDRESS = "words addressed to a language model"
_OUTPUT = "an order about what to output"

# What it is called in the finding -> how it reads. Every quantifier is bounded: hostile text must not make a search slow.
_SIGNS: tuple[tuple[str, Sieved], ...] = (
    (
        "an order to drop earlier instructions",
        Sieved(
            rf"\b(?:ignore|disregard|forget|override)\b(?:\s+(?:all|any|every|each|the|your|these|those|my|of|and|other)){{0,4}}\s+"
            rf"(?:{_EARLIER}(?:\s+and\s+{_EARLIER})?\s+(?:\w+\s+)?{_ORDERS}|instructions?\s+(?:above|before|given)|"
            r"everything\s+(?:above|before|you\s+(?:were|have\s+been)\s+told))\b|"
            r"\bforget\s+(?:everything|all)\s+(?:above|before|you\s+(?:were|have\s+been)\s+told)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "an order to drop earlier instructions",
        Sieved(
            r"\b(?:ignore[zr]?|oublie[zr]?)\s+(?:toutes\s+)?(?:les|vos|tes)\s+(?:instructions|consignes)\s+(?:précédentes|antérieures|ci-dessus)|"
            r"\b(?:ignoriere?n?|vergiss|vergessen)\s+(?:Sie\s+)?(?:alle\s+)?(?:bisherigen|vorherigen|obigen|vorangehenden)\s+(?:Anweisungen|Instruktionen)|"
            r"\b(?:ignora|ignore|olvida|olvide)\s+(?:todas\s+)?(?:las|tus|sus)\s+instrucciones\s+(?:anteriores|previas)|"
            r"\b(?:ignora|dimentica)\s+(?:tutte\s+)?le\s+istruzioni\s+precedenti|"
            r"忽略(?:之前|以上|先前|前面)的?(?:所有)?(?:指令|指示|提示)|(?:これまで|以前|上記)の(?:指示|命令)を?(?:すべて)?無視",
            re.IGNORECASE,
        ),
    ),
    (
        _ADDRESS,
        Sieved(
            rf"\b(?:if|since|because|as)\s+you\s+are\s+an?\s+(?:helpful\s+|automated\s+)?{_MODEL}\s*(?:[,.:;!]|$|(?:reading|processing|summari[sz]ing|analy[sz]ing|and|that|who)\b)|"
            rf"\byou\s+are\s+(?:now\s+)?an?\s+(?:helpful\s+|neutral\s+|careful\s+|expert\s+|automated\s+)?(?:{_MODEL}|helpful\s+assistant)\s*(?:[,.:;!]|$|(?:that|who|which|and|tasked|trained|reading)\b)|"
            rf"\bas\s+an?\s+(?:helpful\s+|automated\s+)?{_MODEL}\s*,?\s+(?:you|please|do\s+not|always|never|only|summari[sz]e|output|respond|report|write)\b|"
            rf"\b(?:attention|note|notice|message|memo|dear|hello|hey)\s*(?:to|for|,|:)?\s+(?:all\s+|any\s+|every\s+|the\s+)?{_MODEL}\s*(?:[,.:;!]|(?:reading|processing|summari[sz]ing|analy[sz]ing|parsing)\b)|"
            rf"\b(?:{_MODEL}|assistants?|models?|bots?|agents?|crawlers?)\s+(?:(?:that|which|who)\s+)?(?:are\s+)?(?:reads?|reading|summari[sz](?:e|es|ing)|analy[sz](?:e|es|ing)|pars(?:e|es|ing)|process(?:es|ing)?)\s+"
            rf"(?:this|the\s+(?:above|following|present))(?:\s+{_PAPER}\b|\s*[,:]|\s+(?:must|should|shall|will|call|say|report|treat|ignore)\b)",
            re.IGNORECASE,
        ),
    ),
    (
        _OUTPUT,
        Sieved(
            rf"\b(?:in|from|into|of|to|with|begin|start|end|finish|conclude|preface)\s+your\s+(?:final\s+|own\s+)?(?:summary|summaries|assessment|risk\s+assessment|verdict)\b|"
            rf"(?:^|[.!?:;,)]\s*|\b(?:please|now|then|must|should|always|instead|only|and)\s+)(?:summari[sz]e|describe|rate|classify|label|mark|report|present|assess|score)\s+"
            rf"(?:this|the|every|each|all)\s+(?:\w+\s+){{0,3}}?(?:{_PAPER}|risks?|compan(?:y|ies)|provider|provisions?)\s+(?:only\s+)?as\b|"
            rf"(?:^|[.!?:;,)]\s*|\b(?:please|now|then|must|should|always|instead)\s+)(?:respond|reply|answer|output|print|say|write|return|repeat|type)\s+"
            r"(?:(?:only|just|exactly|verbatim|nothing\s+(?:but|else))\s+(?:with\b|the\s+(?:words?|text|phrase|string|following)\b|[\"'])|"
            r"with\s+(?:only|just|exactly|nothing|the\s+(?:words?|phrase|sentence|string))\b|"
            r"the\s+(?:words?|phrase|string|following\s+(?:text|words?|sentence|json))\b|that\s+(?:this|the)\s+(?:policy|company|document|provider)\b)|"
            rf"\b(?:do\s+not|don't|never|must\s+not)\s+(?:mention|report|flag|quote|cite|reveal)\s+(?:\w+\s+){{0,6}}?in\s+(?:your\s+{_RESULT}|the\s+(?:summary|risk\s+assessment|verdict))\b|"
            r"\b(?:do\s+not|don't|never|must\s+not)\s+(?:summari[sz]e|analy[sz]e|flag)\s+(?:this|the\s+(?:above|following|previous|next))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "talk of a system prompt as the reader's own",
        Sieved(
            r"\b(?:your|new|updated?|real|actual)\s+(?:system|developer)\s+(?:prompt|message|instructions?)\b|"
            r"\b(?:reveal|print|repeat|output|leak|show)\s+(?:the|your|its)\s+(?:system|developer|initial|hidden)\s+(?:prompt|message|instructions?)\b|"
            r"^\W{0,10}(?:system|developer)\s+(?:prompt|message|override)\s*:|\b(?:end|begin|start)\s+of\s+(?:the\s+)?system\s+(?:prompt|message)\b|"
            r"^\W{0,10}(?:system|assistant|developer)\s*:\s*(?:you\s+(?:are|must|will|should|now)|ignore|disregard|respond|reply|output|from\s+now|always|never|do\s+not)\b|"
            r"\bfrom\s+now\s+on,?\s+you\s+(?:are|will\s+(?:act|respond|answer|behave))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "a marker of a chat or of a prompt",
        Sieved(
            r"<\|[\w -]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|instructions?|start_of_turn|end_of_turn)>|"
            r"(?:^|\s)#{2,}\s*(?:(?:new|system|updated)\s+)?(?:instructions?|system|prompt|response|assistant)\s*(?::|#|$)|"
            # A file's own "--- END OF DOCUMENT ---" is no marker of a prompt; angle brackets and the words below are.
            r"<<<\s*/?(?:(?:BEGIN|START|END)\s+OF\s+)?(?:DOCUMENT|POLICY|PROMPT|CONTEXT|INPUT|DATA|TEXT)\b|"
            r"[=\-#*`~\[]{3}\s*(?:BEGIN|START|END)\s+(?:OF\s+)?(?:THE\s+)?(?:UNTRUSTED|USER\s+INPUT|SYSTEM|PROMPT|CONTEXT|INSTRUCTIONS?)\b",
            re.IGNORECASE,
        ),
    ),
)
# Characters that spell ASCII without being seen; flags of three regions use six of them at most.
_TAGS = {0xE0000 + n: chr(n) for n in range(0x20, 0x7F)}
_TAG_RUN = re.compile("[\U000e0020-\U000e007e]{7,}")


def find_instruction(text: str) -> tuple[str, str] | None:
    """What kind of instruction to a model the text holds and the words that show it; None when there is none.

    The text is one line, folded or not. Linear in the text's length.
    """
    return _find(text, frozenset())


def find_copied_instruction(text: str) -> tuple[str, str] | None:
    """The same in a draft's prose, which may itself tell people how to rate a vendor or tell what a document says to assistants."""
    return _find(text, frozenset({_ADDRESS, _OUTPUT}))


def _find(text: str, allowed: frozenset[str]) -> tuple[str, str] | None:
    spelled = _TAG_RUN.search(text)
    if spelled:
        return "an order written in characters that cannot be seen", spelled[0].translate(_TAGS)[:120]
    for kind, pattern in _SIGNS:
        match = None if kind in allowed else pattern.search(text)
        if match:
            return kind, match[0].strip(" .,;:!?)")
    return None


def check_instructions(document: Document) -> list[Finding]:
    """A warning for each passage, heading or hidden text that gives orders to a model; its path is the passage's id."""
    findings: list[Finding] = []
    for passage in document.passages:
        found = _look(document.text_of(passage))
        if found:
            findings.append(_warning(passage.id, f"Passage {passage.id}", *found))
    for section in document.sections:
        found = _look(section.title)
        if found:
            findings.append(_warning("", f"The heading of section {section.id}", *found))
    for hidden in document.hidden:
        found = _look(hidden.text)
        if found:
            findings.append(_warning("", f"Hidden text ({hidden.reason})", *found))
    return findings


def _look(text: str) -> tuple[str, str] | None:
    return next((found for line in text.split("\n") if (found := find_instruction(fold_text(line)))), None)


def _warning(path: str, where: str, kind: str, words: str) -> Finding:
    return Finding(
        code="document.instructions",
        severity="warning",
        path=path,
        message=f'{where} holds {kind} ("{words}"); it was treated as text, and an editor should check that the draft does not follow it.',
    )

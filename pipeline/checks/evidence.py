"""Evidence: a quote has its place in its passage, or there is a finding; an absence was searched for, or there is one."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from pipeline.checks.claims import Artefact, walk_claims, walk_evidence
from pipeline.checks.folding import fold, fold_text
from pipeline.checks.messages import clip, error
from pipeline.checks.once import Once, lines_of
from pipeline.registry.sieve import Sieved, in_small
from schemas.document import Document, Passage, Span
from schemas.draft import Citation
from schemas.finding import Finding
from schemas.risk import Action
from schemas.summaries import Claim, Evidence

SHORTEST_QUOTE = 3  # words
LONGEST_QUOTE = 60  # words
SHORT_PASSAGE = 5  # words; a passage this short may be quoted by less
LONGEST_TERM = 6  # words
SHORTEST_TERM = 3  # letters

# Words by which a sentence says that something is not there; without one, absent_terms prove nothing about it.
ABSENCE = Sieved(
    r"\b(?:no|not|without|never|nor|neither|none|nothing|nowhere|nobody|cannot|silent|silence|silently|absent|absence|"
    r"lacks?|lacking|missing|omits?|omitted|omission|omitting|unnamed|unstated|unspecified|undefined|unaddressed|"
    r"unmentioned|unexplained|unclear|undisclosed|unlisted|leaves?\s+(?:\w+\s+){0,4}?(?:open|out|unsaid|undefined|unclear)|"
    r"gaps?|fails?\s+to|stops?\s+short|instead\s+of|rather\s+than|only|whether|open\s+question)\b|n't\b",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_LABEL_END = re.compile(r":\s|\s-\s")
_EDGES = " .,;:-"  # what may stand around a cell or label without being part of it
_WORD = re.compile(r"[^\W_]+(?:['.@/-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Located:
    """Where a quote stands in the document's text, and whether to the character or only after folding."""

    span: Span
    match: Literal["exact", "normalised"]


def locate(document: Document, evidence: Evidence) -> Located | None:
    """The place of the quote inside the passage it names; None when the passage or the words are not there.

    Of several places, the first at which the quote does not begin or end inside a word.
    """
    passage = document.find(evidence.passage_id)
    if passage is None:
        return None
    text = document.text_of(passage)
    quote = evidence.quote.strip()
    if not quote:
        return None
    start = _find_whole(text, quote)
    if start >= 0:
        return Located(_shift(Span(start=start, end=start + len(quote)), passage.span.start), "exact")
    folded, wanted = fold(text), fold_text(quote)
    start = _find_whole(folded.text, wanted) if wanted else -1
    if start < 0:
        return None
    return Located(_shift(folded.span(start, start + len(wanted)), passage.span.start), "normalised")


def check_evidence(document: Document, artefact: Artefact, root: str) -> tuple[list[Citation], list[Finding]]:
    """The place of every quote that has one, and a finding for each that has none or carries nothing."""
    citations: list[Citation] = []
    findings: list[Finding] = []
    for path, evidence in walk_evidence(artefact, root):
        located = locate(document, evidence)
        if located:
            citations.append(
                Citation(path=path, passage_id=evidence.passage_id, span=located.span, match=located.match)
            )
        findings += _check_quote(document, path, evidence, located)
    for path, claim in walk_claims(artefact, root):
        findings += _check_support(path, claim)
        findings += _check_absence(document, path, claim)
    return citations, findings


def count_words(text: str) -> int:
    """Words as people count them; scripts that put no space between words count two characters as one word."""
    if text.isascii():
        return len(_WORD.findall(text))
    spaced = _CJK.sub(" ", text)
    return len(_WORD.findall(spaced)) + (len(_CJK.findall(text)) + 1) // 2


def _check_quote(document: Document, path: str, evidence: Evidence, located: Located | None) -> list[Finding]:
    passage = document.find(evidence.passage_id)
    quote = evidence.quote.strip()
    if passage is None:
        return [error("evidence.unknown_passage", path, _unknown_passage(document, evidence))]
    if not _WORD.search(quote):
        return [
            error(
                "evidence.quote_too_short", path, "The quote is empty; copy the words that carry the claim."
            )
        ]
    if located is None:
        return [error("evidence.quote_missing", path, _missing(document, passage, quote))]
    words = count_words(quote)
    text = document.text_of(passage)
    if _cuts_word(document.text, located.span):
        start, end = _whole_words(document.text, located.span.start, located.span.end)
        whole = document.text[start:end]
        return [
            error(
                "evidence.quote_cuts_word",
                path,
                f'The quote "{clip(quote)}" begins or ends inside a word or number; quote "{clip(whole)}".',
            )
        ]
    if (
        words < SHORTEST_QUOTE
        and count_words(text) >= SHORT_PASSAGE
        and not _is_name_or_number(quote)
        and not _is_whole_part(passage, text, quote)
    ):
        return [
            error(
                "evidence.quote_too_short",
                path,
                f'The quote "{clip(quote)}" has {_counted(words)}; quote at least {SHORTEST_QUOTE} words of {passage.id} that carry the claim.',
            )
        ]
    if words > LONGEST_QUOTE:
        return [
            Finding(
                code="evidence.quote_too_long",
                severity="warning",
                path=path,
                message=f"The quote has {words} words; the shortest run that carries the claim has at most {LONGEST_QUOTE}.",
            )
        ]
    return []


def _check_support(path: str, claim: Claim) -> list[Finding]:
    # A precaution is advice that needs nothing from the company, and so no words of the policy.
    needs_none = isinstance(claim, Action) and claim.kind == "precaution"
    if claim.basis == "stated" and not claim.evidence and not claim.absent_terms and not needs_none:
        return [
            error(
                "evidence.missing",
                path,
                "The claim is marked stated and has no evidence; quote the passage that says it, or for something the policy "
                "does not say give absent_terms, or mark the claim inferred and say so in words.",
            )
        ]
    if (
        claim.absent_terms
        and not claim.evidence
        and claim.basis == "stated"
        and not ABSENCE.search(claim.text)
    ):
        return [
            error(
                "evidence.absence_unworded",
                path,
                "The claim has only absent_terms and yet does not say that something is absent; quote the passage that says it, "
                'or word it as an absence ("does not mention", "names no").',
            )
        ]
    return []


def _check_absence(document: Document, path: str, claim: Claim) -> list[Finding]:
    findings: list[Finding] = []
    for n, term in enumerate(claim.absent_terms):
        where = f"{path}.absent_terms[{n}]"
        if len(re.findall(r"[^\W_]", term)) < SHORTEST_TERM or len(term.split()) > LONGEST_TERM:
            findings.append(
                error(
                    "evidence.absence_term_unfit",
                    where,
                    f'"{clip(term)}" proves no absence; give a word or phrase of {SHORTEST_TERM} letters or more and at most '
                    f"{LONGEST_TERM} words that the policy would have to use.",
                )
            )
            continue
        found = find_term(document, term)
        if found:
            place, words = found
            findings.append(
                error(
                    "evidence.absence_refuted",
                    where,
                    f'The policy does say "{clip(term)}": {place} reads "{words}"; correct the claim, or choose '
                    "a term that only what is really absent would need.",
                )
            )
    if findings or not claim.absent_terms or document.language.startswith("en"):
        return findings
    return [
        Finding(
            code="evidence.absence_unproven",
            severity="warning",
            path=path,
            message=f"The document's language is {document.language}; check that the absent_terms are words of that language.",
        )
    ]


def find_term(document: Document, term: str) -> tuple[str, str] | None:
    """Where the document has the term, as (passage id or heading, words around it); None when it has it nowhere.

    Any case, whole words, common endings of the last word allowed; headings count as well as passages.
    """
    words = re.split(r"[ -]+", fold_text(term).strip(" \"'").casefold())
    # The longest word without its ending, which may be another one in the text.
    piece = max((*words[:-1], words[-1][: -3 if words[-1].endswith("ies") else -1]), key=len)
    piece = piece if piece.isascii() else ""
    for n, small in enumerate(_small_lines(document)):
        if piece in small and (match := _term_pattern(term).search(folded := lines_of(document)[n])):
            lines = document.text.split("\n")
            offset = sum(len(line) + 1 for line in lines[:n])
            here = Span(start=offset, end=offset + len(lines[n]))
            return _name_of(document, here, match.re), _around(folded, match)
    return None


@Once
def _small_lines(document: Document) -> tuple[str, ...]:
    return tuple(map(in_small, lines_of(document)))


def _name_of(document: Document, line: Span, pattern: re.Pattern[str]) -> str:
    """The passage of this line that matches, or the heading that the line is."""
    touching = [p for p in document.passages if p.span.start < line.end and line.start < p.span.end]
    for passage in touching:
        if pattern.search(fold_text(document.text_of(passage))):
            return passage.id
    return touching[0].id if touching else "a heading"


@lru_cache(maxsize=1024)
def _term_pattern(term: str) -> re.Pattern[str]:
    words = re.split(r"[ -]+", fold_text(term).strip(" \"'").casefold())
    stem = words[-1]
    # "country" finds "countries", "share" finds "sharing", "transfers" finds "transfer"; never inside another word.
    if len(stem) > 4 and stem.endswith("ies"):
        last = re.escape(stem[:-3]) + r"(?:y|ies)"
    elif len(stem) > 3 and stem.endswith("y"):
        last = re.escape(stem[:-1]) + r"(?:y|ies|ied)"
    elif len(stem) > 3 and stem.endswith("e"):
        last = re.escape(stem[:-1]) + r"(?:e|es|ed|ing)"
    elif len(stem) > 3 and stem.endswith("s") and not stem.endswith("ss"):
        last = re.escape(stem[:-1]) + "s?"
    else:
        last = re.escape(stem) + ("(?:s|es|ed|ing)?" if len(stem) > 2 else "")
    body = r"[ -]+".join([*map(re.escape, words[:-1]), last])
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


def _around(text: str, match: re.Match[str]) -> str:
    left, right = _whole_words(text, max(0, match.start() - 30), min(len(text), match.end() + 30))
    return ("..." if left else "") + clip(text[left:right]) + ("..." if right < len(text) else "")


def _missing(document: Document, passage: Passage, quote: str) -> str:
    said = f'The quote "{clip(quote)}" is not in passage {passage.id}'
    wanted = fold_text(quote)
    holder = _passage_with(document, wanted)
    if holder:
        return f"{said}; these words stand in {holder.id}: cite that passage."
    if "..." in wanted:
        return f"{said}; quote one unbroken run of words, without dots, and give each further run as evidence of its own."
    text = fold_text(document.text_of(passage))
    near = fuzz.partial_ratio_alignment(wanted[:1000], text, score_cutoff=60.0)
    if near is not None:
        start, end = _whole_words(text, near.dest_start, near.dest_end)
        return f'{said}; the nearest words there are "{clip(text[start:end])}": copy them to the character if they carry the claim.'
    elsewhere = _nearest_elsewhere(document, wanted)
    if elsewhere:
        return f"{said}; {elsewhere}"
    return f"{said}, nor is anything like it; quote words that the policy has, or drop the claim."


def _nearest_elsewhere(document: Document, wanted: str) -> str | None:
    near = fuzz.partial_ratio_alignment(wanted[:1000], document.text, score_cutoff=80.0)
    if near is None:
        return None
    # What is alike may begin in the end of the passage before.
    other = max(
        document.passages,
        key=lambda p: min(p.span.end, near.dest_end) - max(p.span.start, near.dest_start),
    )
    start, end = max(other.span.start, near.dest_start), min(other.span.end, near.dest_end)
    if start >= end:
        return None
    start, end = _whole_words(document.text, start, end)
    return f'the nearest words stand in {other.id}: "{clip(document.text[start:end])}".'


def _unknown_passage(document: Document, evidence: Evidence) -> str:
    wanted = fold_text(evidence.quote)
    said = f'There is no passage "{clip(evidence.passage_id)}"; '
    holder = _passage_with(document, wanted)
    if holder:
        return said + f"these words stand in {holder.id}: give that id."
    return said + "give the id exactly as it stands in square brackets before the passage."


def _passage_with(document: Document, wanted: str) -> Passage | None:
    if not wanted or not any(wanted in line for line in lines_of(document)):
        return None
    return next((p for p in document.passages if wanted in fold_text(document.text_of(p))), None)


def _find_whole(text: str, wanted: str) -> int:
    """Offset of the first occurrence that cuts no word, else of the first; -1 when there is none."""
    first = start = text.find(wanted)
    while start >= 0:
        if not _cuts_word(text, Span(start=start, end=start + len(wanted))):
            return start
        start = text.find(wanted, start + len(wanted))
    return first


def _cuts_word(text: str, span: Span) -> bool:
    # Only small letters on both sides make a cut: in real pages words run together ("DataAccount"), and scripts
    # without case put no space between words. Digits do as well: "30 days" does not stand in "130 days".
    def cut(at: int) -> bool:
        if not 0 < at < len(text):
            return False
        before, after = text[at - 1], text[at]
        return (before.islower() and after.islower()) or (before.isdigit() and after.isdigit())

    return cut(span.start) or cut(span.end)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not text[start - 1].isspace() and start < len(text) and not text[start].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace() and end > 0 and not text[end - 1].isspace():
        end += 1
    return start, end


def _is_name_or_number(quote: str) -> bool:
    words = _WORD.findall(quote)
    return any(c.isdigit() for c in quote) or all(w[0].isupper() for w in words) or "@" in quote


def _is_whole_part(passage: Passage, text: str, quote: str) -> bool:
    """Whether the quote is a whole cell of a table row, or the whole label that a cell or list item begins with.

    A cell is written below its column's heading ("Period: Seven years"); the heading alone says nothing and is no label.
    """
    if passage.kind == "sentence":
        return False
    parts = [fold_text(text)]
    if passage.kind == "row":
        cells = parts[0].split(" | ")
        parts = [*cells, *(cell.partition(": ")[2] or cell for cell in cells)]
    labels = (_LABEL_END.split(part, maxsplit=1) for part in parts[len(parts) // 2 :])
    parts += [label for label, *rest in labels if rest]
    wanted = fold_text(quote).strip(_EDGES)
    return any(wanted == part.strip(_EDGES) for part in parts)


def _counted(words: int) -> str:
    return "one word" if words == 1 else f"{words} words"


def _shift(span: Span, by: int) -> Span:
    return Span(start=span.start + by, end=span.end + by)

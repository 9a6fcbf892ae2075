"""Reading level: the Flesch-Kincaid grade of the consumer summary.

Grade = 0.39 * words / sentences + 11.8 * syllables / words - 15.59, in US school grades (Kincaid and others, 1975).

What a sentence is, follows Flesch himself (How to Write Plain English, 1979): a unit of speech marked off by a period, colon,
semicolon, dash, question mark or exclamation mark. Here such a unit has at least three words, so that a label or a short list
item does not make a text look easier than it is; a shorter one counts with its neighbour. ``grade`` measures so;
``strict_grade`` counts full stops, question and exclamation marks only, and is told beside it.

A word is what stands between spaces, as Flesch counts ("opt-out" is one). Syllables come from pyphen's hyphenation points (en_US)
plus one. Hyphenation never parts a single letter ("a-bout", "o-pen"), so a count of vowel groups stands beside it and the larger counts. Names of companies and products count as they are written.
"""

import re
from functools import lru_cache

import pyphen

from pipeline.checks.claims import root_of
from schemas.finding import Finding
from schemas.summaries import ConsumerSummary

HIGHEST_GRADE = 9.0
SHORTEST_UNIT = 3  # words

_HYPHENATION = pyphen.Pyphen(lang="en_US")
_TOKEN = re.compile(r"(?<!\S)\S*[^\W_]\S*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# A full stop ends a unit only before space or end ("3.5", "U.S." inside a line do not); so do a dash between words and a colon.
_FULL_STOP = re.compile(r"(?<!\b[A-Z])(?<!\be\.g)(?<!\bi\.e)[.!?]+[\"'”’)]*(?=\s|$)")
_UNIT_END = re.compile(
    r"(?<!\b[A-Z])(?<!\be\.g)(?<!\bi\.e)[.!?]+[\"'”’)]*(?=\s|$)|[;:](?=\s|$)|\s[-–]\s|\s*—\s*|\s–\s"
)

# Words that both counts get wrong, and that summaries of policies use.
_KNOWN = {
    "idea": 3, "ideas": 3, "area": 3, "areas": 3, "every": 2, "business": 2, "businesses": 3, "something": 2, "via": 2,
    "everything": 3, "everyone": 3, "someone": 2, "therefore": 2, "real": 1, "really": 2, "client": 2, "clients": 2,
    "reliable": 4, "league": 1, "european": 4, "different": 3, "interest": 3, "interests": 3, "being": 2, "doing": 2,
    "going": 2, "reopen": 3, "apis": 4, "people": 2, "quiet": 2, "diet": 2, "deal": 1, "deals": 1, "science": 2, "peoples": 2, "union": 2, "unions": 2,
}  # fmt: skip
_SILENT = re.compile(r"(?<=[^aeiouy])e(?=(?:ment|ments|ly|less|ful|thing|body|where)$)")
_HIATUS = re.compile(
    r"(?<![tcsxg])i[ao](?!us)|(?<![tcsxg])iou|eo(?!us|n)|(?<![qg])ua|(?<=[aeo])ying|uou|^rea(?=ct)|crea(?=t)"
)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade, a sentence being one of Flesch's units of at least three words; 0.0 for no words."""
    return _formula(text, len(_units(text, _UNIT_END)))


def strict_grade(text: str) -> float:
    """The Flesch-Kincaid grade, a sentence ending only at a full stop, question mark or exclamation mark."""
    return _formula(text, len(_units(text, _FULL_STOP)))


@lru_cache(maxsize=8192)
def count_syllables(word: str) -> int:
    """Syllables of one English word, at least 1; a short word all in capitals is spelled out, a number counts as one."""
    if word.isupper() and 2 <= len(word) <= 3:
        return len(word)
    plain = re.sub(r"['’]s$", "s" if not word.lower().endswith(("s's", "s’s")) else "", word).lower()
    plain = re.sub(r"[^a-zà-ÿ]", "", plain)
    if plain in _KNOWN:
        return _KNOWN[plain]
    groups = _vowel_groups(plain)
    if re.search(r"[sd]n['’]t$", word.lower()):
        groups += 1
    if groups <= 1:
        return 1
    return max(groups, len(_HYPHENATION.positions(plain)) + 1)


def check_reading_level(summary: ConsumerSummary) -> list[Finding]:
    """An error when the whole summary reads above grade 9 by ``grade``; a note when it does by ``strict_grade`` alone."""
    text = " ".join(sentence.text for sentence in summary.sentences)
    measured, strict = grade(text), strict_grade(text)
    root = root_of(summary)
    if round(measured, 1) <= HIGHEST_GRADE:
        if round(strict, 1) <= HIGHEST_GRADE:
            return []
        return [
            Finding(
                code="readability.strict_grade",
                severity="info",
                path=f"{root}.sentences",
                message=f"The summary reads at US grade {measured:.1f} when colons, semicolons and dashes end a unit, and at {strict:.1f} when "
                "full stops alone do, as most tools count.",
            )
        ]
    hardest = max(range(len(summary.sentences)), key=lambda n: grade(summary.sentences[n].text))
    long_words = sorted(
        {w.lower() for w in _WORD.findall(summary.sentences[hardest].text) if count_syllables(w) >= 4},
        key=lambda w: (-count_syllables(w), w),
    )[:6]
    shorter = f" (such as {', '.join(long_words)})" if long_words else ""
    return [
        Finding(
            code="readability.grade_too_high",
            severity="error",
            path=f"{root}.sentences",
            message=f"The summary reads at US grade {measured:.1f} and must be at most {HIGHEST_GRADE:.0f}; sentence {hardest + 1} is the "
            f"hardest: use shorter words for long ones{shorter} and split it with semicolons into units of 8 to 15 words.",
        )
    ]


def count_tokens(text: str) -> int:
    """Words as Flesch counts them: what stands between spaces and has a letter or a digit."""
    return len(_TOKEN.findall(text))


def _formula(text: str, sentences: int) -> float:
    words = count_tokens(text)
    if not words:
        return 0.0
    syllables = sum(count_syllables(word) for word in _WORD.findall(text))
    return 0.39 * words / max(1, sentences) + 11.8 * syllables / words - 15.59


def _units(text: str, end: re.Pattern[str]) -> list[int]:
    """Words in each unit; one too short is added to the unit after it, or to the last."""
    units: list[int] = []
    waiting = 0
    for part in end.split(text):
        waiting += count_tokens(part)
        if waiting >= SHORTEST_UNIT:
            units.append(waiting)
            waiting = 0
    if waiting and units:
        units[-1] += waiting
    return units or [waiting]


def _vowel_groups(word: str) -> int:
    bare = _SILENT.sub("", word)
    count = len(re.findall(r"[aeiouyà-ÿ]+", bare)) + len(_HIATUS.findall(bare))
    # A silent e at the end: "make", "used", "makes"; but "table", "added", "boxes", "churches" sound it.
    silent = (
        (re.search(r"[^aeiouy]e$", bare) and not re.search(r"[^aeiouyl]le$", bare))
        or re.search(r"[^aeiouytd]ed$", bare)
        or (re.search(r"[^aeiouysxzcgl]es$|[aeiouy]les$", bare) and not re.search(r"(?:ch|sh)es$", bare))
    )
    return max(count - bool(silent), 1)

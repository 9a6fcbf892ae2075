"""Law: provisions that do not exist or are about something else, and conclusions that nobody has drawn."""

import re
from collections.abc import Iterator
from itertools import islice

from eval.judges.relevance import Known
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise
from pipeline.checks.conclusions import find_conclusion
from pipeline.checks.named import named_in
from pipeline.registry.citations import check_ref, find_citations, title_of, wrong_statements, wrong_topic
from pipeline.registry.pinpoints import lies_within
from pipeline.registry.statutes import load_statutes
from schemas.gold import Gold

ABOUT = 4.2  # weight of shared words from which an entry is about the sentence's matter
ABOUT_TITLE = 4.0  # weight of a title from which a sentence that has all of it is about its provision
_MOST = 8  # conclusions of a sentence that are looked at
OWN_TITLE = 0.3  # share of its own title's weight from which a provision may be meant
LESS = 0.75  # of that weight, under which the entries that rest on the provision are about something else
_DENIED = re.compile(
    r"\b(?:not|never|no|nor|neither|without|whether|unlike|rather\s+than|instead\s+of)\b|n't\b", re.IGNORECASE
)
# Told of the citation itself: that the document does not have it.
_NOT_CITED = re.compile(
    r"[,;]\s*(?:which|although|though|but)?\s*(?:the\s+|this\s+)?(?:document|policy|it)?\s*(?:does\s+|is\s+)?not\s+(?:mention|name|cite|stated|named|cited)\w*[^,;]*",
    re.IGNORECASE,
)
# Conclusions that the checks of drafts leave to editors: a draft asks such things and never answers them.
_SETTLED = re.compile(
    r"\b(?:is|are|was|were|be|been|being|makes?|renders?|remains?|stands?)\s+(?:therefore\s+|thus\s+|clearly\s+|plainly\s+|fully\s+|entirely\s+|legally\s+|also\s+|perfectly\s+|hence\s+|obviously\s+|undoubtedly\s+|simply\s+|completely\s+|null\s+and\s+)*"
    r"(?:unlawful|illegal|lawful(?!\s+bas)|legal(?=[\s.,;]*(?:$|[.,;]|under|in\s|and\s))|void|unenforceable|enforceable|invalid|compliant|unconstitutional|permissible|impermissible|in\s+(?:full\s+)?compliance|in\s+breach|in\s+violation|"
    r"(?:fully\s+)?(?:GDPR|CCPA|COPPA|HIPAA)[- ]compliant|guaranteed(?:\s+by\s+law)?|legally\s+(?:valid|sound|binding)|sufficient\s+under|adequate\s+under|(?:unfair|unconscionable|abusive|deceptive|misleading)(?:\s+(?:and|or)\s+(?:unfair|unconscionable|abusive|deceptive|misleading))?|null|disproportionate|a\s+(?:clear\s+)?(?:breach|violation|infringement)|beyond\s+(?:legal\s+)?doubt)\b"
    r"|\b(?:violates|breach(?:es|ed)|infringes|contravenes|breaks|flouts|complies|meets|satisfies|fulfil(?:s|ls)|(?<=bases )comply|(?<=terms )comply|(?<=practices )comply)\s+(?:\w+\s+){0,3}(?:with\s+)?(?:the\s+|all\s+|its\s+|every\s+|any\s+|both\s+|each\s+)*"
    r"(?:\w+\s+){0,5}?(?:GDPR|CCPA|CPRA|COPPA|HIPAA|BIPA|ePrivacy|AI\s+Act|Act|laws?|Articles?|Art\.|sections?|§|requirements?|rules?|regulations?|statutes?|legal\s+\w+|standards?)\b"
    r"|(?<!to )(?<!n't )(?<!not )\b(?:satisfy|fulfil|breach|violate|infringe|contravene|comply\s+with)\s+(?:the\s+|all\s+|every\s+)?(?:\w+\s+){0,4}?(?:GDPR|CCPA|COPPA|HIPAA|BIPA|Act\b|laws?\b|Articles?\s+\d|Art\.|sections?\s+\d|§|Cal\.|Code\b|statutes?\b|\d+\s+C\.F\.R)"
    r"|\b(?:satisfies|meets|passes|fails)\s+(?:the\s+)?(?:\w+\s+){0,4}(?:test|standard|requirements?|threshold)\b"
    r"|\b(?:amounts?\s+to|constitutes?|qualif(?:y|ies)\s+as|counts?\s+as|is|are|makes?\s+it)\s+(?!our\s|its\s)(?:an?\s+)?(?:\w+\s+){0,3}(?:practices?|violations?|breach(?:es)?|infringements?|offen[cs]es?|consent|sale|processing|notice|contract)\b[^.;]{0,40}\b(?:under|within\s+the\s+meaning\s+of|in\s+the\s+sense\s+of|as\s+(?:required|defined)\s+by)\s+(?:\w+\s+){0,4}(?:[A-Z]{3,}|Act|law|Articles?|Section|GDPR)"
    r"|\b(?:is|are|was|were|be|been|keeps?)\s+(?:\w+ly\s+)?(?:breaking|violating|infringing|breaching|flouting|contravening|evading)\s+(?:the\s+|all\s+|its\s+|\w+\s+){0,4}(?:laws?|rules|GDPR|CCPA|COPPA|BIPA|Act|Articles?|rights|dut(?:y|ies)|regulations?)\b"
    r"|\b(?:law|GDPR|CCPA|COPPA|BIPA|HIPAA|Act|Regulation|statute)\s+(?:\w+ly\s+)?(?:imposes|places|puts|lays|leaves)\s+(?:no|nothing|not\s+a\s+single)\b"
    r"|\b(?:lawfully|legally|validly|unlawfully|illegally)\s+(?!process|obtain|bas|require|oblig|bind|mandat|bound|permitt|entitl)(?:releas|exempt|excus|reliev|free|bar|exclud|waiv|dispens|justif|replac|collect|sell|sold|shar|train|us|keep|kept|retain|refus|impos|limit|deni|deny|den)\w*\b"
    r"|\b(?:violates?|violated|infringes?|infringed|contravenes?|breaches|flouts?)\s+[^.;]{0,60}\b(?:rules?|laws?|acts?|sections?|articles?|rights?|GDPR|CCPA|COPPA|BIPA|duty|duties|principles?)\b"
    r"|\b(?:makes?|renders?)\s+(?:\w+\s+){1,4}(?:un)?(?:lawful|legal|valid|compliant|enforceable)\b|\blaws?\s+(?:is|are)\s+(?:\w+\s+)?(?:respected|complied\s+with|observed|obeyed|broken|violated|breached|flouted|met)\b|\b(?:will|would|can|could)\s*not\s+be\s+enforced\b|\bno\s+court\s+(?:will|would|could)\b|\b(?:will|would)\s+(?:surely\s+|certainly\s+)?be\s+(?:upheld|struck\s+down|found)\b"
    r"|\b(?:protection|compliance|lawfulness|validity|equivalence)\s+(?:is|are)\s+(?:thereby\s+|thus\s+|therefore\s+)?(?:ensured|guaranteed|assured|beyond\s+doubt|established|certain)\b"
    r"|\bha(?:s|ve)\s+(?:no|a\s+valid|an\s+invalid|every)\s+(?:valid\s+|lawful\s+)?(?:legal\s+basis|lawful\s+basis|basis\s+in\s+law|right\s+under\s+the\s+law)\b"
    r"|\b(?:is|are)\s+(?:\w+\s+)?(?:liable|guilty|immune|shielded|protected)\s+(?:for|of|from|under)\b|\bcannot\s+be\s+(?:challenged|sued|fined|held\s+liable)\b"
    r"|\b(?:leav(?:es?|ing)|creat(?:es?|ing)|carr(?:y|ies|ying)|pos(?:es?|ing)|runs?|bears?|faces?|has|have)\s+(?:\w+\s+)?(?:no|zero)\s+(?:\w+\s+){0,2}(?:exposure|liabilit(?:y|ies)|legal\s+risk|breach|violation)\b"
    r"|\b(?:has|have|holds?|obtains?|gets?|gives?|secures?)\s+(?:a\s+)?(?:legally\s+)?(?:valid|invalid|sufficient|insufficient|effective|lawful|unlawful)\s+(?:\w+\s+){0,2}(?:consent|basis|ground|waiver|release|authori[sz]ation)\b"
    r"|\b(?:ensur|guarante|secur|achiev)(?:es?|ed|ing)\s+(?:\w+\s+){0,2}(?:compliance|lawfulness|legality|validity)\b"
    r"|\b(?:will|would\s+certainly|is\s+(?:certain|bound|sure)\s+to)\s+(?:\w+\s+){0,2}(?:be\s+(?:fined|sued|held|struck|found)|lose|win|face\s+a\s+fine)\b",
    re.IGNORECASE,
)  # fmt: skip
# Words that leave a conclusion open from wherever they stand before it, and such as do so in its own part of the sentence alone.
_OPEN = re.compile(
    r"\b(?:whether|question\w*|argu\w+|ask(?:s|ed)?(?=\s+(?:if|how|why|what|which|who|for|them|the|a)\b)|examine\w*|alleg\w+|claims?\s+that|complain\w*|says?\s+that|said|states?\s+that|undecided|not\s+(?:been\s+)?decided|no\s+(?:\w+\s+){0,4}(?:has|have)\b|"
    r"nobody|nothing\s+here|does\s+not\s+(?:say|mean|decide|settle|establish|prove)|do\s+not\s+(?:say|mean|decide)|not\s+a\s+finding|without\s+a\s+finding|no\s+finding|risk\s+(?:of|that)|held|found|annulled|decided|ruled)\b|\?",
    re.IGNORECASE,
)
_OPEN_IN_PART = re.compile(
    r"\b(?:may|might|could|would\s+(?:have|need|be\s+for)|open|if|must|should|have\s+to|has\s+to|need\s+to|such\s+as|when|where|until|unless|calls?|considers?)\b",
    re.IGNORECASE,
)
_OPEN_BEHIND = re.compile(
    r"[^.;]{0,80}\b(?:is\s+(?:not\s+|un)decided|(?:is|remains)\s+(?:an?\s+)?(?:open|question)|is\s+for\s+\w+\s+to|has\s+not\s+been|nobody|unclear|undecided)\b|\?\s*$",
    re.IGNORECASE,
)


def find_law_errors(sentence: str, known: Known) -> list[Flag]:
    """Flags for provisions that do not exist, fit another topic, or are not those that the gold has for the matter."""
    flags: list[Flag] = []
    cited = [found for found in find_citations(sentence) if found.ref]
    refs = list(dict.fromkeys(found.ref or "" for found in cited))
    for found in cited:
        ref = found.ref or ""
        broken = [problem.message for problem in check_ref(ref) if problem.severity == "error"]
        if broken:
            flags.append(Flag("article", f'"{found.words}": {broken[0]}'))
            continue
        reason = wrong_topic(sentence, ref)
        if reason:
            flags.append(Flag("article", reason))
    flags += [Flag("article", entry.message) for entry in wrong_statements(sentence)]
    if not flags and len(refs) == 1:
        flags += _of_other_title(sentence, refs[0], known)
    if not flags:
        flags += _of_other_matter(sentence, refs, known)
    return flags


def _of_other_matter(sentence: str, refs: list[str], known: Known) -> list[Flag]:
    """Provisions of a law from which the gold has others for what the sentence is about, and not these."""
    words = _without_citations(sentence)
    named = named_in(known.case.document)
    flags = []
    rest = _NOT_CITED.sub("", sentence)
    asserted = {found.ref for found in find_citations(rest) if not _denied_before(rest, found.start)}
    for ref in refs:
        if ref not in asserted:
            continue
        instrument, _, pinpoint = ref.partition(":")
        if not pinpoint or named.has(ref):
            continue
        # What the provision's own title tells of is its matter, whether or not the gold rests something on it.
        title = content(normalise(title_of(ref) or ""))
        serves, other = known.weigh(title & words), 0.0
        told: tuple[str, str] = ("", "")
        for entry, text, refs_of_entry in _with_law(known.case.gold):
            kin = [own for own in refs_of_entry if own.startswith(f"{instrument}:")]
            if not kin:
                continue
            # An entry that many provisions bear on tells less of each.
            shared = known.weigh(words & content(normalise(text))) / len(kin) ** 0.5
            if any(lies_within(ref, own) or lies_within(own, ref) for own in kin):
                serves = max(serves, shared)
            elif shared > other:
                other, told = shared, (entry, kin[0])
        if other >= ABOUT and serves < LESS * other:
            flags.append(
                Flag("article", f"{told[0]} is about this and rests on {told[1]}, not on {ref}.", (told[0],))
            )
    return flags


def _without_citations(sentence: str) -> frozenset[str]:
    """The words of weight of a sentence beside its citations."""
    for found in reversed(find_citations(sentence)):
        sentence = sentence[: found.start] + sentence[found.end :]
    return content(normalise(sentence))


def _of_other_title(sentence: str, ref: str, known: Known) -> list[Flag]:
    """A provision whose title has little or nothing of the sentence, where the title of another of the same law has it all."""
    instrument_id, _, pinpoint = ref.partition(":")
    instrument = load_statutes().get(instrument_id)
    own = title_of(ref)
    if (
        instrument is None
        or not pinpoint
        or not own
        or named_in(known.case.document).has(ref)
        or any(_denied_before(sentence, found.start) for found in find_citations(sentence))
    ):
        return []
    words = _without_citations(sentence)
    own_words = content(normalise(own))
    share = known.weigh(own_words & words) / (known.weigh(own_words) or 1.0)
    for article in instrument.articles:
        title = content(normalise(article.title or ""))
        if (share and len(title) < 2) or share > OWN_TITLE:
            continue
        if title and title <= words and known.weigh(title) >= ABOUT_TITLE:
            return [Flag("article", f"{ref} is about {own}; {article.number} is about {article.title}.")]
    return []


def _denied_before(text: str, at: int) -> bool:
    """Whether a denial stands before the place, in the same part of the sentence."""
    part = re.split(r"[,;:]\s", text[:at])[-1]
    return bool(_DENIED.search(part))


def _with_law(gold: Gold) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Entries with their words and the provisions they rest on."""
    for fact in gold.legal_facts:
        yield fact.id, fact.statement, (*fact.statutes_stated, *fact.statutes_inferred)
    for provision in gold.provisions:
        yield provision.id, f"{provision.title} {provision.finding}", provision.statutes
    for exposure in gold.risk.regulatory_exposure:
        penalty = (exposure.penalty.ref,) if exposure.penalty else ()
        yield (
            exposure.id,
            f"{exposure.why} {exposure.penalty.ceiling if exposure.penalty else ''}",
            (*exposure.statutes, *penalty),
        )


def _is_open(sentence: str, match: re.Match[str]) -> bool:
    part = max(sentence.rfind(mark, 0, match.start()) for mark in (", ", "; ", ": ")) + 1
    return bool(
        _OPEN.search(sentence, 0, match.end())
        or _OPEN_IN_PART.search(sentence, part, match.end())
        or _OPEN_BEHIND.match(sentence, match.end())
    )


def find_settled_law(sentence: str) -> list[Flag]:
    """A flag when the sentence settles what the law says of the document."""
    words = find_conclusion(sentence)
    if words is None:
        # A question before a conclusion leaves it open; "breaks the law when it trains" is settled whatever stands behind it.
        match = next(
            (m for m in islice(_SETTLED.finditer(sentence), _MOST) if not _is_open(sentence, m)), None
        )
        if match is None:
            return []
        words = match[0]
    return [Flag("conclusion", f'"{words}" settles a question of law that nobody has decided.')]

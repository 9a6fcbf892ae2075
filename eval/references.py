"""What a gold file's schema cannot know: whether what it refers to exists, and whether the document bears it out.

Passages, anchors and other entries, and words that must or must not stand in the document; ``registered`` sees to what comes from the
registry. Pure: the gold and the document come in, problems go out.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from eval.gold_file import Place, Problem
from eval.keys import has_key, meets_group, missing_groups, plain_key, plain_words
from eval.registered import (
    check_authorities,
    check_category,
    check_decision,
    check_exposure,
    check_law_of_fact,
    check_refs,
    check_severity,
    check_uncitable,
)
from pipeline.checks.folding import fold_text
from schemas.document import Document
from schemas.gold import (
    Anchored,
    CarveOut,
    CitableDecision,
    Fact,
    Gold,
    GoldAction,
    GoldDueDiligence,
    GoldExposure,
    GoldProvision,
    GoldRisk,
    Keys,
    LawfulBasis,
    LegalFact,
    PublishedError,
    Purpose,
    UncitableDecision,
)

Entry = Anchored | GoldDueDiligence | UncitableDecision


class _Ids(NamedTuple):
    """Ids that links may name: any entry's, facts', actions'."""

    entries: frozenset[str]
    facts: frozenset[str]
    actions: frozenset[str]


LISTS = (
    "consumer_facts",
    "legal_facts",
    "purposes",
    "actions",
    "carve_outs",
    "provisions",
    "reference_errors",
)
RISK_LISTS = (
    "regulatory_exposure",
    "material_risks",
    "due_diligence",
    "decisions_citable",
    "decisions_not_citable",
)

# How English documents name a lawful basis, one of these words at least.
_BASIS_WORDS: dict[LawfulBasis, tuple[str, ...]] = {
    "contract": ("contract*", "agreement*", "terms"),
    "legal_obligation": ("legal*", "law", "laws", "obligation*", "oblige*", "comply", "compliance"),
    "legitimate_interest": ("legitimate*",),
    "consent": ("consent*", "permission*", "agree", "release", "authoriz*", "authoris*", "opt* in"),
    "explicit_consent": ("explicit*", "express*"),
    "vital_interests": ("vital*",),
    "public_interest": ("public*",),
}


def list_entries(gold: Gold) -> Iterator[tuple[Place, Entry]]:
    """Every entry that has an id, with its place in the file."""
    for name in LISTS:
        for index, entry in enumerate(getattr(gold, name)):
            yield (name, index), entry
    for name in RISK_LISTS:
        for index, entry in enumerate(getattr(gold.risk, name)):
            yield ("risk", name, index), entry


def check_references(
    gold: Gold, document: Document, *, other_ids: Iterable[str] = (), other_anchors: Iterable[str] = ()
) -> list[Problem]:
    """Every problem of a gold with its document, in the file's order of kinds.

    ``other_ids`` and ``other_anchors`` exist in the file although they are not in ``gold``, being of entries that its schema refused.
    """
    entries = list(list_entries(gold))
    own = {entry.id for _, entry in entries}
    others = frozenset(other_ids) - own
    ids = _Ids(
        others | own,
        others | {entry.id for _, entry in entries if isinstance(entry, Fact)},
        others | {entry.id for _, entry in entries if isinstance(entry, GoldAction)},
    )
    return [
        *_policy(gold, document),
        *_unique_ids(entries),
        *_anchors(gold, document, entries, set(other_anchors)),
        *_texts(gold, document),
        *check_authorities(gold, document),
        *_statements(gold),
        *_cited_twice(gold),
        *(
            problem
            for place, entry in entries
            for problem in _entry(place, entry, document, _passages_of(gold, document, entry), ids)
        ),
    ]


def _policy(gold: Gold, document: Document) -> Iterator[Problem]:
    policy = gold.policy
    for name in ("title", "company", "effective_date", "language"):
        given, read = getattr(policy, name), getattr(document, name)
        if given != read:
            yield Problem(
                ("policy", name),
                f"this file says {given or 'null'}, and the document's {name.replace('_', ' ')} reads as {read or 'null'}; correct one.",
            )


def _unique_ids(entries: list[tuple[Place, Entry]]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for place, entry in entries:
        if entry.id in first:
            shown = f"{'.'.join(str(p) for p in first[entry.id][:-1])}[{first[entry.id][-1]}]"
            yield Problem((*place, "id"), f"{entry.id} is already the id of {shown}; give this one its own.")
        first.setdefault(entry.id, place)


def _anchors(
    gold: Gold, document: Document, entries: list[tuple[Place, Entry]], others: set[str]
) -> Iterator[Problem]:
    for name, passages in gold.anchors.items():
        for index, passage_id in enumerate(passages):
            place: Place = ("anchors", name, index)
            if document.find(passage_id) is None:
                yield Problem(
                    place, f"the document has no passage {passage_id!r}; clausewise document shows its ids."
                )
            if passage_id in passages[:index]:
                yield Problem(place, f"{passage_id} stands here twice; keep one.")
    used: set[str] = set()
    for entry_place, entry in entries:
        if not isinstance(entry, Anchored):
            continue
        used.update(entry.anchors)
        for index, name in enumerate(entry.anchors):
            place = (*entry_place, "anchors", index)
            if name not in gold.anchors and name not in others:
                yield Problem(place, f"there is no anchor {name!r}; define it under anchors or correct it.")
            if name in entry.anchors[:index]:
                yield Problem(place, f"{name} stands here twice; keep one.")
    for name in gold.anchors:
        # What refused entries use is not known.
        if name not in used and not others:
            yield Problem(("anchors", name), f"no entry uses the anchor {name}; cite it or remove it.")


def _passages_of(gold: Gold, document: Document, entry: Entry) -> tuple[str, ...]:
    """The texts of the passages that an entry's anchors name, those that exist."""
    names = entry.anchors if isinstance(entry, Anchored) else ()
    found = (document.find(passage_id) for name in names for passage_id in gold.anchors.get(name, ()))
    return tuple(document.text_of(passage) for passage in found if passage is not None)


def _texts(gold: Gold, document: Document) -> Iterator[Problem]:
    text = fold_text(document.text)
    for index, name in enumerate(gold.names):
        if not _stands(name, text):
            yield Problem(
                ("names", index), f"the document does not use the name {name!r}; correct or remove it."
            )
        if name in gold.names[:index]:
            yield Problem(("names", index), f"{name!r} stands here twice; keep one.")
    for index, name in enumerate(gold.names_absent):
        if _stands(name, text):
            yield Problem(
                ("names_absent", index), f"the document does use the name {name!r}; it belongs under names."
            )
        if name in gold.names_absent[:index]:
            yield Problem(("names_absent", index), f"{name!r} stands here twice; keep one.")


def _stands(name: str, folded: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold_text(name))}(?!\w)", folded) is not None


def _statements(gold: Gold) -> Iterator[Problem]:
    """Statements given twice in a list, and contradictions that are no contradictions."""
    lists: tuple[tuple[str, tuple[Fact | CarveOut, ...]], ...] = (
        ("consumer_facts", gold.consumer_facts),
        ("legal_facts", gold.legal_facts),
        ("carve_outs", gold.carve_outs),
    )
    told: dict[str, str] = {}
    for name, entries in lists:
        here: dict[str, str] = {}
        for index, entry in enumerate(entries):
            words = plain_words(entry.statement)
            if words in here:
                yield Problem(
                    (name, index, "statement"), f"{here[words]} states the same; say what is new or drop one."
                )
            here.setdefault(words, entry.id)
        told = here | told
    for name, entries in lists:
        for index, entry in enumerate(entries):
            seen: set[str] = set()
            for number, contradiction in enumerate(entry.contradictions):
                place, words = (name, index, "contradictions", number), plain_words(contradiction)
                if words in told:
                    yield Problem(
                        place, f"this is what {told[words]} states; write a sentence that is wrong."
                    )
                if words in seen:
                    yield Problem(place, "the same contradiction stands here twice; keep one.")
                seen.add(words)


def _cited_twice(gold: Gold) -> Iterator[Problem]:
    cited: dict[str, str] = {}
    for index, entry in enumerate(gold.risk.decisions_citable):
        if entry.decision in cited:
            place = ("risk", "decisions_citable", index, "decision")
            yield Problem(place, f"{cited[entry.decision]} is about this decision already; keep one.")
        cited.setdefault(entry.decision, entry.id)


def _entry(
    place: Place, entry: Entry, document: Document, passages: tuple[str, ...], ids: _Ids
) -> Iterator[Problem]:
    if isinstance(entry, Anchored):
        yield from _absent_terms(place, entry, document)
    if isinstance(entry, Fact):
        yield from _fact(place, entry)
    match entry:
        case LegalFact():
            yield from check_law_of_fact(place, entry, document)
        case Purpose():
            yield from _purpose(place, entry, document, passages)
        case GoldAction():
            yield from _keys(place, entry.keys, entry.statement, "statement")
        case CarveOut():
            yield from _carve_out(place, entry)
        case GoldProvision():
            yield from check_category(place, entry.category)
            yield from check_severity(place, entry)
            yield from check_refs((*place, "statutes"), entry.statutes)
            yield from _links((*place, "actions"), entry.actions, ids.actions, "action")
        case GoldExposure():
            yield from check_exposure(place, entry)
        case GoldRisk():
            yield from check_category(place, entry.category)
            yield from _keys(place, entry.keys, f"{entry.title} {entry.rationale}", "title and rationale")
        case GoldDueDiligence():
            yield from check_category(place, entry.category)
            yield from _links((*place, "links"), entry.links, ids.entries - {entry.id}, "other entry")
            asked = f"{entry.action} {' '.join(entry.evidence_to_request)}"
            yield from _keys(place, entry.keys, asked, "action and evidence")
        case CitableDecision():
            yield from check_decision(place, entry.decision)
        case UncitableDecision():
            yield from check_uncitable(place, entry)
        case PublishedError():
            yield from _links((*place, "facts"), entry.facts, ids.facts, "fact")
            if plain_words(entry.statement) == plain_words(entry.right_statement):
                yield Problem(
                    (*place, "right_statement"), "the right statement is the wrong one; say what holds."
                )


def _absent_terms(place: Place, entry: Anchored, document: Document) -> Iterator[Problem]:
    for index, term in enumerate(entry.absent_terms):
        where = (*place, "absent_terms", index)
        if not plain_key(term):
            yield Problem(where, f"{term!r} has neither letter nor digit; write a word.")
            continue
        for passage in document.passages:
            if has_key(document.text_of(passage), term):
                yield Problem(
                    where,
                    f"the document does say {term!r}, in {passage.id}; the absence does not hold as it stands.",
                )
                break


def _fact(place: Place, fact: Fact) -> Iterator[Problem]:
    yield from _keys(place, fact.keys, fact.statement, "statement")
    if fact.importance == "must":
        for name in ("keys", "contradictions"):
            if not getattr(fact, name):
                yield Problem((*place, name), f"a must fact needs {name}; add them or lower its importance.")


def _keys(place: Place, keys: Keys, text: str, name: str) -> Iterator[Problem]:
    """Keys that are none, that stand twice, and groups that the annotator's own words do not meet."""
    for number, group in enumerate(keys):
        plain = [plain_key(key) for key in group]
        for index, key in enumerate(group):
            where = (*place, "keys", number, index)
            if not plain[index]:
                yield Problem(where, f"{key!r} has neither letter nor digit; write a word.")
            elif plain[index] in plain[:index]:
                yield Problem(where, f"{key!r} stands in its group twice; keep one.")
    for group in missing_groups(text, keys):
        where = (*place, "keys", keys.index(group))
        yield Problem(
            where, f"the {name} itself has none of {', '.join(group)}; no text like it could be found."
        )


def _purpose(
    place: Place, purpose: Purpose, document: Document, passages: tuple[str, ...]
) -> Iterator[Problem]:
    yield from _keys(place, purpose.keys, purpose.purpose, "purpose")
    for index, basis in enumerate(purpose.bases):
        where = (*place, "bases", index)
        if basis in purpose.bases[:index]:
            yield Problem(where, f"{basis} stands here twice; keep one.")
        said = any(meets_group(passage, _BASIS_WORDS[basis]) for passage in passages)
        if not said and passages and document.language == "en":
            yield Problem(
                where,
                f"no anchored passage names {basis.replace('_', ' ')} as a basis; correct it or the anchors.",
            )


def _carve_out(place: Place, carve_out: CarveOut) -> Iterator[Problem]:
    for index, member in enumerate(carve_out.not_left_out):
        words = {plain_key(word) for word in member.words}
        for other in carve_out.left_out:
            if shared := words & {plain_key(word) for word in other.words}:
                yield Problem(
                    (*place, "not_left_out", index, "words"),
                    f"{sorted(shared)[0]!r} names {other.who} too, who is left out; write what tells the two apart.",
                )
    keys = (*carve_out.about, *(member.words for member in carve_out.left_out))
    for group in missing_groups(carve_out.statement, keys):
        yield Problem(
            (*place, "statement"),
            f"the statement has none of {', '.join(group)}; name them as the entry does.",
        )


def _links(place: Place, links: tuple[str, ...], known: frozenset[str], kind: str) -> Iterator[Problem]:
    for index, link in enumerate(links):
        if link not in known:
            yield Problem((*place, index), f"there is no {kind} {link} in this file; correct or remove it.")
        if link in links[:index]:
            yield Problem((*place, index), f"{link} stands here twice; keep one.")

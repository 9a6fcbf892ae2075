"""Gold: what a careful reader found in one document, against which drafts are scored.

Written by people in YAML (``eval/gold/README.md`` says how), so that a mistyped key must not pass: everything is strict. What a
schema cannot know (whether a passage, a law or another entry exists) ``clausewise eval lint`` checks.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Value

ONE_LINE = r"^\S(?:.*\S)?$"
ENTRY_ID = r"^[A-Z]{2}-[0-9]{2,3}$"
ANCHOR_NAME = r"^[a-z0-9][a-z0-9._-]*$"
KEY = r"^[^\s*]+\*?(?: [^\s*]+\*?)*$"

Text = Annotated[str, StringConstraints(pattern=ONE_LINE)]
EntryId = Annotated[str, StringConstraints(pattern=ENTRY_ID)]
AnchorName = Annotated[str, StringConstraints(pattern=ANCHOR_NAME)]
Key = Annotated[str, StringConstraints(pattern=KEY)]
Keys = tuple[Annotated[tuple[Key, ...], Field(min_length=1)], ...]
Names = tuple[Text, ...]

Importance = Literal["must", "should", "may"]
Level = Literal["low", "medium", "high"]
GoldBasis = Literal["stated", "mixed", "inferred"]
LawfulBasis = Literal[
    "contract",
    "legal_obligation",
    "legitimate_interest",
    "consent",
    "explicit_consent",
    "vital_interests",
    "public_interest",
]
ErrorType = Literal[
    "polarity_flip",
    "scope_error",
    "wrong_number",
    "wrong_lawful_basis",
    "wrong_article",
    "invented_precedent",
    "omitted_must_fact",
    "unsupported_claim",
    "wrong_entity_or_date",
    "overclaim_legal_conclusion",
    "wording",
]


class GoldPolicy(Value):
    """The document that was annotated. ``file`` is its name in ``eval/policies``; title, company, date and language are what
    ``clausewise document`` reads from it. ``worked_from`` says what the annotator had before them.
    """

    file: Text
    title: Text
    company: Text | None
    effective_date: date | None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    worked_from: Text


class Anchored(Value):
    """An entry that stands somewhere in the document.

    ``anchors`` name the passages that carry it. ``absent_terms`` serve what the document does NOT say: words one of which would have
    to stand in it if it did say it (written as keys are); none of them may. An entry has one or the other, or both.
    """

    id: EntryId
    anchors: tuple[AnchorName, ...] = ()
    absent_terms: tuple[Key, ...] = ()
    note: Text | None = Field(default=None, description="For the next annotator; nothing is scored by it.")

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if not self.anchors and not self.absent_terms:
            raise ValueError("give the anchors of the passages that carry it, or absent_terms for an absence")
        return self


class Fact(Anchored):
    """Something the document says (or leaves out) that a summary may have to tell.

    ``statement`` is one right sentence in the annotator's words, ``contradictions`` wrong ones that cannot stand beside it.

    ``keys`` are groups of alternative words: a text can state the fact only when it has one word of each group. A key is a word or a
    run of words; case does not count, and ``*`` at the end of a word stands for any ending (``train*``, ``opt* out``).
    """

    importance: Importance
    statement: Text
    keys: Keys = ()
    contradictions: tuple[Text, ...] = ()


class ConsumerFact(Fact):
    """A fact for the people whose data it is."""


class LegalFact(Fact):
    """A fact for lawyers.

    ``basis``: ``stated`` when the document says all of it, ``mixed`` when it says the fact and the law is our mapping, ``inferred``
    when the fact itself follows from law or from silence. ``statutes_stated`` are named in the document, ``statutes_inferred`` are not;
    both are references of the registry of law (``GDPR:6(1)(f)``).
    """

    basis: GoldBasis
    statutes_stated: tuple[Text, ...] = ()
    statutes_inferred: tuple[Text, ...] = ()


class Purpose(Anchored):
    """A purpose of processing with exactly the lawful bases that the document states for it; no ``bases`` when it states none.

    ``keys`` are the words that name the purpose, as in a fact.
    """

    purpose: Text
    bases: tuple[LawfulBasis, ...]
    keys: Annotated[Keys, Field(min_length=1)]


class GoldAction(Anchored):
    """Something that the document lets people do: ``control`` by a setting or tool of the product, ``route`` by writing to somebody."""

    kind: Literal["control", "route"]
    statement: Text
    keys: Annotated[Keys, Field(min_length=1)]


class InferableAuthority(Value):
    """An authority that the document does not name and that a draft may name as an inference, with the reason."""

    authority: Text
    why: Text


class GoldAuthorities(Value):
    """Authorities by id of the registry: those that the document names, and those that may be inferred."""

    named: tuple[Text, ...]
    inferable: tuple[InferableAuthority, ...] = ()


class Member(Value):
    """Who or what a carve-out leaves out or not, with the words that name it (alternatives, written as keys are)."""

    who: Text
    words: Annotated[tuple[Key, ...], Field(min_length=1)]


class CarveOut(Anchored):
    """An exception: ``left_out`` is not touched by what ``about`` names, ``not_left_out`` is, though one might think otherwise.

    ``about`` are keys of what the exception is made from (``[[train*]]``).
    """

    importance: Importance
    statement: Text
    about: Annotated[Keys, Field(min_length=1)]
    left_out: Annotated[tuple[Member, ...], Field(min_length=1)]
    not_left_out: tuple[Member, ...] = ()
    contradictions: tuple[Text, ...] = ()


class GoldProvision(Anchored):
    """A provision of the document. ``category`` and ``severity_rule`` are ids of the taxonomy.

    ``severity`` is the rule's level, or one step less with the reason in ``lowered_because`` (the product's own immediate, complete and
    reversible control). ``actions`` are ids of the actions above that help. ``importance``: a draft without a ``may`` provision lacks
    nothing, and one with it is right.
    """

    importance: Importance
    category: Text
    title: Text
    severity: Level
    severity_rule: Text
    lowered_because: Text | None = None
    finding: Text
    affected: Text
    what_you_can_do: Text
    actions: tuple[EntryId, ...] = ()
    statutes: tuple[Text, ...] = ()


class Penalty(Value):
    """The most that a breach may cost, with the provision that says so."""

    ref: Text
    ceiling: Text


class GoldExposure(Anchored):
    """Where law bears on the document: a question to examine, never a finding of breach.

    ``statutes`` are references of one instrument, or of several acts that raise the same question. ``likelihood`` is the chance that an
    authority or claimant raises it within about two years, ``severity`` what follows if the point is upheld. ``enforcers`` are ids of
    authorities in the registry.
    """

    statutes: Annotated[tuple[Text, ...], Field(min_length=1)]
    why: Text
    likelihood: Level
    severity: Level
    basis: GoldBasis
    enforcers: Annotated[tuple[Text, ...], Field(min_length=1)]
    penalty: Penalty | None = None


class GoldRisk(Anchored):
    """A risk for those who rely on the service. ``keys`` as in a fact: the words a text needs to have told the risk."""

    title: Text
    category: Text
    severity: Level
    likelihood: Level
    rationale: Text
    mitigations: Annotated[tuple[Text, ...], Field(min_length=1)]
    keys: Keys = ()


class GoldDueDiligence(Value):
    """Something to ask of the vendor. ``links`` are ids of the entries that give rise to it; ``keys`` as in a fact."""

    id: EntryId
    priority: Level
    category: Text
    action: Text
    evidence_to_request: Annotated[tuple[Text, ...], Field(min_length=1)]
    owner: Text
    links: Annotated[tuple[EntryId, ...], Field(min_length=1)]
    keys: Keys = ()
    note: Text | None = None


class CitableDecision(Anchored):
    """A decision of the registry that a draft may cite, and the practice of this document that it bears on."""

    decision: Text
    importance: Importance
    relevance: Text


class UncitableDecision(Value):
    """What must not be said of decisions. ``registry_statement`` is the id in the registry's do-not-cite list, where it has one."""

    id: EntryId
    decision: Text | None = None
    registry_statement: Text | None = None
    statement: Text
    reason: Text


class GoldRiskAssessment(Value):
    """The parts of a risk assessment beside the provisions."""

    regulatory_exposure: tuple[GoldExposure, ...]
    material_risks: tuple[GoldRisk, ...]
    due_diligence: tuple[GoldDueDiligence, ...]
    decisions_citable: tuple[CitableDecision, ...]
    decisions_not_citable: tuple[UncitableDecision, ...]


class PublishedError(Anchored):
    """An error of a summary that others published of this document, in our words. ``facts`` are ids of the facts that it gets wrong.

    ``gravity``: ``major`` changes what a reader would do or believe, ``moderate`` a lawyer would correct, ``minor`` is wording.
    """

    source: Literal["consumer", "legal"]
    type: ErrorType
    gravity: Literal["minor", "moderate", "major"]
    statement: Text
    right_statement: Text
    facts: tuple[EntryId, ...] = ()


class Gold(Value):
    """The annotations of one document.

    ``anchors`` give passages of the document short names: name -> passage ids. ``names`` are products, plans and companies that the
    document uses; ``names_absent`` are names that it does not use and that summaries tend to add.
    """

    schema_version: Literal["1.0"]
    policy: GoldPolicy
    anchors: dict[AnchorName, Annotated[tuple[Text, ...], Field(min_length=1)]]
    consumer_facts: Annotated[tuple[ConsumerFact, ...], Field(min_length=1)]
    legal_facts: Annotated[tuple[LegalFact, ...], Field(min_length=1)]
    purposes: tuple[Purpose, ...]
    actions: tuple[GoldAction, ...]
    authorities: GoldAuthorities
    names: Names
    names_absent: Names
    carve_outs: tuple[CarveOut, ...]
    provisions: Annotated[tuple[GoldProvision, ...], Field(min_length=1)]
    risk: GoldRiskAssessment
    reference_errors: tuple[PublishedError, ...] = ()

"""From decisions to what is published: an edition holds exactly what the editor let stand, in every format, with the evidence of that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.checks.whole import check_all
from pipeline.publish.edition import FORMATS, make_edition
from pipeline.review.desk import Desk
from pipeline.review.draft_view import name_units
from pipeline.review.publishing import publish, published_edition
from pipeline.store.reviews import ReviewStore
from schemas.draft import Draft
from schemas.edition import Audience, Edition
from schemas.review import NewDecision
from tests.review_drafts import Clock
from tests.sample_draft import sample_draft
from tests.test_edition import AUDIENCES, _whole

# What the editor writes, in words that stand nowhere in the sample.
EDITED = "Larkspur runs the notebook and the invoices by contract; for the rest it names legitimate interest."
EDITED_ACTION = "Object in writing to the use of your data."
EDITED_RATIONALE = "Employees with a free notebook feed it until they switch learning off."
ADDED = "Anybody whose request is turned down is free to complain to the CNIL."
ADDED_ACTION = "Complain to the CNIL."
WHY = "A slip of the model that no reader of an edition sees."

Raw = dict[str, Any]


def _evidence(passage_id: str, quote: str) -> list[Raw]:
    return [{"passage_id": passage_id, "quote": quote}]


def _claim(text: str, evidence: list[Raw], **more: Any) -> Raw:
    return {
        "text": text,
        "basis": "stated",
        "evidence": evidence,
        "absent_terms": [],
        "statutes": [],
        **more,
    }


COMPLAINT = _evidence("your-rights.4", "You can complain to the CNIL.")
SENTENCE = _claim(ADDED, COMPLAINT, role="considerations")
ACTION = _claim(ADDED_ACTION, COMPLAINT, kind="request")
# Of the legal sentence on lawful bases: other words, of two of its four passages, under another article.
BASES = {
    "text": EDITED,
    "evidence": [
        *_evidence("what-we-collect.1", "Basis: contract"),
        *_evidence("what-we-collect.5", "Basis: legitimate interest"),
    ],
    "statutes": [{"ref": "GDPR:13(1)(c)", "basis": "inferred"}],
}


def _draft() -> Draft:
    return sample_draft(("GARANTE-OPENAI-2024", "EP-NOWHERE"))


def _let_stand(raw: Raw) -> list[str]:
    """Change a draft's JSON by hand as the decisions below do; the texts that it loses."""
    consumer, legal, risk = raw["consumer"]["sentences"], raw["legal"]["sentences"], raw["risk"]
    first = risk["provisions"][0]
    gone = [
        consumer.pop(1)["text"],
        legal[1]["text"],
        first["what_you_can_do"].pop(2)["text"],
        first["what_you_can_do"][1]["text"],
        risk["material_risks"][0]["rationale"]["text"],
        risk["vendor_due_diligence"].pop(1)["action"],
        risk["left_out"].pop(1)["reason"],
    ]
    out = risk["provisions"].pop(1)
    gone += [out["title"], out["what_it_is"]["text"], out["why_it_matters"]["text"], out["who_is_affected"]]
    gone += [action["text"] for action in out["what_you_can_do"]]
    risk["enforcement_precedents"].pop(1)
    legal[1] |= BASES
    legal.append(SENTENCE)
    first |= {"severity": "medium", "severity_rule": "M1"}
    first["what_you_can_do"][1]["text"] = EDITED_ACTION
    first["what_you_can_do"].append(ACTION)
    risk["material_risks"][0] |= {"severity": "low", "likelihood": "high"}
    risk["material_risks"][0]["rationale"]["text"] = EDITED_RATIONALE
    risk["regulatory_exposure"][0] |= {"articles": ["25(2)"], "likelihood": "low"}
    return gone


# The same as decisions: kind, path, and what changes of the unit's value, or all of an entry that is new.
DECISIONS: tuple[tuple[str, str, Raw | None], ...] = (
    ("accept", "consumer.sentences[0]", None),
    ("reject", "consumer.sentences[1]", None),
    ("edit", "legal.sentences[1]", BASES),
    ("add", "legal.sentences", SENTENCE),
    ("edit", "risk.provisions[0]", {"severity": "medium", "severity_rule": "M1"}),
    ("edit", "risk.provisions[0].what_you_can_do[1]", {"text": EDITED_ACTION}),
    ("reject", "risk.provisions[0].what_you_can_do[2]", None),
    ("add", "risk.provisions[0].what_you_can_do", ACTION),
    ("reject", "risk.provisions[1]", None),
    ("accept", "risk.provisions[2]", None),
    ("edit", "risk.regulatory_exposure[0]", {"articles": ["25(2)"], "likelihood": "low"}),
    ("edit", "risk.material_risks[0]", {"severity": "low", "likelihood": "high"}),
    ("edit", "risk.material_risks[0].rationale", {"text": EDITED_RATIONALE}),
    ("reject", "risk.vendor_due_diligence[1]", None),
    ("reject", "risk.enforcement_precedents[1]", None),
    ("reject", "risk.left_out[1]", None),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ReviewStore.open(tmp_path_factory.mktemp("desk") / "store.db") as store:
        yield Desk(store, clock=Clock())


@pytest.fixture(scope="module")
def id_(desk: Desk) -> str:
    """A review of which all is decided, with one decision too many that is taken back."""
    id_ = desk.enter_draft(_draft(), "anna").id
    for kind, path, change in (*DECISIONS, ("reject", "consumer.sentences[2]", None)):
        units = desk.open(id_).folded.units
        after = {**units[path].value, **(change or {})} if kind == "edit" else change
        made = NewDecision.model_validate({"kind": kind, "path": path, "after": after, "reason": WHY})
        desk.decide(id_, "anna", [made], {path: units[path].last if path in units else 0})
    desk.undo(id_, "anna")
    desk.approve(id_, "anna", override="Counsel has read it.")
    return id_


@pytest.fixture(scope="module")
def published(
    desk: Desk, id_: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[Audience, tuple[Edition, dict[str, bytes]]]:
    out = tmp_path_factory.mktemp("out")

    def files(audience: Audience) -> dict[str, bytes]:
        done = publish(desk, id_, "anna", audience, out)
        return {name: Path(done.folder, name).read_bytes() for name in done.files}

    written = {audience: files(audience) for audience in AUDIENCES}
    editions = {row.audience: published_edition(desk, row) for row in desk.store.publications(id_)}
    return {audience: (editions[audience], written[audience]) for audience in AUDIENCES}


def _by_hand(part: Any, raw: dict[str, list[Raw]]) -> Any:
    """An artefact of these entries, which may be fewer than a model must write."""
    return type(part).model_construct(
        **{
            name: [type(getattr(part, name)[0]).model_validate(entry) for entry in entries]
            for name, entries in raw.items()
        }
    )


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_edition_is_that_of_the_draft_which_somebody_changes_by_hand_in_the_same_way(
    audience: Audience, desk: Desk, id_: str, published: dict[Audience, tuple[Edition, dict[str, bytes]]]
) -> None:
    draft = _draft()
    raw = draft.model_dump(mode="json")
    _let_stand(raw)
    consumer, legal, risk = (
        _by_hand(part, raw[root])
        for root, part in (("consumer", draft.consumer), ("legal", draft.legal), ("risk", draft.risk))
    )
    citations, findings = check_all(draft.document, consumer, legal, risk)
    by_hand = draft.model_copy(
        update={
            "consumer": consumer,
            "legal": legal,
            "risk": risk,
            "citations": citations,
            "findings": (*(f for f in draft.findings if f.code.startswith("document.")), *findings),
        }
    )
    reviewed = desk.open(id_)
    approval = desk.approval(reviewed)
    assert approval is not None
    assert (approval.accepted, approval.edited, approval.added) == (2, 6, 2)
    blocking = [f.finding for f in reviewed.folded.blocking]
    edition, _ = published[audience]
    units, names = reviewed.folded.units, name_units(reviewed.folded)
    desk_names = {unit.now: names[path] for path, unit in units.items() if unit.now}
    assert edition == make_edition(by_hand, approval, audience, blocking=blocking, desk_names=desk_names)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_was_rejected_or_replaced_stands_in_no_file_and_what_replaced_it_in_each(
    audience: Audience, published: dict[Audience, tuple[Edition, dict[str, bytes]]]
) -> None:
    gone = _let_stand(_draft().model_dump(mode="json"))
    assert len(gone) == len(set(gone)) == 12
    there = [EDITED, EDITED_ACTION, ADDED, ADDED_ACTION]
    if audience == "professional":
        there.append(EDITED_RATIONALE)
    files = _whole(published[audience][1])
    assert set(files) == set(FORMATS)
    for ending, text in files.items():
        for words in gone:
            assert words not in text, (ending, words)
        for words in there:
            assert words in text, (ending, words)
        assert WHY not in text, ending
        assert (EDITED_RATIONALE in text) is (audience == "professional"), ending
        assert "EP-NOWHERE" not in text, ending


def test_all_of_that_stands_in_the_files_of_the_draft_as_the_model_wrote_it(
    tmp_path: Path,
) -> None:
    gone = _let_stand(_draft().model_dump(mode="json"))
    with ReviewStore.open(tmp_path / "store.db") as store:
        desk = Desk(store, clock=Clock())
        id_ = desk.enter_draft(_draft(), "anna").id
        desk.approve(id_, "anna", override="Unread.")
        done = publish(desk, id_, "anna", "professional", tmp_path / "out")
        files = _whole({name: Path(done.folder, name).read_bytes() for name in done.files})
    for ending, text in files.items():
        assert [words for words in gone if words not in text] == [], ending


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_edited_claim_shows_its_own_evidence_and_law_and_no_passage_stays_without_a_claim(
    audience: Audience, published: dict[Audience, tuple[Edition, dict[str, bytes]]]
) -> None:
    edition, files = published[audience]
    (edited,) = [claim for claim in edition.legal if claim.text == EDITED]
    assert [(quote.passage_id, quote.words) for quote in edited.quotes] == [
        ("what-we-collect.1", "Basis: contract"),
        ("what-we-collect.5", "Basis: legitimate interest"),
    ]
    assert all(quote.match == "exact" for quote in edited.quotes)
    assert [statute.ref for statute in edited.statutes] == ["GDPR:13(1)(c)"]
    (added,) = [claim for claim in edition.legal if claim.text == ADDED]
    assert [quote.passage_id for quote in added.quotes] == ["your-rights.4"]
    passages = {passage.id for passage in edition.passages}
    # Quoted by what the editor changed or rejected, and by nothing else in this edition.
    assert not {"what-we-collect.3", "what-we-collect.4"} & passages
    assert ("sharing.2" in passages) is (audience == "professional")
    assert {"what-we-collect.1", "what-we-collect.5", "your-rights.4"} <= passages
    assert edition.provisions[0].severity == "medium"
    for ending, text in _whole(files).items():
        assert "Purpose: to improve Wren" not in text, ending

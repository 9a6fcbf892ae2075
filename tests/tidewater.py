"""A small invented policy, and answers about it in which the checks find nothing.

    document = tidewater()                         # read as any source is
    endpoint.script_with(answers_for(document))    # the right artefact for whatever schema is asked for
    consumer(document), legal(document), risk(document)

Evidence is looked up by its words, so the artefacts do not depend on how passages are numbered.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from pipeline.document.reader import read_document
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.source.fetched import Fetched
from schemas.document import Document, Source
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary
from tests.endpoint import Reply, Request, answer

POLICY = """\
# Tidewater Privacy Policy

Effective March 3, 2026.

Tidewater Ltd runs the Tidewater tide tables and the Tidewater app.
This policy says what we do with your personal data.
It covers everyone who uses the app.
It does not cover the harbour boards that buy our tables under a separate contract.

## Who we are

The controller is Tidewater Ltd, 4 Quay Lane, Dublin, Ireland.
You can reach our data protection officer at privacy@tidewater.example.

## What we use and why

| Data | Purpose | Lawful basis |
| --- | --- | --- |
| Name and e-mail address | To run your account | Contract |
| Catch reports that you write | To train our forecast model | Legitimate interest |
| Place of your boat | To warn you of storms | Consent |

## Training

We use your catch reports to train our forecast model unless you opt out.
You can opt out under Settings, then Privacy.
Opting out does not reach reports that you rated.

## Sharing

We share your data with the company that hosts the app.
We do not sell your personal data.

## Keeping

We keep catch reports for 90 days after you delete them.
We keep account data for two years after you close your account.

## Your rights

You can ask us for a copy of your data, have it corrected or have it deleted.
You can object to the training.
You can complain to the Data Protection Commission.

## Changes

We may change this policy and will tell you by e-mail.
"""


def tidewater(text: str = POLICY) -> Document:
    """The policy, or another text in its place, read as a Markdown file is."""
    data = text.encode()
    source = Source(
        name="tidewater.md",
        media_type="text/markdown",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
    return read_document(Fetched(source, data))


def evidence(document: Document, *quotes: str) -> list[dict[str, str]]:
    """Each quote with the id of the first passage that holds it."""
    found = []
    for quote in quotes:
        holders = [p.id for p in document.passages if quote in document.text_of(p)]
        assert holders, f"no passage holds «{quote}»"
        found.append({"passage_id": holders[0], "quote": quote})
    return found


def claim(document: Document, text: str, *quotes: str, **more: Any) -> dict[str, Any]:
    """A claim that the policy states, carried by these quotes; ``more`` replaces or adds fields."""
    return {
        "text": text,
        "basis": "stated",
        "evidence": evidence(document, *quotes),
        "absent_terms": [],
        "statutes": [],
    } | more


def consumer(document: Document) -> ConsumerSummary:
    """The consumer summary."""
    return ConsumerSummary.model_validate(
        {
            "sentences": [
                claim(
                    document,
                    "The Tidewater app uses your name, your e-mail and your catch reports; this policy covers you when you "
                    "use the app, but not harbour boards.",
                    "Name and e-mail address",
                    "It covers everyone who uses the app.",
                    "It does not cover the harbour boards",
                    "use your catch reports",
                    role="what_and_whom",
                ),
                claim(
                    document,
                    "Tidewater uses your catch reports to train its model unless you opt out; the opt-out does not reach "
                    "reports that you rated.",
                    "We use your catch reports to train our forecast model unless you opt out.",
                    "Opting out does not reach reports that you rated.",
                    role="most_important",
                ),
                claim(
                    document,
                    "You can opt out under Settings, then Privacy; you can ask for a copy of your data; you can object to the "
                    "training.",
                    "You can opt out under Settings, then Privacy.",
                    "You can ask us for a copy of your data",
                    "You can object to the training.",
                    role="what_you_can_do",
                ),
            ]
        }
    )


def misquoted(document: Document) -> ConsumerSummary:
    """The consumer summary with a quote that its passage does not have."""
    summary = consumer(document)
    summary.sentences[1].evidence[0].quote = "We never use your catch reports to train our forecast model."
    return summary


def legal(document: Document) -> LegalSummary:
    """The legal summary."""
    return LegalSummary.model_validate(
        {
            "sentences": [
                claim(
                    document,
                    "The privacy policy, effective March 3, 2026, names Tidewater Ltd, 4 Quay Lane, Dublin, Ireland, as the "
                    "controller.",
                    "Effective March 3, 2026.",
                    "The controller is Tidewater Ltd, 4 Quay Lane, Dublin, Ireland.",
                    role="instrument",
                ),
                claim(
                    document,
                    "The account rests on contract, training of the forecast model on legitimate interest, and storm warnings "
                    "on consent.",
                    "To run your account",
                    "To train our forecast model",
                    "To warn you of storms",
                    role="lawful_bases",
                ),
                claim(
                    document,
                    "The policy grants a copy, correction and deletion of data, and keeps catch reports for 90 days after "
                    "deletion.",
                    "You can ask us for a copy of your data, have it corrected or have it deleted.",
                    "We keep catch reports for 90 days after you delete them.",
                    role="rights_and_obligations",
                ),
                claim(
                    document,
                    "The opt-out from training does not reach reports that the person rated.",
                    "Opting out does not reach reports that you rated.",
                    role="notable_terms",
                ),
                claim(
                    document,
                    "Complaints go to the Data Protection Commission.",
                    "You can complain to the Data Protection Commission.",
                    role="law_and_authority",
                ),
                claim(
                    document,
                    "By inference, a review would examine whether legitimate interest carries the training on catch reports.",
                    "We use your catch reports to train our forecast model unless you opt out.",
                    basis="inferred",
                    statutes=[{"ref": "GDPR:6(1)(f)", "basis": "inferred"}],
                    role="considerations",
                ),
            ]
        }
    )


def risk(document: Document) -> RiskAssessment:
    """The risk assessment: a provision on training, and every category that the policy touches beside it left out."""
    category, training = (
        "ai_training",
        "use your catch reports to train our forecast model unless you opt out",
    )
    rule = load_taxonomy().severity_rule("H1")
    assert rule is not None
    return RiskAssessment.model_validate(
        {
            "provisions": [
                {
                    "category": category,
                    "title": "Catch reports train the forecast model",
                    "severity": rule.level,
                    "severity_rule": rule.id,
                    "confidence": "high",
                    "what_it_is": claim(
                        document, "Tidewater uses catch reports to train its forecast model.", training
                    ),
                    "why_it_matters": claim(
                        document,
                        "In our reading, what a person wrote may shape what the model tells others.",
                        training,
                        basis="inferred",
                    ),
                    "who_is_affected": "People who write catch reports.",
                    "what_you_can_do": [
                        claim(
                            document,
                            "Opt out under Settings, then Privacy.",
                            "You can opt out under Settings, then Privacy.",
                            kind="control",
                        )
                    ],
                }
            ],
            "regulatory_exposure": [
                {
                    "statute": "GDPR",
                    "articles": ["6(1)(f)"],
                    "rationale": claim(
                        document,
                        "By inference, the training raises the question whether legitimate interest carries it.",
                        training,
                        basis="inferred",
                    ),
                    "severity": "medium",
                    "likelihood": "low",
                    "enforcers": [],
                }
            ],
            "material_risks": [
                {
                    "title": "Reports reach a model",
                    "category": category,
                    "severity": "medium",
                    "likelihood": "medium",
                    "rationale": claim(
                        document,
                        "By inference, reports of staff would train the model.",
                        training,
                        basis="inferred",
                    ),
                    "mitigations": ["Opt out on each account."],
                }
            ],
            "vendor_due_diligence": [
                {
                    "priority": "medium",
                    "action": "Ask how the balance of interests was struck.",
                    "evidence_to_request": ["legitimate interests assessment"],
                    "owner": "Data protection officer",
                    "category": category,
                }
            ],
            "enforcement_precedents": [],
            "left_out": [
                {"category": c.id, "reason": "What the document says of it needs no provision."}
                for c in load_taxonomy().categories
                if c.id != category
            ],
        }
    )


ARTEFACTS: dict[str, Callable[[Document], Any]] = {
    "ConsumerSummary": consumer,
    "LegalSummary": legal,
    "RiskAssessment": risk,
}


def schema_asked(request: Request) -> str:
    """The name of the schema that a request asks for, in any of the three modes."""
    return request.schema_name or next(name for name in ARTEFACTS if f'"title": "{name}"' in request.system)


def answers_for(document: Document) -> Callable[[Request], Reply]:
    """A script that answers each request with the artefact that it asks for."""
    return lambda request: answer(ARTEFACTS[schema_asked(request)](document))

"""A candidate made from a gold, a small gold of the Tidewater policy, and a judge that follows a script.

case = tidewater_case()
candidate_from_draft("perfect", perfect(case))       # says what the gold says, and quotes what it names
ScriptedJudge()                                      # knows the gold's own sentences and nothing else
"""

from collections.abc import Sequence
from typing import Any

from eval.cases import Case
from eval.ideal import ideal_draft
from eval.judges.verdict import Flag, Verdict
from pipeline.registry.taxonomy import load_taxonomy
from schemas.draft import Draft
from schemas.gold import Fact, Gold
from tests.sample_draft import sample_draft
from tests.tidewater import tidewater


class ScriptedJudge:
    """States what a sentence says word for word, contradicts what it says against the gold word for word, and knows nothing else."""

    name = "scripted"

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        self.asked.append((fact.id, tuple(sentences)))
        for n, sentence in enumerate(sentences):
            if any(wrong in sentence for wrong in fact.contradictions):
                return Verdict("contradicts", n, "It has a sentence that the gold lists as wrong.")
        for n, sentence in enumerate(sentences):
            if fact.statement in sentence:
                return Verdict("states", n, "It has the gold's own sentence.")
        return Verdict("omits", None, "No sentence has it.")

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        entries = (*case.gold.consumer_facts, *case.gold.legal_facts, *case.gold.carve_outs)
        return tuple(
            Flag("polarity", f"{entry.id}: {wrong}", (entry.id,))
            for entry in entries
            for wrong in entry.contradictions
            if wrong in sentence
        )


def tidewater_case() -> Case:
    """The small policy of Tidewater with a gold of its own."""
    document = tidewater()

    def at(words: str) -> list[str]:
        return [next(p.id for p in document.passages if words in document.text_of(p))]

    gold = {
        "schema_version": "1.0",
        "policy": {
            "file": "tidewater.md",
            "title": document.title,
            "company": document.company,
            "effective_date": "2026-03-03",
            "language": "en",
            "worked_from": "the text in tests",
        },
        "anchors": {
            "train": at("We use your catch reports to train"),
            "opt-out": at("You can opt out under Settings"),
            "rated": at("Opting out does not reach"),
            "row.account": at("To run your account"),
            "row.train": at("To train our forecast model"),
            "row.storms": at("To warn you of storms"),
            "harbour": at("It does not cover the harbour"),
            "who": at("The controller is"),
            "officer": at("You can reach our data"),
            "sale": at("We do not sell"),
            "host": at("We share your data"),
            "days": at("We keep catch reports"),
            "years": at("We keep account data"),
            "copy": at("You can ask us for a copy"),
            "object": at("You can object"),
            "complain": at("You can complain"),
            "change": at("We may change"),
        },
        "consumer_facts": [
            _fact("CF-01", "must", "Catch reports train the model unless you opt out.", ["train"], "Catch reports never train a model."),
            _fact("CF-02", "must", "The opt-out does not reach reports that you rated.", ["rated"], "The opt-out reaches rated reports too."),
            _fact("CF-03", "should", "Tidewater does not sell your data.", ["sale"], "Tidewater sells your data."),
            _fact("CF-04", "may", "Changes are told by e-mail.", ["change"], "Nobody is told of changes."),
        ],
        "legal_facts": [
            _fact("LF-01", "must", "Tidewater Ltd is the controller.", ["who"], "There is no controller.")
            | {"basis": "mixed", "statutes_inferred": ["GDPR:4(7)"]},
            _fact("LF-02", "must", "Training rests on legitimate interest.", ["row.train"], "Training rests on consent.")
            | {"basis": "mixed", "statutes_inferred": ["GDPR:6(1)(f)"]},
            _fact("LF-03", "should", "Catch reports are kept for 90 days after deletion.", ["days"], "Catch reports are kept for ever.")
            | {"basis": "mixed", "statutes_inferred": ["GDPR:13(2)(a)"]},
        ],
        "purposes": [
            {"id": "PU-01", "purpose": "Running the account", "bases": ["contract"], "keys": [["account*"]], "anchors": ["row.account"]},
            {"id": "PU-02", "purpose": "Training", "bases": ["legitimate_interest"], "keys": [["train*"]], "anchors": ["row.train"]},
            {"id": "PU-03", "purpose": "Storm warnings", "bases": ["consent"], "keys": [["storm*"]], "anchors": ["row.storms"]},
        ],
        "actions": [
            {"id": "AC-01", "kind": "control", "statement": "Opt out of training under Settings, then Privacy.", "keys": [["opt* out"], ["train*", "setting*"]], "anchors": ["opt-out"]},
            {"id": "AC-02", "kind": "route", "statement": "Ask for a copy of your data.", "keys": [["copy"]], "anchors": ["copy"]},
            {"id": "AC-03", "kind": "route", "statement": "Complain to the Data Protection Commission.", "keys": [["complain*"]], "anchors": ["complain"]},
        ],
        "authorities": {"named": ["dpc"], "inferable": [{"authority": "edpb", "why": "It coordinates."}]},
        "names": ["Tidewater"],
        "names_absent": [],
        "carve_outs": [
            {
                "id": "CO-01",
                "importance": "must",
                "statement": "The policy does not cover harbour boards.",
                "about": [["policy"]],
                "left_out": [{"who": "harbour boards", "words": ["harbour board*"]}],
                "not_left_out": [{"who": "paying people", "words": ["paying people"]}],
                "contradictions": ["The policy covers harbour boards.", "The policy does not cover harbour boards and paying people."],
                "anchors": ["harbour"],
            }
        ],
        "provisions": [
            _provision("PV-01", "must", "ai_training", "H1", ["train", "opt-out"], ["GDPR:6(1)(f)"]),
            _provision("PV-02", "must", "ai_training", "M1", ["rated"], ["GDPR:21(1)"]),
            _provision("PV-03", "should", "retention", "L2", ["days", "years"], ["GDPR:5(1)(e)"]),
            _provision("PV-04", "should", "sharing", "L2", ["host"], ["GDPR:13(1)(e)"]),
            _provision("PV-05", "should", "rights", "L2", ["copy", "object"], ["GDPR:15"]),
            _provision("PV-06", "may", "changes", "L1", ["change"], []),
        ],
        "risk": {
            "regulatory_exposure": [
                {
                    "id": "RX-01",
                    "statutes": ["GDPR:6(1)(f)", "GDPR:21(1)"],
                    "why": "Whether legitimate interest carries the training.",
                    "likelihood": "medium",
                    "severity": "high",
                    "basis": "mixed",
                    "enforcers": ["dpc"],
                    "anchors": ["train"],
                }
            ],
            "material_risks": [
                {
                    "id": "MR-01",
                    "title": "Reports reach a model",
                    "category": "ai_training",
                    "severity": "high",
                    "likelihood": "medium",
                    "rationale": "Reports train the model.",
                    "mitigations": ["opt out"],
                    "keys": [["train*"], ["report*"]],
                    "anchors": ["train"],
                },
                {
                    "id": "MR-02",
                    "title": "Data stays",
                    "category": "retention",
                    "severity": "low",
                    "likelihood": "low",
                    "rationale": "Account data is kept for two years.",
                    "mitigations": ["delete reports"],
                    "anchors": ["years"],
                },
            ],
            "due_diligence": [
                {
                    "id": "DD-01",
                    "priority": "high",
                    "category": "ai_training",
                    "action": "Ask how the balance of interests was struck.",
                    "evidence_to_request": ["legitimate interests assessment"],
                    "owner": "counsel",
                    "links": ["PV-01"],
                    "keys": [["balance", "assessment"]],
                }
            ],
            "decisions_citable": [
                {"id": "DC-01", "decision": "EDPB-OPINION-28-2024", "importance": "must", "relevance": "Training on legitimate interest.", "anchors": ["train"]}
            ],
            "decisions_not_citable": [],
        },
    }  # fmt: skip
    return Case("tidewater", document, Gold.model_validate(gold))


def _fact(entry_id: str, importance: str, statement: str, anchors: list[str], wrong: str) -> dict[str, Any]:
    return {
        "id": entry_id,
        "importance": importance,
        "statement": statement,
        "anchors": anchors,
        "contradictions": [wrong],
    }


def _provision(
    entry_id: str, importance: str, category: str, rule: str, anchors: list[str], statutes: list[str]
) -> dict[str, Any]:
    known = load_taxonomy().severity_rule(rule)
    assert known is not None
    return {
        "id": entry_id,
        "importance": importance,
        "category": category,
        "title": f"Provision {entry_id}",
        "severity": known.level,
        "severity_rule": rule,
        "finding": "It is so.",
        "affected": "everyone",
        "what_you_can_do": "Read it.",
        "statutes": statutes,
        "anchors": anchors,
    }


def perfect(case: Case) -> Draft:
    """The ideal draft of a case, as if a model had made it."""
    return ideal_draft(case).model_copy(update={"provenance": sample_draft().provenance})

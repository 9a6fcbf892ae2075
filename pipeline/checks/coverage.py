"""Coverage: every category of the taxonomy is assessed or listed as left out, and severities are those of their rules."""

import re

from pipeline.checks.evidence import count_words
from pipeline.checks.messages import clip, error
from pipeline.checks.once import Once, passages_of
from pipeline.registry.sieve import Sieved
from pipeline.registry.taxonomy import Category, SeverityRule, load_taxonomy
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import Provision, RiskAssessment

# Passages with a cue of the category. One may be an aside; from two on the document touches the category, and from four on a reason
# that says "not addressed" is open to doubt.
TOUCHED = 2
STRONGLY_TOUCHED = 4
SHORTEST_REASON = 6  # words; less gives no reason for leaving out what many passages touch

_NOT_ADDRESSED = Sieved(
    r"\b(?:does|do|did|is|are|was)\s*(?:not|n['’]t)\s+(?:\w+ly\s+)?(?:address|mention|deal|cover|discuss|contain|describe|treat|touch)|"
    r"\bnot\s+(?:addressed|mentioned|covered|discussed|dealt|found|present|described|touched)|\bnothing\s+(?:is\s+said\s+)?(?:on|about)\b|"
    r"\bno\s+(?:mention|statement|passage|clause|information|word|text|reference)s?\b|\bsilent\b|\babsent\b",
    re.IGNORECASE,
)
_LEVELS = ("low", "medium", "high")


def check_coverage(document: Document, risk: RiskAssessment, root: str) -> list[Finding]:
    """Findings for unknown categories and rules, levels that no rule gives, and categories that stand nowhere or twice."""
    findings = _check_ids(risk, root)
    for n, provision in enumerate(risk.provisions):
        findings += _check_severity(f"{root}.provisions[{n}]", provision)
    return findings + _check_places(document, risk, root) + _check_lists(risk, root)


def touched_passages(document: Document, category: Category) -> tuple[str, ...]:
    """Ids of the passages with a cue of the category, in order; none in another language than English, in which the cues are."""
    if not document.language.startswith("en"):
        return ()
    touched = _touched(document)
    if category.id not in touched:
        touched[category.id] = tuple(
            passage.id for passage, text in passages_of(document) if category.cue_in(text)
        )
    return touched[category.id]


@Once
def _touched(_: Document) -> dict[str, tuple[str, ...]]:
    """The passages of each category that was asked for."""
    return {}


def _check_ids(risk: RiskAssessment, root: str) -> list[Finding]:
    places = [(f"{root}.provisions[{n}]", p.category) for n, p in enumerate(risk.provisions)]
    places += [(f"{root}.material_risks[{n}]", r.category) for n, r in enumerate(risk.material_risks)]
    places += [
        (f"{root}.vendor_due_diligence[{n}]", d.category) for n, d in enumerate(risk.vendor_due_diligence)
    ]
    places += [(f"{root}.left_out[{n}]", entry.category) for n, entry in enumerate(risk.left_out)]
    known = ", ".join(category.id for category in load_taxonomy().categories)
    return [
        error(
            "coverage.unknown_category",
            f"{path}.category",
            f'"{category}" is not a category of the taxonomy; use one of {known}.',
        )
        for path, category in places
        if load_taxonomy().get(category) is None
    ]


def _check_severity(path: str, provision: Provision) -> list[Finding]:
    taxonomy = load_taxonomy()
    rule = taxonomy.severity_rule(provision.severity_rule)
    if rule is None:
        known = ", ".join(f"{r.id} ({r.level})" for r in taxonomy.severity_rules)
        return [
            error(
                "coverage.unknown_severity_rule",
                f"{path}.severity_rule",
                f'"{provision.severity_rule}" is not a severity rule; use one of {known}.',
            )
        ]
    if provision.severity == rule.level or _is_lowered(provision, rule):
        return []
    return [
        error(
            "coverage.severity_mismatch",
            f"{path}.severity",
            f"Rule {rule.id} gives {rule.level} and the provision says {provision.severity}; give the rule's level, or the rule that fits.",
        )
    ]


def _is_lowered(provision: Provision, rule: SeverityRule) -> bool:
    """Whether the level is one below the rule's, for a rule that a control lowers, and such a control is named."""
    below = _LEVELS.index(rule.level) - 1
    controls = any(action.kind == "control" and action.evidence for action in provision.what_you_can_do)
    return rule.control_lowers and controls and below >= 0 and provision.severity == _LEVELS[below]


def _check_places(document: Document, risk: RiskAssessment, root: str) -> list[Finding]:
    findings: list[Finding] = []
    assessed = {provision.category for provision in risk.provisions}
    seen: set[str] = set()
    for n, entry in enumerate(risk.left_out):
        path = f"{root}.left_out[{n}]"
        category = load_taxonomy().get(entry.category)
        if entry.category in assessed or entry.category in seen:
            where = "has a provision" if entry.category in assessed else "is left out twice"
            findings.append(
                error(
                    "coverage.category_twice",
                    f"{path}.category",
                    f"The category {entry.category} {where}; drop this entry.",
                )
            )
        elif category is not None:
            unaddressed = _NOT_ADDRESSED.search(entry.reason)
            unreasoned = count_words(entry.reason) < SHORTEST_REASON
            touched = touched_passages(document, category) if unaddressed or unreasoned else ()
            if len(touched) >= STRONGLY_TOUCHED and unaddressed:
                findings.append(
                    Finding(
                        code="coverage.left_out_doubtful",
                        severity="warning",
                        path=f"{path}.reason",
                        message=f"The category {entry.category} is left out as not addressed, yet {len(touched)} passages seem to touch "
                        f"it ({_some(touched)}); read them and decide.",
                    )
                )
            elif len(touched) >= STRONGLY_TOUCHED:
                findings.append(
                    Finding(
                        code="coverage.left_out_unreasoned",
                        severity="warning",
                        path=f"{path}.reason",
                        message=f'The category {entry.category} is left out with no reason but "{clip(entry.reason)}", yet {len(touched)} '
                        f"passages seem to touch it ({_some(touched)}); read them and decide.",
                    )
                )
        seen.add(entry.category)
    for category in load_taxonomy().categories:
        if category.id in assessed or category.id in seen:
            continue
        touched = touched_passages(document, category)
        what = (
            f"assess it: {_some(touched)} touch it"
            if len(touched) >= TOUCHED
            else "give it a provision, or list it in left_out with the reason"
        )
        findings.append(
            error(
                "coverage.category_missing",
                f"{root}.left_out",
                f"The category {category.id} ({category.title}) stands neither among the provisions nor in left_out; {what}.",
            )
        )
    return findings


def _check_lists(risk: RiskAssessment, root: str) -> list[Finding]:
    lists = (
        ("regulatory_exposure", risk.regulatory_exposure),
        ("material_risks", risk.material_risks),
        ("vendor_due_diligence", risk.vendor_due_diligence),
    )
    return [
        Finding(
            code="coverage.list_empty",
            severity="warning",
            path=f"{root}.{name}",
            message=f"The assessment has no entry under {name}; read the provisions and decide whether that is so.",
        )
        for name, entries in lists
        if not entries
    ]


def _some(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:3]) + (" and others" if len(ids) > 3 else "")

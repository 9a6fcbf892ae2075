"""What a gold file takes from the registry: law, decisions, authorities, categories and severity rules."""

from collections.abc import Iterator
from difflib import get_close_matches

from eval.gold_file import Place, Problem
from pipeline.checks.named import named_in
from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import check_ref
from pipeline.registry.decisions import load_decisions
from pipeline.registry.taxonomy import load_taxonomy
from schemas.document import Document
from schemas.gold import Gold, GoldExposure, GoldProvision, LegalFact, UncitableDecision

_LEVELS = ("low", "medium", "high")
_NEVER_LOWERED = "H2"  # the taxonomy's severity_how


def check_refs(place: Place, refs: tuple[str, ...]) -> Iterator[Problem]:
    """References of law that do not exist, or that stand twice."""
    for index, ref in enumerate(refs):
        if ref in refs[:index]:
            yield Problem((*place, index), f"{ref} stands here twice; keep one.")
        for problem in check_ref(ref):
            if problem.severity == "error":
                yield Problem((*place, index), problem.message)


def check_category(place: Place, category: str) -> Iterator[Problem]:
    """A category that the taxonomy does not have."""
    taxonomy = load_taxonomy()
    if taxonomy.get(category) is None:
        near = get_close_matches(category, [known.id for known in taxonomy.categories], n=1)
        hint = f"; perhaps {near[0]}" if near else "; clausewise's taxonomy.yaml lists them"
        yield Problem((*place, "category"), f"the taxonomy has no category {category!r}{hint}.")


def check_severity(place: Place, provision: GoldProvision) -> Iterator[Problem]:
    """A severity that is not its rule's level, and not lowered as the taxonomy allows."""
    rule = load_taxonomy().severity_rule(provision.severity_rule)
    if rule is None:
        rules = ", ".join(known.id for known in load_taxonomy().severity_rules)
        where = (*place, "severity_rule")
        yield Problem(
            where, f"the taxonomy has no severity rule {provision.severity_rule!r}; it has {rules}."
        )
        return
    steps = _LEVELS.index(rule.level) - _LEVELS.index(provision.severity)
    where = (*place, "severity")
    if steps == 0 and provision.lowered_because:
        yield Problem(
            where, f"lowered_because is given, but {provision.severity} is the level of rule {rule.id}."
        )
    elif steps == 1 and rule.id == _NEVER_LOWERED:
        yield Problem(where, f"rule {rule.id} gives {rule.level} and is never lowered.")
    elif steps == 1 and not provision.lowered_because:
        yield Problem(
            where, f"rule {rule.id} gives {rule.level}; say in lowered_because which control lowers it."
        )
    elif steps not in (0, 1):
        yield Problem(
            where, f"rule {rule.id} gives {rule.level}, which may be lowered by one step and never raised."
        )


def check_exposure(place: Place, exposure: GoldExposure) -> Iterator[Problem]:
    """An exposure's law, authorities and penalty."""
    yield from check_refs((*place, "statutes"), exposure.statutes)
    for index, authority in enumerate(exposure.enforcers):
        if load_authorities().get(authority) is None:
            yield _unknown_authority((*place, "enforcers", index), authority)
    if exposure.penalty is not None:
        for problem in check_ref(exposure.penalty.ref):
            if problem.severity == "error":
                yield Problem((*place, "penalty", "ref"), problem.message)


def check_decision(place: Place, decision: str) -> Iterator[Problem]:
    """A decision that the registry does not have."""
    if load_decisions().get(decision) is None:
        yield Problem(
            (*place, "decision"),
            f"the registry has no decision {decision!r}; clausewise registry decisions lists their ids.",
        )


def check_uncitable(place: Place, entry: UncitableDecision) -> Iterator[Problem]:
    """A decision, or a statement of the do-not-cite list, that the registry does not have."""
    if entry.decision is not None:
        yield from check_decision(place, entry.decision)
    known = [forbidden.id for forbidden in load_decisions().do_not_cite]
    if entry.registry_statement is not None and entry.registry_statement not in known:
        yield Problem(
            (*place, "registry_statement"),
            f"the registry's do-not-cite list has no {entry.registry_statement!r}; it has {', '.join(known)}.",
        )


def _unknown_authority(place: Place, authority: str) -> Problem:
    return Problem(place, f"the registry has no authority {authority!r}; its ids stand in authorities.yaml.")


def check_authorities(gold: Gold, document: Document) -> Iterator[Problem]:
    """Authorities that do not exist, are named where they are not, or are left out."""
    known, named = load_authorities(), named_in(document).authorities
    for index, authority in enumerate(gold.authorities.named):
        place: Place = ("authorities", "named", index)
        if known.get(authority) is None:
            yield _unknown_authority(place, authority)
        elif authority not in named:
            yield Problem(
                place, f"the document does not name {authority}; move it to inferable or remove it."
            )
    for authority in sorted(named - set(gold.authorities.named)):
        yield Problem(("authorities", "named"), f"the document names {authority} too; add it.")
    for index, inferable in enumerate(gold.authorities.inferable):
        place = ("authorities", "inferable", index, "authority")
        if known.get(inferable.authority) is None:
            yield _unknown_authority(place, inferable.authority)
        elif inferable.authority in named:
            yield Problem(place, f"the document names {inferable.authority} itself; it belongs under named.")


def check_law_of_fact(place: Place, fact: LegalFact, document: Document) -> Iterator[Problem]:
    """A legal fact's references, what the document names of them, and the basis that follows."""
    for name in ("statutes_stated", "statutes_inferred"):
        yield from check_refs((*place, name), getattr(fact, name))
    named = named_in(document)
    for index, ref in enumerate(fact.statutes_stated):
        if not check_ref(ref) and not named.has(ref):
            where = (*place, "statutes_stated", index)
            yield Problem(where, f"the document does not name {ref}; move it to statutes_inferred.")
    for index, ref in enumerate(fact.statutes_inferred):
        if not check_ref(ref) and named.has(ref):
            where = (*place, "statutes_inferred", index)
            yield Problem(where, f"the document names {ref} itself; move it to statutes_stated.")
    if fact.basis == "stated" and fact.statutes_inferred:
        yield Problem(
            (*place, "basis"), "law that the document does not name makes the basis mixed or inferred."
        )
    if fact.basis == "mixed" and not fact.statutes_inferred:
        yield Problem((*place, "basis"), "without law of our own mapping the basis is stated or inferred.")

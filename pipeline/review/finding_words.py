"""Findings in words for an editor. The checks' messages are addressed to a model, which is told what to write; an editor is told what is
wrong and decides.

A code that stands not in the table, or whose message reads otherwise than the table knows, is told in the check's own words.
"""

import re
from dataclasses import dataclass

from schemas.finding import Finding

_NAMED = r'"(.{1,400}?)"'


@dataclass(frozen=True, slots=True)
class _Saying:
    """``says`` has ``{0}``, ``{1}`` for what ``pattern`` finds in the message, and ``plain`` is for a message without it."""

    pattern: str
    says: str
    plain: str = ""


_SAYINGS: dict[str, _Saying] = {
    "evidence.unknown_passage": _Saying("", "", "It quotes a passage that the policy does not have."),
    "evidence.quote_missing": _Saying(
        "", "", "The words quoted as evidence do not stand in the passage they are said to come from."
    ),
    "evidence.quote_cuts_word": _Saying(
        _NAMED,
        "The quote “{0}” begins or ends in the middle of a word or number.",
        "A quote begins or ends in the middle of a word or number.",
    ),
    "evidence.quote_too_short": _Saying(
        rf"quote {_NAMED}",
        "The quote “{0}” is too short to show anything.",
        "A quote is empty or too short to show anything.",
    ),
    "evidence.quote_too_long": _Saying(
        r"has (\d+) words", "The quote has {0} words. A few words that carry the claim would show more."
    ),
    "evidence.missing": _Saying(
        "",
        "",
        "It says that the policy states this, and quotes no words of the policy for it. Quote them, or mark the claim as inferred.",
    ),
    "evidence.absence_unworded": _Saying(
        "",
        "",
        "It rests on words that the policy does not use, yet does not say that the policy is silent on this.",
    ),
    "evidence.absence_term_unfit": _Saying(
        _NAMED,
        "That “{0}” does not occur in the policy proves no silence: the term is too short or too long.",
    ),
    "evidence.absence_refuted": _Saying(
        rf"does say {_NAMED}: (.{{1,80}}?) reads",
        "It says that the policy is silent, and {1} does say “{0}”.",
    ),
    "evidence.absence_unproven": _Saying(
        r"language is ([\w-]+)",
        "The policy is not in English ({0}): see yourself that it really does not say this.",
    ),
    "facts.claim_too_long": _Saying("", "", "The sentence is too long for its facts to be checked."),
    "facts.number_unsupported": _Saying(
        rf"number {_NAMED}", "The number “{0}” is not in the words quoted for this claim."
    ),
    "facts.percent_unsupported": _Saying(
        rf"(?:percentage|number|share|percent\w*) {_NAMED}",
        "The percentage “{0}” is not in the words quoted for this claim.",
    ),
    "facts.period_unsupported": _Saying(
        rf"period {_NAMED}", "The period “{0}” is not in the words quoted for this claim."
    ),
    "facts.money_unsupported": _Saying(
        rf"amount {_NAMED}", "The amount “{0}” is not in the words quoted for this claim."
    ),
    "facts.date_unsupported": _Saying(
        rf"date {_NAMED}", "The date “{0}” is not in the words quoted for this claim."
    ),
    "facts.name_elsewhere": _Saying(
        rf"{_NAMED} stands in none .{{1,200}}?; (\S{{1,80}}) has it",
        "“{0}” is not in the words quoted for this claim, but passage {1} has it.",
    ),
    "facts.name_unknown": _Saying(rf"name {_NAMED}", "The policy nowhere mentions “{0}”."),
    "facts.negation": _Saying(
        rf"claim says {_NAMED}, and its evidence says the opposite: {_NAMED}",
        "The claim says “{0}”; the policy says the opposite: “{1}”.",
    ),
    "facts.choice_reversed": _Saying(
        r"claim tells of (.{1,80}?), and its evidence of (.{1,80}?);",
        "The claim tells of {0}, the words quoted of {1}.",
    ),
    "facts.basis_unsupported": _Saying(
        _NAMED, "The lawful basis in “{0}” is not the one that the words quoted give for it."
    ),
    "facts.scope_widened": _Saying(
        rf"says {_NAMED}, and its evidence says only {_NAMED}",
        "The claim says “{0}”, where the policy says only “{1}”: it goes further than the policy.",
    ),
    "facts.figure_misread": _Saying(
        r"The claim says (.{1,200}?), and its evidence (.{1,200}?);",
        "The claim says {0}, and the words quoted {1}.",
    ),
    "law.not_stated": _Saying(
        r"does not name (.{1,160}?); mark", "It says that the policy names {0}, which it does not."
    ),
    "law.wrong_topic": _Saying("", "", "The provision cited is about another matter than this sentence."),
    "law.unnamed_in_stated": _Saying(
        rf"never names {_NAMED}",
        "It is marked as stated by the policy, which never names “{0}”. Mark it as inferred, or leave the name out.",
    ),
    "law.role_not_stated": _Saying(
        rf"authority {_NAMED}",
        "The policy calls no authority “{0}”: that is our reading, and the claim is marked as stated.",
    ),
    "law.not_the_enforcer": _Saying(
        rf"have {_NAMED} among the enforcers of (.{{1,80}}?);",
        "According to our registry “{0}” does not enforce {1}.",
    ),
    "law.no_such_provision": _Saying("", "", "A provision is cited that does not exist."),
    "law.unknown_citation": _Saying(
        _NAMED, "“{0}” belongs to no law of our registry, and the policy does not print it. Look it up."
    ),
    "law.misstatement": _Saying("", "", ""),
    "law.unverified": _Saying(
        r"entry for (.{1,200}?) (?:is one on which our sources disagree|was entered)",
        "Our registry's entry for {0} is not verified. Look the provision up before you rely on it.",
    ),
    "decisions.unknown": _Saying(_NAMED, "The decision “{0}” is not in our registry. Do not rely on it."),
    "decisions.twice": _Saying("", "", "The same decision is cited twice."),
    "decisions.status_contrary": _Saying(
        rf"{_NAMED} does not fit (\S+), of which the registry says: (.{{1,300}}?); tell",
        "It says “{0}” of {1}, whose status is: {2}.",
    ),
    "decisions.status_untold": _Saying(
        r"^(\S+) is (.{1,80}?) and the sentence", "{0} is {1}, and the sentence does not say so."
    ),
    "decisions.figure_wrong": _Saying(
        rf"{_NAMED} is not a figure of (\S+);", "“{0}” is no date or fine of {1} as our registry has it."
    ),
    "decisions.unverified": _Saying(
        r"registry knows (\S+)",
        "Our registry's entry for {0} is not fully verified. Look the decision up before you rely on it.",
    ),
    "decisions.unknown_reference": _Saying(
        _NAMED, "“{0}” looks like a decision's reference, and our registry does not know it."
    ),
    "decisions.named_without_id": _Saying(
        _NAMED, "“{0}” is a decision that is not among the precedents below."
    ),
    "decisions.sanction_without_id": _Saying(
        _NAMED, "It tells of a sanction by “{0}” without naming a decision of our registry."
    ),
    "decisions.forbidden": _Saying(r"^Leave this out: (.{1,400}?); ", "Must not be said: {0}."),
    "coverage.unknown_category": _Saying(_NAMED, "“{0}” is not a category of our taxonomy."),
    "coverage.unknown_severity_rule": _Saying(_NAMED, "“{0}” is not one of our severity rules."),
    "coverage.severity_mismatch": _Saying(
        r"Rule (\S+) gives (\w+) and the provision says (\w+)",
        "The severity is {2}, while the rule given for it ({0}) makes it {1}.",
    ),
    "coverage.category_twice": _Saying(
        r"category (\S+)", "The category {0} is dealt with elsewhere in the assessment as well."
    ),
    "coverage.category_missing": _Saying(
        r"category \S+ \((.{1,120}?)\)",
        "“{0}” is dealt with neither as a provision nor as looked at and left out.",
    ),
    "coverage.left_out_doubtful": _Saying(
        r"yet (\d+) passages .{1,40}?\((.{1,200}?)\)",
        "Left out as not addressed, yet {0} passages seem to touch it: {1}. Read them and decide.",
    ),
    "coverage.left_out_unreasoned": _Saying(
        r"yet (\d+) passages .{1,40}?\((.{1,200}?)\)",
        "Left out without a real reason, yet {0} passages seem to touch it: {1}. Read them and decide.",
    ),
    "coverage.list_empty": _Saying(
        r"entry under (\w+);", "The assessment has nothing under “{0}”. Is that so?"
    ),
    "wording.conclusion": _Saying(
        _NAMED,
        "“{0}” rules on what is lawful. Say what the policy does and which question that raises, or whose words they are.",
    ),
    "wording.first_person": _Saying(
        _NAMED,
        "“{0}” speaks as if we were the company. Name the company, or put its words in quotation marks.",
    ),
    "wording.tone": _Saying(
        r'"(.{1,200}?)" is (promotional|alarmist)',
        "“{0}” sounds {1}.",
        "An exclamation mark sounds alarmist.",
    ),
    "wording.markup": _Saying(
        r'holds (.{1,60}?) \("', "The text holds {0}, which a published page would not show as meant."
    ),
    "wording.address": _Saying(
        rf"address {_NAMED}", "The e-mail address {0} does not stand in the words quoted."
    ),
    "wording.advice_without_evidence": _Saying(
        "",
        "",
        "It advises to use something that the policy is said to offer, and quotes no words that offer it.",
    ),
    "wording.advice_unsupported": _Saying(
        "", "", "It sends people to a way or place that the words quoted do not mention."
    ),
    "shape.sentence_too_long": _Saying(
        r"has (\d+) words and may have at most (\d+)",
        "The sentence has {0} words; readers are promised at most {1}.",
    ),
    "shape.role_missing": _Saying(r"the role (\w+);", "The summary has no sentence for “{0}”."),
    "shape.role_out_of_order": _Saying(
        "", "", "The sentence stands in the wrong place for what it is about."
    ),
    "readability.grade_too_high": _Saying(
        r"grade ([\d.]+) and must be at most (\d+); sentence (\d+)",
        "The summary reads at US grade {0} and should be at most {1}. Sentence {2} is the hardest.",
    ),
    "readability.strict_grade": _Saying(
        r"grade ([\d.]+) .{1,80}? at ([\d.]+)",
        "The summary reads at US grade {0}; a tool that counts full stops alone would say {1}.",
    ),
    "consistency.polarity": _Saying(
        r"^(.{1,400}?) \(\S+ against", "Two claims about the same passage contradict one another: {0}"
    ),
    "consistency.period": _Saying(
        r"^(.{1,400}?) \(\S+ against", "Two claims about the same passage contradict one another: {0}"
    ),
    "consistency.control": _Saying(
        r"^(.{1,400}?) \(\S+ against", "Two claims about the same passage contradict one another: {0}"
    ),
    "document.instructions": _Saying(
        r'holds (.{1,80}?) \("',
        "The policy itself holds {0}. Nobody followed it; make sure that the draft does not.",
    ),
    "document.language": _Saying(
        r"language is ([\w-]+)",
        "The policy is not in English ({0}), and some checks know English alone: read with more care.",
    ),
}


def tell_finding(finding: Finding) -> str:
    """One or two sentences that say what is wrong, for a reader who knows law and not this program."""
    saying = _SAYINGS.get(finding.code)
    if saying is None:
        return finding.message
    found = re.search(saying.pattern, finding.message, re.DOTALL) if saying.says else None
    if found is None:
        return saying.plain or finding.message
    return saying.says.format(*(words.rstrip(".") if words else "" for words in found.groups()))

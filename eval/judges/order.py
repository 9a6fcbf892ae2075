"""Order: whether it moves the model judge's verdicts in which order it is asked, and among how many.

A sheet weighs many sentences at once. That is practicable only if a sentence gets the same verdict in another order and alone. Asking sentences
alone costs a request each, so one case is asked for all: order is a matter of the sheet and not of the policy.
"""

from collections.abc import Mapping, Sequence

from eval.agreement import wilson_interval
from eval.bundled import NAME
from eval.cases import Case
from eval.judges.measured import Moved, OrderCheck
from eval.judges.model import ModelJudge
from eval.judges.questions import consumer_group, sheets_for_plants
from eval.judges.sheets import AnySheet, Read, merge, write_fact_sheets, write_sentence_sheets
from eval.selftest_bars import ONLY_MEASURED, load_part
from schemas.judgement import SentenceJudgements

# The case whose sentences are asked in two orders.
ORDER_CASE = NAME
# Sentences of the sample that are asked alone, a request for each.
ALONE = 4


def order_sample(case: Case) -> AnySheet | None:
    """The sheet that is asked in two orders: the first of the planted sentences that are only measured; None but for ``ORDER_CASE``."""
    if case.name != ORDER_CASE:
        return None
    sheets = sheets_for_plants(load_part(ModelJudge.name, ONLY_MEASURED), case)
    return next((sheet for sheet in sheets if sheet.answer is SentenceJudgements), None)


def order_sheets(
    sample: AnySheet, text: Sequence[str], case: Case, alone: int = ALONE
) -> tuple[AnySheet, ...]:
    """Every request of the check, those that it compares with included."""
    return tuple(sheet for sheets in _asked(sample, text, case, alone) for sheet in sheets)


def check_order(
    judge: ModelJudge,
    sample: AnySheet,
    text: Sequence[str],
    case: Case,
    alone: int = ALONE,
    names: Mapping[str, str] | None = None,
) -> tuple[OrderCheck, ...]:
    """Sentences of the sample in two orders, the first ``alone`` of them among the others and by themselves, and the consumer facts against a
    text in two orders. Asks what was not asked yet. ``names`` are what sentences are told by whose words are to stay unread.
    """
    asked = _asked(sample, text, case, alone)
    judge.ask([sheet for sheets in asked for sheet in sheets], case)
    before, after, by_itself, told, told_again = (merge(judge.ask(sheets, case)) for sheets in asked)
    return (
        _compare("sentences in another order", _flagged(before), _flagged(after), names or {}),
        _compare("sentences alone and among others", _flagged(before), _flagged(by_itself), names or {}),
        _compare("facts in another order", _verdicts(told), _verdicts(told_again), {}),
    )


def _asked(sample: AnySheet, text: Sequence[str], case: Case, alone: int) -> tuple[Sequence[AnySheet], ...]:
    """The sample as it is, in another order, and its first sentences by themselves (its order is made by chance); the facts in two orders."""
    return (
        (sample,),
        write_sentence_sheets(sample.items, case, turn=1),
        [sheet for item in sample.items[:alone] for sheet in write_sentence_sheets([item], case)],
        *(write_fact_sheets(consumer_group(case.gold), text, turn=turn) for turn in (0, 1)),
    )


def _flagged(read: Read) -> dict[str, tuple[str, str]]:
    """For each sentence whether it is flagged, and the kind of fault."""
    return {
        sentence: ("flagged", flags[0].fault) if flags else ("not flagged", "none")
        for sentence, flags in read.flags.items()
    }


def _verdicts(read: Read) -> dict[str, tuple[str, str]]:
    return {fact: (verdict.verdict, verdict.verdict) for (_, fact), verdict in read.verdicts.items()}


def _compare(
    about: str,
    before: dict[str, tuple[str, str]],
    after: dict[str, tuple[str, str]],
    names: Mapping[str, str],
) -> OrderCheck:
    both = [(item, before[item], after[item]) for item in before if item in after]
    moved = tuple(
        Moved(item=names.get(item, item), before=a[0], after=b[0]) for item, a, b in both if a[0] != b[0]
    )
    return OrderCheck(
        about=about,
        asked=len(both),
        moved=moved,
        renamed=sum(a[0] == b[0] and a[1] != b[1] for _, a, b in both),
        interval=wilson_interval(len(moved), len(both)),
    )

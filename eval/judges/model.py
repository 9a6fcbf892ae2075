"""The model judge: verdicts of a language model, from recorded answers or from an endpoint.

It is asked about many things at once. Whoever knows what will be asked says so with ``prepare`` (a candidate) or ``prepare_plants``; what was
not prepared is asked when its verdict is wanted, a text or a sentence at a time. Nothing is asked twice. A recording without an answer, or
an endpoint that fails, is an error of exit code 3 and never a verdict.

A planted sentence is not read again in every text that it is put into: it contradicts the facts that its own flags go against, and of the
others the text's verdict stands.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from eval.bundled import recorded_settings
from eval.candidate import Candidate
from eval.cases import Case
from eval.judges.asking import ask_all
from eval.judges.questions import group_of, sheets_for_candidate, sheets_for_plants
from eval.judges.sheets import AnySheet, Read, merge, write_fact_sheets, write_sentence_sheets
from eval.judges.verdict import Flag, Verdict
from eval.judges.version import sources_sha256
from eval.replay import replay
from pipeline.errors import ReplayMissError
from pipeline.prompts import load_prompt
from pipeline.settings import Settings
from schemas.gold import Fact
from schemas.judgement import FactJudgements, SentenceJudgements
from schemas.planted import Planted


def model_judge(settings: Settings | None = None, *, folder: Path | None = None) -> "ModelJudge":
    """The judge that asks the endpoint of the settings; without settings, the one that replays the recordings of this package.

    ``folder`` is where the recordings stand (``<case>.yaml``), of this package or of others.
    """
    if settings is not None and folder is None:
        return ModelJudge(settings, None)
    return ModelJudge(settings or judge_settings(), folder or recordings_folder())


def judge_settings() -> Settings:
    """The settings the verdicts were recorded with: many tries, for a sheet without an answer that fits leaves a recording unfinished."""
    return recorded_settings().model_copy(update={"answer_tries": 10})


def recordings_folder() -> Path:
    """Where the recorded verdicts of this package stand."""
    return Path(str(files("cassettes"))) / "judge"


def judge_recording_path(case: str, folder: Path | None = None) -> Path:
    """The recorded exchanges of the model judge on a case."""
    return (folder or recordings_folder()) / f"{case}.yaml"


class ModelJudge:
    """Judges by asking a model. ``recordings`` is the folder of the recordings to replay; None asks the endpoint.

    ``version`` is one digest of its modules, the prompt, the form of the answers, and the model, whose name is ``model``. Not to be used
    within a running event loop.
    """

    name = "model"

    def __init__(self, settings: Settings, recordings: Path | None) -> None:
        self._settings = settings
        self._recordings = recordings
        self._cases: dict[str, _Known] = {}
        self.model = settings.model
        self.version = _version(settings)

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        """See ``Judge``."""
        text = tuple(sentences)
        if not text:
            return Verdict("omits", None, "There are no sentences.")
        known = self._of(case)
        if (text, fact.id) not in known.read.verdicts:
            if len(text) > 1 and text[-1] in known.planted:
                return self._with_planted(fact, text, case)
            self._prepare(write_fact_sheets(group_of(fact, case.gold), text), case)
        return known.read.verdicts[text, fact.id]

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        """See ``Judge``."""
        known = self._of(case)
        if sentence not in known.read.flags:
            self._prepare(write_sentence_sheets([sentence], case), case)
        return known.read.flags[sentence]

    def prepare(self, candidate: Candidate, case: Case) -> None:
        """Ask at once for every verdict that the scores of a candidate rest on."""
        self._prepare(sheets_for_candidate(candidate, case), case)

    def prepare_plants(self, plants: Sequence[Planted], case: Case) -> None:
        """Ask at once about all planted sentences of one part that are about the case. Give whole parts: they are recorded so."""
        self._prepare(sheets_for_plants(plants, case), case)
        self._of(case).planted |= {plant.text for plant in plants if not plant.is_whole_text}

    def recording_of(self, case: str) -> Path:
        """The recording of a case from which this judge takes its verdicts, or would if it replayed one."""
        return judge_recording_path(case, self._recordings)

    def ask(self, sheets: Sequence[AnySheet], case: Case) -> list[Read]:
        """What the answer to each sheet says, asked at once but for those that were asked before. ``judge`` and ``weigh`` do not rest on it."""
        answered = self._of(case).answered
        wanted = {sheet.user: sheet for sheet in sheets if sheet.user not in answered}
        if wanted:
            with self._answers(case):
                read = asyncio.run(ask_all(list(wanted.values()), self._settings))
            answered.update(zip(wanted, read, strict=True))
        return [answered[sheet.user] for sheet in sheets]

    def _prepare(self, sheets: Sequence[AnySheet], case: Case) -> None:
        known = self._of(case)
        known.read = merge((known.read, *self.ask(sheets, case)))

    def _with_planted(self, fact: Fact, text: tuple[str, ...], case: Case) -> Verdict:
        for flag in self.weigh(text[-1], case):
            if fact.id in flag.entries:
                return Verdict("contradicts", len(text) - 1, flag.message)
        return self.judge(fact, text[:-1], case)

    @contextmanager
    def _answers(self, case: Case) -> Iterator[None]:
        if self._recordings is None:
            yield
            return
        path = self.recording_of(case.name)
        anew = f"make record-judge CASE={case.name}"
        if not path.is_file():
            raise ReplayMissError(f"There is no recording {path.name} of the model judge; {anew} makes one.")
        try:
            # A run asks for a part of what was recorded. That all of it is asked for by somebody, tests/test_model_judge.py sees.
            with replay(path, partly=True, anew=anew):
                yield
        except ReplayMissError as error:
            raise ReplayMissError(f"The model judge has no recorded verdict. {error}") from error

    def _of(self, case: Case) -> "_Known":
        known = self._cases.get(case.name)
        if known is None or (known.case is not case and known.case != case):
            known = self._cases[case.name] = _Known(case)
        return known


class _Known:
    """What is known of a case: the answers, by the text of their request, and the verdicts out of them."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.answered: dict[str, Read] = {}
        self.read = Read()
        self.planted: set[str] = set()


def _version(settings: Settings) -> str:
    made_of = [
        sources_sha256(__name__),
        load_prompt("judge").sha256,
        FactJudgements.model_json_schema(),
        SentenceJudgements.model_json_schema(),
        settings.model,
    ]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()

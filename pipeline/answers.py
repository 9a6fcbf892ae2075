"""What a model answered, judged: first its form, then the schema, then the check of whoever asked.

instructor reads an answer through ``model_validate_json`` of the model it is given, and sends back the text
of what that raises. ``judged`` makes a model that looks like the answer's own to the endpoint, and hands the
text to the trial of the call under way. So the words that go back are ours: they hold no version-dependent
addresses and no copy of the input.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

_MOST_PROBLEMS = 40
_LONGEST_PROBLEM = 600  # characters


class Trial(Generic[T]):
    """The judging of one call's answers.

    ``accepted`` is the answer that fits; ``kept`` the best one that fitted the schema but not the check, with
    its problems: the one with the fewest, and of equals the later; ``problems`` are those of the answer that
    came last.
    """

    def __init__(self, answer: type[T], check: Callable[[T], list[str]]) -> None:
        self.answer = answer
        self.check = check
        self.accepted: T | None = None
        self.kept: tuple[T, tuple[str, ...]] | None = None
        self.problems: tuple[str, ...] = ()
        self._fault: str | None = None
        self._unread = False

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make this the trial of the task under way, and of no other task."""
        token = _TRIAL.set(self)
        try:
            yield
        finally:
            _TRIAL.reset(token)

    def expect(self, fault: str | None) -> None:
        """An answer has come and will be judged; ``fault`` is wrong with it whatever its text says."""
        self._fault = fault
        self._unread = True
        self.problems = (fault or "The answer holds no JSON object that can be read.",)

    def blames(self, failure: BaseException) -> bool:
        """Whether an exception of instructor means that the answer that came last does not fit."""
        from instructor.core.exceptions import ResponseParsingError

        # instructor's own reader gives up on some texts with a plain ValueError, before they get here.
        return isinstance(failure, ResponseParsingError) or (self._unread and isinstance(failure, ValueError))

    def judge(self, text: str, *, strict: bool | None) -> T:
        """The answer in ``text``.

        Raises instructor's ResponseParsingError, which has it asked again, when it does not fit.
        """
        self._unread = False
        answer, self.problems = self._read(text, strict)
        if answer is not None and not self.problems:
            # instructor writes on what it is handed; the one accepted stays as it was read.
            self.accepted = answer
            return answer.model_copy()
        # To mend one fault a model may make others.
        if answer is not None and (self.kept is None or len(self.problems) <= len(self.kept[1])):
            self.kept = answer, self.problems
        from instructor.core.exceptions import ResponseParsingError

        raise ResponseParsingError(write_problems(self.problems))

    def _read(self, text: str, strict: bool | None) -> tuple[T | None, tuple[str, ...]]:
        if self._fault is not None:
            return None, (self._fault,)
        if not text.strip():
            return None, ("The answer was empty.",)
        try:
            answer = self.answer.model_validate_json(text, strict=strict)
            json.loads(text, object_pairs_hook=_without_duplicates)
        except ValidationError as error:
            return None, tuple(_sentence(fault["loc"], fault["msg"]) for fault in _faults(error))
        except DuplicateKeyError as error:
            return None, (f"The key {error} stands twice in one object; each key may stand once.",)
        return answer, tuple(self.check(answer))


class DuplicateKeyError(Exception):
    """An object of a JSON text has a key twice: which of the two values counts is anyone's guess."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise DuplicateKeyError(key[:_LONGEST_PROBLEM])
        seen.add(key)


def _faults(error: ValidationError) -> Iterable[Any]:
    return error.errors(include_url=False, include_input=False, include_context=False)


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    path = ".".join(map(str, place))
    return f"{path}: {message}" if path else message


def write_problems(problems: Sequence[str]) -> str:
    """Problems as the model is told them, one line each."""
    lines = [f"- {problem}" for problem in shortened(problems)]
    return "\n".join(
        [*lines, "Give the whole answer again. Change what is named above and keep the rest as it is."]
    )


def shortened(problems: Sequence[str]) -> list[str]:
    """The first 40 problems, on one line each and cut at 600 characters, and how many more there are."""
    told = [" ".join(problem.split())[:_LONGEST_PROBLEM] for problem in problems[:_MOST_PROBLEMS]]
    more = len(problems) - len(told)
    return [*told, f"And {more} more of these kinds."] if more else told


_TRIAL: ContextVar[Trial[Any]] = ContextVar("trial")


@lru_cache(maxsize=64)
def judged(answer: type[T]) -> type[T]:
    """What to hand to instructor: name and schema of ``answer``, its text read by the trial under way."""
    from instructor import ResponseSchema

    def model_validate_json(cls: type[T], /, json_data: str, *, strict: bool | None = None, **_: Any) -> T:
        answered: T = _TRIAL.get().judge(json_data, strict=strict)
        return answered

    schema = answer.model_json_schema()

    def model_json_schema(cls: type[T], /, *_: Any, **__: Any) -> dict[str, Any]:
        # Asked for with each request, and made anew it takes as long as all the rest of asking.
        return schema

    members = {
        "__doc__": answer.__doc__,
        "__module__": answer.__module__,
        "__qualname__": answer.__qualname__,
        "model_validate_json": classmethod(model_validate_json),
        "model_json_schema": classmethod(model_json_schema),
    }
    metaclass: Any = type(answer)
    # Without the fields of the answer: instructor would walk all of them in each call, looking for validators that it cannot run.
    made: type[T] = metaclass(answer.__name__, (ResponseSchema,), members)
    return made

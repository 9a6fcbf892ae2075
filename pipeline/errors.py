"""Every failure of Clausewise, as a tree.

ClausewiseError
├── UsageError              the command or a setting is wrong                          exit 2
│   ├── UnknownReviewError      no review has this id
│   └── ConflictError           somebody else decided about the same thing meanwhile
├── SourceError             the source cannot be read, or is not a policy              exit 2
│   └── SourceBlockedError  an address that Clausewise does not fetch
├── ModelError              the endpoint gave no usable answer                         exit 3
│   ├── ModelUnreachableError   no connection, time-out, 5xx or 429 to the last try
│   │   └── AskedToWaitError        for longer than the deadline of a call
│   ├── ModelRefusedError       the model or a content filter declined
│   ├── ModelTruncatedError     the answer was cut at the token limit
│   ├── ContextOverflowError    the prompt is longer than the model's window
│   ├── WrongKeyError           401 or 403
│   ├── UnknownModelError       404, or the endpoint does not know the model
│   ├── QuotaExhaustedError     the account has no credit left
│   ├── AnswerInvalidError      no answer fitted the schema within the tries
│   ├── NotSentError            a request was held back                                exit 4
│   │   ├── BudgetSpentError        the limit of cost or tokens would be passed
│   │   └── RunStoppedError         the run is stopping
│   │       └── AnswerPendingError      its answer comes with a batch of the provider
│   └── ReplayMissError         a recording holds no such exchange
└── StoreError              the store cannot be read or written                        exit 2
    └── StaleError              it was written to since it was read

What a check sees in a draft is a Finding, not an exception. Messages are one sentence that says what is wrong and what
to do; they never carry a key, a prompt or an answer.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Every command raises errors, and no help page needs what an attempt is.
    from schemas.draft import Attempt
    from schemas.review import Decision


class ClausewiseError(Exception):
    """Any failure that Clausewise foresees. ``exit_code`` is the command's."""

    exit_code = 2


class UsageError(ClausewiseError):
    """The command line or a setting is wrong."""


class UnknownReviewError(UsageError):
    """No review, or more than one, has an id that begins like this."""


class ConflictError(UsageError):
    """Somebody decided about the same thing since it was read: ``path`` is the unit's, ``theirs`` what was decided, ``value`` how the unit
    stands now; None when there is none.
    """

    def __init__(
        self, message: str, path: str, theirs: "Decision | None", value: "dict[str, object] | None" = None
    ) -> None:
        super().__init__(message)
        self.path = path
        self.theirs = theirs
        self.value = value


class SourceError(ClausewiseError):
    """The source cannot be read, or what it holds is not a policy or terms document."""


class SourceBlockedError(SourceError):
    """The address is one that Clausewise does not fetch."""


class StoreError(ClausewiseError):
    """The store cannot be read or written."""


class StaleError(StoreError):
    """The store was written to since it was read; read it again."""


class ModelError(ClausewiseError):
    """The model endpoint gave no usable answer. ``attempts`` are the requests it took, for the bill."""

    exit_code = 3
    attempts: "tuple[Attempt, ...]" = ()


class ModelUnreachableError(ModelError):
    """No connection, a time-out, or a fault that lasted to the last try."""


class AskedToWaitError(ModelUnreachableError):
    """The endpoint asks for a pause that is longer than the deadline of a call."""


class ModelRefusedError(ModelError):
    """The model, or a content filter before it, declined to answer."""


class ModelTruncatedError(ModelError):
    """The answer was cut off at the token limit."""


class ContextOverflowError(ModelError):
    """The prompt is longer than the model's window."""


class WrongKeyError(ModelError):
    """The endpoint did not accept the key."""


class UnknownModelError(ModelError):
    """The endpoint does not know the model, or has no such address."""


class QuotaExhaustedError(ModelError):
    """The account behind the key has no credit left."""


class AnswerInvalidError(ModelError):
    """No answer fitted the schema within the tries."""


class NotSentError(ModelError):
    """A request was held back: nothing is wrong with the document, and another run can go on with it."""

    exit_code = 4


class BudgetSpentError(NotSentError):
    """The request could pass the limit of cost or of tokens."""


class RunStoppedError(NotSentError):
    """The run is stopping, and begins nothing new."""


class AnswerPendingError(RunStoppedError):
    """The request is, or will be, in a batch of the provider; another pass of the run finds its answer."""


class ReplayMissError(ModelError):
    """A recording holds no such exchange."""

"""A chat completion as it came, which need not be what the client's types promise."""

from typing import TYPE_CHECKING, Any, TypeGuard

from schemas.draft import Usage

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion, ChatCompletionMessage

# Far above what any artefact needs, far below what would make the next request too long to send.
LONGEST_ANSWER = 500_000  # characters


def is_completion(value: object) -> "TypeGuard[ChatCompletion]":
    """Whether the client made a completion of the answer; of a web page it makes a string."""
    from openai.types.chat import ChatCompletion

    return isinstance(value, ChatCompletion)


def usage_of(completion: "ChatCompletion") -> Usage:
    """The tokens of this one completion, copied now: instructor overwrites them with a running sum.

    None where they are not told.
    """
    usage: Any = completion.usage
    return Usage(
        prompt_tokens=_count(getattr(usage, "prompt_tokens", None)),
        cached_tokens=_count(getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None)),
        completion_tokens=_count(getattr(usage, "completion_tokens", None)),
    )


def message_of(completion: "ChatCompletion") -> "ChatCompletionMessage":
    """The message of the first choice; an empty one when there is no choice."""
    from openai.types.chat import ChatCompletionMessage

    return (
        completion.choices[0].message
        if completion.choices
        else ChatCompletionMessage(role="assistant", content="")
    )


def finish_reason_of(completion: "ChatCompletion") -> str | None:
    """Why the first choice ended, or None when there is no choice."""
    return completion.choices[0].finish_reason if completion.choices else None


def fault_of(message: "ChatCompletionMessage", tool: str | None) -> str | None:
    """What is wrong with the form of an answer, as a sentence for the model.

    ``tool`` is the tool it was to call, None for plain text.
    """
    if len(_text_of(message)) > LONGEST_ANSWER:
        return f"The answer was longer than {LONGEST_ANSWER} characters; answer much more briefly."
    if not _is_sendable(message):
        return "The answer was not text in valid Unicode."
    if tool is None:
        return None if message.content else "The answer was empty."
    calls: list[Any] = list(message.tool_calls or [])
    if not calls:
        return f"The answer did not call the tool {tool}; call it once, with the whole answer."
    if any(call.function.name != tool for call in calls):
        return f"The answer called another tool than {tool}; call {tool} once, with the whole answer."
    if len({str(call.function.arguments) for call in calls}) > 1:
        times = f"{len(calls)} times with different arguments"
        return f"The answer called the tool {tool} {times}; call it once, with the whole answer."
    return None


def readable(completion: "ChatCompletion") -> "ChatCompletion":
    """The completion as instructor can read and send it back: one choice, emptied if too long or no text."""
    from openai.types.chat.chat_completion import Choice

    message = message_of(completion)
    if not _is_sendable(message):
        message = _emptied(message)
    choice = Choice.model_construct(
        finish_reason=finish_reason_of(completion) or "stop", index=0, message=message
    )
    return completion.model_copy(update={"choices": [choice]})


def _text_of(message: "ChatCompletionMessage") -> str:
    calls: list[Any] = list(message.tool_calls or [])
    return "".join([str(message.content or ""), *(str(call.function.arguments) for call in calls)])


def _is_sendable(message: "ChatCompletionMessage") -> bool:
    text = _text_of(message)
    if len(text) > LONGEST_ANSWER or not isinstance(message.content, str | None):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _emptied(message: "ChatCompletionMessage") -> "ChatCompletionMessage":
    calls: list[Any] = [
        call.model_copy(update={"function": call.function.model_copy(update={"arguments": "{}"})})
        for call in message.tool_calls or []
    ]
    return message.model_copy(update={"content": "", "tool_calls": calls or None})


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

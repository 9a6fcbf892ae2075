"""A chat completion as it came, which need not be what the client's types promise."""

from typing import TYPE_CHECKING, Any, TypeGuard

from schemas.draft import Usage

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion, ChatCompletionMessage
    from openai.types.chat.chat_completion_message_function_tool_call import Function

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


def model_of(completion: "ChatCompletion") -> str | None:
    """The model that answered, as it names itself, or None."""
    return completion.model if isinstance(completion.model, str) and completion.model else None


def error_of(completion: "ChatCompletion") -> dict[str, Any] | None:
    """The error that stands in the place of an answer: some gateways send theirs with the status 200."""
    error: Any = getattr(completion, "error", None)
    return error if isinstance(error, dict) and _choice_of(completion) is None else None


def message_of(completion: "ChatCompletion") -> "ChatCompletionMessage":
    """The message of the first choice; an empty one when there is none."""
    from openai.types.chat import ChatCompletionMessage

    message: Any = getattr(_choice_of(completion), "message", None)
    if isinstance(message, ChatCompletionMessage):
        return message
    return ChatCompletionMessage(role="assistant", content="")


def finish_reason_of(completion: "ChatCompletion") -> str | None:
    """Why the first choice ended, or None when there is no choice."""
    reason: Any = getattr(_choice_of(completion), "finish_reason", None)
    return reason if isinstance(reason, str) else None


def _choice_of(completion: "ChatCompletion") -> Any:
    choices: Any = completion.choices
    return choices[0] if isinstance(choices, list) and choices else None


def fault_of(message: "ChatCompletionMessage", tool: str | None) -> str | None:
    """What is wrong with the form of an answer, as a sentence for the model.

    ``tool`` is the tool it was to call, None for plain text.
    """
    if len(_text_of(message)) > LONGEST_ANSWER:
        return f"The answer was longer than {LONGEST_ANSWER} characters; answer much more briefly."
    if not _is_text(message):
        return "The answer was not text in valid Unicode."
    if tool is None:
        return None if message.content else "The answer was empty."
    calls = _functions_of(message)
    if not calls and not message.tool_calls:
        return f"The answer did not call the tool {tool}; call it once, with the whole answer."
    if any(call.name != tool for call in calls) or not _has_functions_only(message):
        return f"The answer called another tool than {tool}; call {tool} once, with the whole answer."
    if len({call.arguments for call in calls}) > 1:
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


def _functions_of(message: "ChatCompletionMessage") -> "list[Function]":
    """The functions called, with name and arguments as texts; calls of another kind are left out."""
    functions: list[Any] = [getattr(call, "function", None) for call in message.tool_calls or []]
    return [
        f
        for f in functions
        if isinstance(getattr(f, "name", None), str) and isinstance(getattr(f, "arguments", None), str)
    ]


def _has_functions_only(message: "ChatCompletionMessage") -> bool:
    return len(_functions_of(message)) == len(message.tool_calls or [])


def _text_of(message: "ChatCompletionMessage") -> str:
    return "".join([str(message.content or ""), *(call.arguments for call in _functions_of(message))])


def _is_text(message: "ChatCompletionMessage") -> bool:
    try:
        _text_of(message).encode()
    except UnicodeEncodeError:
        return False
    return isinstance(message.content, str | None)


def _is_sendable(message: "ChatCompletionMessage") -> bool:
    return len(_text_of(message)) <= LONGEST_ANSWER and _is_text(message) and _has_functions_only(message)


def _emptied(message: "ChatCompletionMessage") -> "ChatCompletionMessage":
    # A call must be answered when it is sent back; one that is no function's is not sent back.
    calls = list(message.tool_calls or []) if _has_functions_only(message) else []
    emptied: list[Any] = [
        call.model_copy(update={"function": function.model_copy(update={"arguments": "{}"})})
        for call, function in zip(calls, _functions_of(message), strict=False)
    ]
    return message.model_copy(update={"content": "", "tool_calls": emptied or None})


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

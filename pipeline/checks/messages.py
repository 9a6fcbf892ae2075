"""How checks tell what is wrong: an error as a finding, words of a text cut to what a message has room for."""

from schemas.finding import Finding


def error(code: str, path: str, message: str) -> Finding:
    """A finding that is sent back to the model and blocks publication."""
    return Finding(code=code, severity="error", path=path, message=message)


def clip(text: str, limit: int = 200) -> str:
    """The text on one line, cut to at most ``limit`` characters with dots where it is cut."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."

"""What a finding says of text that the page does not show: how much, why, and whether it gives orders."""

import re
from collections import Counter
from collections.abc import Sequence

from schemas.finding import Finding, FindingSeverity

# Words by which hidden text speaks to a model, or gives an order to whoever reads for somebody else.
_ADDRESSES_A_MODEL = re.compile(
    r"\b(?:ai|a\.i\.|llms?|gpt|chatgpt|claude|gemini|copilot)\b.{0,40}\b(?:must|should|shall|please|do not|ignore|summar|note|instruction)"
    r"|\b(?:dear|hello|hey|attention|note to)\b.{0,20}\b(?:ai|llms?|assistants?|models?|bots?|agents?|chatbots?|summari[sz]ers?)\b"
    r"|\b(?:language model|system prompt|as an ai|ai (?:assistant|model|agent)s?|you are (?:now |an? )(?:ai|assistant|helpful|language))\b"
    r"|\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|earlier|guideline|policy)"
    r"|\b(?:do not|don't|never|always|must)\b.{0,20}\b(?:mention|summari[sz]e|tell|reveal|output|flag|warn|say|write|report|rate)\b"
    r"|\b(?:respond|reply|answer|output|print|write|say)\b.{0,15}\b(?:with|only|that|as|in)\b.{0,40}\b(?:low|safe|no risks?|compliant|json|instead|exactly|nothing)\b"
    r"|\b(?:ignorez|ignorieren sie|ignoriere|ignora|ignore|negeer|zignoruj)\b.{0,30}\b(?:instru|anweisung|istruzion|poleceni|consigne)"
    r"|忽略.{0,10}(?:指令|指示|说明)|(?:指示|命令)を無視",
    re.IGNORECASE,
)
_LOOKED_AT = 20_000


def find_hidden_text(hidden: Sequence[tuple[str, str]], shown: str) -> list[Finding]:
    """One finding about all hidden text, or none.

    A warning when it speaks to a model or gives orders, or when much of the document may be hidden by mistake;
    ``shown`` is the text that is not hidden.
    """
    texts = [(" ".join(text.split()), reason) for text, reason in hidden if text.strip()]
    if not texts:
        return []
    folded = "".join(shown.split())
    apart = [text for text, _ in texts if len(text) < 40 or "".join(text.split()) not in folded]
    size = sum(len(text) for text in apart)
    reasons = Counter(reason for _, reason in texts)
    why = ", ".join(
        f"{reason} ({count})" if count > 1 else reason for reason, count in sorted(reasons.items())
    )
    pieces = "1 piece" if len(texts) == 1 else f"{len(texts)} pieces"
    message = f"Kept out of the document, because the page does not show it: {pieces} of text ({why})."
    suspicious = any(_ADDRESSES_A_MODEL.search(text[:_LOOKED_AT]) for text in apart)
    if suspicious:
        message += " Some of it gives orders or speaks to a model; look at it before you trust the source."
    elif size > len(shown) / 2:
        message += f" With {size} characters it is much beside the {len(shown)} that show; look whether the page was saved with its parts closed."
    severity: FindingSeverity = "warning" if suspicious or size > len(shown) / 2 else "info"
    return [Finding(code="document.hidden_text", severity=severity, path="", message=message)]

"""Reading: which passages of one part of a long document matter."""

from pydantic import Field

from schemas.base import Answer


class ChosenPassage(Answer):
    """A passage to be shown to the stages."""

    passage_id: str = Field(description="Id of the passage, exactly as it stands in square brackets.")
    category: str = Field(description="Id of the category of the taxonomy that it serves.")


class Reading(Answer):
    """The passages of one part that matter, the weightiest first."""

    passages: list[ChosenPassage]

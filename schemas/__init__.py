"""What things are: the data that flows through Clausewise, as pydantic models that import pydantic alone."""

"""Is everything in order to run: the endpoint, the model and its modes, its price, the store."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.errors import ModelError, StoreError
from pipeline.files import made_for_now
from pipeline.llm import Door
from pipeline.prices import price_known
from pipeline.settings import Server, Settings
from pipeline.store.opening import open_store
from pipeline.store.sqlite import IN_MEMORY, SqliteStore


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing looked at: whether it is in order, what was seen, and the exit code when it is not (0 when it may be so).

    ``in_order`` is None for a note: worth knowing, and no fault.
    """

    subject: str
    in_order: bool | None
    told: str
    exit_code: int


async def examine(settings: Settings) -> list[Examination]:
    """Look at the store, the endpoint, the model in each mode, and the price."""
    return [await _store(settings), *await _endpoint(settings), _price(settings)]


async def _store(settings: Settings) -> Examination:
    path = settings.store
    try:
        if isinstance(path, Server):
            async with open_store(path):
                return Examination("store", True, f"{path} is writable", 0)
        if path == IN_MEMORY or path.exists():
            with SqliteStore(path):
                return Examination("store", True, f"{path} is writable", 0)
        # Looking makes no store: another one in its place shows whether there can be one, and is taken away.
        with (
            made_for_now(path.parent) as folder,
            TemporaryDirectory(prefix=".", dir=folder) as place,
            SqliteStore(Path(place) / path.name),
        ):
            return Examination("store", True, f"{path} is not there yet and can be made", 0)
    except StoreError as error:
        return Examination("store", False, str(error), error.exit_code)
    except OSError as error:
        told = f"The store {path} cannot be made ({error.strerror}); name another with --store."
        return Examination("store", False, told, StoreError.exit_code)


async def _endpoint(settings: Settings) -> list[Examination]:
    try:
        async with Door(settings) as door:
            probe = await door.probe()
    except ModelError as error:
        return [Examination("endpoint", False, str(error), error.exit_code)]
    seen = [Examination("endpoint", True, f"{settings.endpoint} answers", 0)]
    if probe.models is not None:
        listed = settings.model in probe.models
        told = (
            "is listed"
            if listed
            else f"is not among the {len(probe.models)} listed: {', '.join(sorted(probe.models)[:8])}"
        )
        seen.append(Examination("model", listed, f"{settings.model} {told}", 0))
    seen += [
        Examination(f"mode {mode}", fault is None, fault or "answers to the schema", 0)
        for mode, fault in probe.modes.items()
    ]
    if all(fault is not None for fault in probe.modes.values()):
        seen.append(
            Examination("answers", False, "the model answers in none of the modes", ModelError.exit_code)
        )
    return seen


def _price(settings: Settings) -> Examination:
    known = price_known(settings.model, settings.base_url)
    told = (
        "is known"
        if known
        else "is not known: costs will be shown as unpriced, tokens are counted all the same"
    )
    return Examination("price", True if known else None, f"the price of {settings.model} {told}", 0)

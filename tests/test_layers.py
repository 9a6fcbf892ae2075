"""Who may import whom, read from the sources."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("pipeline", "prompts", "schemas", "eval", "cassettes")

_BASE = {"schemas", "pipeline.errors"}
# The modules behind the door to the model; they know nothing of privacy policies.
_DOOR = {
    f"pipeline.{name}"
    for name in (
        "llm",
        "answers",
        "completions",
        "exchange",
        "faults",
        "prices",
        "provider",
        "retries",
        "strict_schema",
    )
}

# Module prefix -> prefixes of our own modules that it may import. The longest prefix that fits decides.
MAY_IMPORT: dict[str, set[str]] = {
    "schemas": {"schemas"},
    "pipeline.errors": {"schemas.draft", "schemas.review"},
    "pipeline.settings": _BASE,
    "pipeline.prompts": {"pipeline.errors"},
    "pipeline.files": {"pipeline.errors"},
    "pipeline.jsonschema": {"schemas"},
    "pipeline.progress": {"schemas"},
    "pipeline.source": {*_BASE, "pipeline.source"},
    "pipeline.document": {*_BASE, "pipeline.document", "pipeline.source.fetched"},
    "pipeline.registry": {*_BASE, "pipeline.registry"},
    "pipeline.checks": {*_BASE, "pipeline.registry", "pipeline.checks"},
    **{
        name: {"schemas.base", "schemas.draft", "pipeline.errors", "pipeline.settings", *_DOOR}
        for name in _DOOR
    },
    # A store keeps replies, and so knows what one is; of models and stages it knows nothing.
    "pipeline.store": {*_BASE, "pipeline.settings", "pipeline.store", "pipeline.exchange"},
    "pipeline.tracing": {"schemas", "pipeline.errors", "pipeline.settings", "pipeline.exchange"},
    "pipeline.aside": set(),
    "pipeline.command": {"pipeline.errors"},
    "pipeline.batch": {
        *_BASE,
        "pipeline.settings",
        "pipeline.prompts",
        "pipeline.prices",
        "pipeline.exchange",
        "pipeline.llm",
        "pipeline.registry.digest",
        "pipeline.source",
        "pipeline.document.reader",
        "pipeline.stages",
        "pipeline.draft",
        "pipeline.aside",
        "pipeline.files",
        "pipeline.store",
        "pipeline.summarize",
        "pipeline.tracing",
        "pipeline.batch",
    },
    # As a batch, and with the door to the provider's files.
    "pipeline.provider_batch": {
        *_BASE,
        "pipeline.settings",
        *_DOOR,
        "pipeline.batch",
        "pipeline.store",
        "pipeline.provider_batch",
    },
    # Nothing of one process knows that there may be several.
    "pipeline.fleet": {
        *_BASE,
        "pipeline.settings",
        "pipeline.prices",
        "pipeline.exchange",
        "pipeline.llm",
        "pipeline.source.file",
        "pipeline.aside",
        "pipeline.files",
        "pipeline.store",
        "pipeline.summarize",
        "pipeline.tracing",
        "pipeline.batch",
        "pipeline.fleet",
    },
    "pipeline.stages": {
        *_BASE,
        "pipeline.settings",
        "pipeline.prompts",
        "pipeline.registry",
        "pipeline.checks",
        "pipeline.llm",
        "pipeline.prices",
        "pipeline.store",
        "pipeline.stages.stage",
        "pipeline.stages.opening",
    },
    "pipeline.draft": {
        *_BASE,
        "pipeline.settings",
        "pipeline.registry",
        "pipeline.checks",
        "pipeline.llm",
        "pipeline.stages",
        "pipeline.store",
        "pipeline.aside",
    },
    "pipeline.publish": {
        *_BASE,
        "pipeline.files",
        "pipeline.registry",
        "pipeline.checks",
        "pipeline.publish",
    },
    # Reviewing needs no key: nothing of models, stages or batches.
    "pipeline.review": {
        *_BASE,
        "pipeline.settings",
        "pipeline.files",
        "pipeline.registry",
        "pipeline.checks",
        "pipeline.store",
        "pipeline.publish",
        "pipeline.review",
    },
}


def _modules() -> list[tuple[str, Path]]:
    found = []
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module or ""}
    return names


def _below(name: str, prefixes: set[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


MODULES = _modules()


@pytest.mark.parametrize(("module", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_module_imports_only_what_its_layer_may(module: str, path: Path) -> None:
    rules = [prefix for prefix in MAY_IMPORT if _below(module, {prefix})]
    ours = {name for name in _imports(path) if name.split(".")[0] in OURS}
    if rules:
        allowed = MAY_IMPORT[max(rules, key=len)]
        assert not {n for n in ours if not _below(n, allowed | {module})}
    if module != "pipeline.cli":
        assert not _below("pipeline.cli", ours)
        if module.startswith("pipeline"):
            assert not {n for n in ours if n.split(".")[0] == "eval"}


@pytest.mark.parametrize("path", [p for m, p in MODULES if m.startswith("schemas")], ids=lambda p: p.name)
def test_schemas_import_pydantic_alone(path: Path) -> None:
    outside = {n.split(".")[0] for n in _imports(path)} - set(sys.stdlib_module_names)
    assert outside <= {"pydantic", "schemas"}


@pytest.mark.parametrize(
    "package", ["pipeline.document", "pipeline.prompts", "pipeline.registry", "pipeline.checks"]
)
def test_pure_packages_reach_neither_network_nor_database(package: str) -> None:
    forbidden = {
        "socket",
        "sqlite3",
        "httpx",
        "httpx2",
        "openai",
        "instructor",
        "urllib.request",
        "http.client",
        "requests",
    }
    for module, path in MODULES:
        if _below(module, {package}):
            assert not _imports(path) & forbidden, module


def test_only_the_door_imports_openai_and_instructor() -> None:
    users = {m for m, path in MODULES if {n.split(".")[0] for n in _imports(path)} & {"openai", "instructor"}}
    assert "pipeline.llm" in users
    assert users <= _DOOR


def test_only_the_fleet_and_its_store_need_postgresql() -> None:
    extra = {"psycopg", "psycopg_pool", "procrastinate"}
    users = {m for m, path in MODULES if {n.split(".")[0] for n in _imports(path)} & extra}
    assert users == {"pipeline.store.postgres", "pipeline.fleet.queue"}
    # Others reach these by an import within the function that needs them, so that the extra stays one.
    for module, path in MODULES:
        if not _below(module, {"pipeline.fleet"}) and module != "pipeline.store.fleet":
            top = ast.parse(path.read_text(encoding="utf-8")).body
            named = {node.module for node in top if isinstance(node, ast.ImportFrom) and node.module}
            assert not {
                n
                for n in named
                if _below(n, {"pipeline.fleet", "pipeline.store.postgres", "pipeline.store.fleet"})
            }, module


def _users_of(packages: set[str]) -> set[str]:
    return {m for m, path in MODULES if {n.split(".")[0] for n in _imports(path)} & packages}


def test_only_the_store_of_reviews_needs_sqlalchemy() -> None:
    assert _users_of({"sqlalchemy"}) == {
        f"pipeline.store.{name}"
        for name in ("review_audit", "review_engine", "review_people", "review_tables", "reviews")
    }


def test_only_pages_of_the_desk_need_a_web_server_and_the_desk_itself_knows_nothing_of_http() -> None:
    web = _users_of({"starlette", "uvicorn", "argon2", "multipart", "python_multipart"})
    assert web
    assert all(_below(module, {"pipeline.review"}) for module in web)
    reached = {"pipeline.review.desk"}
    while True:
        # What it imports of reviewing, and what that imports.
        found = {
            n
            for m, path in MODULES
            if m in reached
            for n in _imports(path)
            if n.startswith("pipeline.review.")
        }
        if found <= reached:
            break
        reached |= found
    assert not reached & web


def test_nothing_writes_import_eval_which_hides_the_builtin() -> None:
    for module, path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert "eval" not in {alias.asname or alias.name for alias in node.names}, module

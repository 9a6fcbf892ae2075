"""The examination tells apart what is in order, what may be so, and what stops the work."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.doctor import Examination, examine
from pipeline.settings import Settings
from pipeline.store.sqlite import SqliteStore
from tests.endpoint import KEY, Endpoint, Request, answer, fault
from tests.endpoint import Reply as Scripted
from tests.privileges import without_privileges

SAMPLE = {"word": "clausewise", "number": 7}


async def examined(settings: Settings) -> dict[str, Examination]:
    return {seen.subject: seen for seen in await examine(settings)}


def settings_of(endpoint: Endpoint, tmp_path: Path, **changes: object) -> Settings:
    return endpoint.settings(**({"store": tmp_path / "store.db"} | changes))


async def test_everything_in_order(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.models = ["scripted", "other"]
    endpoint.script_with(lambda request: answer(SAMPLE))
    seen = await examined(settings_of(endpoint, tmp_path))
    assert list(seen) == [
        "store",
        "endpoint",
        "model",
        "mode json_schema",
        "mode tools",
        "mode md_json",
        "price",
    ]
    assert {subject: e.in_order for subject, e in seen.items() if e.in_order is not True} == {"price": None}
    assert "unpriced" in seen["price"].told
    assert max(e.exit_code for e in seen.values()) == 0
    assert str(tmp_path / "store.db") in seen["store"].told


async def test_model_that_is_not_listed_is_told_with_those_that_are(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.models = ["zeta", "alpha"]
    endpoint.script_with(lambda request: answer(SAMPLE))
    seen = await examined(settings_of(endpoint, tmp_path))
    assert not seen["model"].in_order
    assert seen["model"].told == "scripted is not among the 2 listed: alpha, zeta"
    assert seen["model"].exit_code == 0


async def test_endpoint_without_a_list_of_models_is_in_order(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.models = None
    endpoint.script_with(lambda request: answer(SAMPLE))
    seen = await examined(settings_of(endpoint, tmp_path))
    assert "model" not in seen
    assert max(e.exit_code for e in seen.values()) == 0


async def test_one_mode_that_works_is_enough(endpoint: Endpoint, tmp_path: Path) -> None:
    def reply(request: Request) -> Scripted:
        return (
            answer(SAMPLE)
            if "tools" in request.json
            else fault(400, None, "response_format is not supported")
        )

    endpoint.script_with(reply)
    seen = await examined(settings_of(endpoint, tmp_path))
    assert seen["mode tools"].in_order
    assert "response_format is not supported" in seen["mode json_schema"].told
    assert max(e.exit_code for e in seen.values()) == 0


async def test_no_mode_that_works_is_a_fault_of_the_endpoint(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script_with(lambda request: answer("no"))
    seen = await examined(settings_of(endpoint, tmp_path))
    assert seen["answers"].exit_code == 3


async def test_wrong_key_is_told_without_the_key(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script(fault(401, "invalid_api_key", f"Incorrect API key provided: {KEY}"))
    seen = await examined(settings_of(endpoint, tmp_path))
    assert (seen["endpoint"].in_order, seen["endpoint"].exit_code) == (False, 3)
    assert "check OPENAI_API_KEY" in seen["endpoint"].told
    assert KEY not in str(seen)


async def test_nobody_at_the_address(endpoint: Endpoint, tmp_path: Path) -> None:
    settings = settings_of(endpoint, tmp_path)
    endpoint.close()
    seen = await examined(settings)
    assert (seen["endpoint"].in_order, seen["endpoint"].exit_code) == (False, 3)
    assert "no connection" in seen["endpoint"].told
    assert seen["store"].in_order


async def test_password_in_the_address_is_not_shown(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    url = endpoint.url.replace("http://", "http://user:open-sesame@")
    seen = await examined(settings_of(endpoint, tmp_path, base_url=url))
    assert endpoint.url in seen["endpoint"].told
    assert "open-sesame" not in str(seen)


async def test_store_that_cannot_be_written_is_bad_usage(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    (tmp_path / "file").write_text("x")
    seen = await examined(settings_of(endpoint, tmp_path, store=tmp_path / "file" / "store.db"))
    assert (seen["store"].in_order, seen["store"].exit_code) == (False, 2)


async def test_looking_at_a_store_that_is_not_there_makes_none(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    path = tmp_path / "not" / "there" / "store.db"
    seen = await examined(settings_of(endpoint, tmp_path, store=path))
    assert (seen["store"].in_order, seen["store"].told) == (True, f"{path} is not there yet and can be made")
    assert list(tmp_path.iterdir()) == []


async def test_looking_at_a_store_that_is_there_leaves_it_as_it_was(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    settings = settings_of(endpoint, tmp_path)
    with SqliteStore(settings.store) as store:
        await store.save("k", "risk", "a", "{}")
    seen = await examined(settings)
    assert seen["store"].told == f"{settings.store} is writable"
    assert [p.name for p in tmp_path.iterdir()] == ["store.db"]
    with SqliteStore(settings.store) as store:
        assert await store.load("k") is not None


async def test_store_that_can_be_read_and_not_written_is_bad_usage(endpoint: Endpoint) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        SqliteStore(path).__exit__(None, None, None)
        path.chmod(0o444)
        Path(folder).chmod(0o777)
        with without_privileges():
            seen = await examined(endpoint.settings(store=path))
        assert (seen["store"].in_order, seen["store"].exit_code) == (False, 2)
        assert [p.name for p in Path(folder).iterdir()] == ["store.db"]


async def test_price_of_a_hosted_model_is_not_that_of_a_local_server(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.script_with(lambda request: answer(SAMPLE))
    seen = await examined(settings_of(endpoint, tmp_path, model="gpt-4o-mini"))
    assert seen["price"].in_order is None

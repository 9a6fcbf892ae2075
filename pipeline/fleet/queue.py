"""The queue of a fleet: Procrastinate's, in the store's database. A job is a key, the run and the item, and nothing else.

So a job that runs twice, or for nothing, does no harm: what is done is in the store. Procrastinate's tables stand in a schema named after
its own script; where workers of two versions meet, each has its queue, and what waits in the other's is found by the sweep.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence

from pipeline.errors import StoreError
from pipeline.settings import Server
from pipeline.store.fleet import FleetStore
from pipeline.store.postgres import Connection

try:
    from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
    from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
    from procrastinate.jobs import Job, Status
    from procrastinate.schema import SchemaManager
except ImportError as missing:
    raise StoreError(
        "Workers need packages that are not installed; install clausewise[postgres]."
    ) from missing

QUEUE = "clausewise"
DRAFT = "draft"
_AT_ONCE = 500
# What looks after the queue goes before documents.
_FIRST = 1

Work = Callable[[str, str], Awaitable[None]]


class LaterError(Exception):
    """A job that cannot be done now, and shall come again after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class _ComesAgain(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, LaterError):
            return RetryDecision(retry_in={"milliseconds": round(exception.seconds * 1000)})
        return None


class Queue:
    """The jobs of a store's runs. ``stalled_after`` is after how many seconds without a sign of life a worker's jobs go to others."""

    def __init__(self, place: Server, store: FleetStore, *, stalled_after: float = 60.0) -> None:
        script = SchemaManager.get_schema()
        self._script = script
        self.schema = f"clausewise_queue_{hashlib.sha256(script.encode()).hexdigest()[:8]}"
        self._store = store
        self._stalled_after = stalled_after
        self.app = App(
            connector=PsycopgConnector(
                conninfo=place.url.get_secret_value(),
                min_size=1,
                max_size=4,
                configure=self._configure,
                kwargs={"connect_timeout": 10},
            )
        )
        # What it logs of a job that comes again is told as an error with its traceback.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)

    async def _configure(self, connection: Connection) -> None:
        await connection.execute(f'SET search_path TO "{self.schema}"')
        await connection.commit()

    async def make(self) -> None:
        """Make the queue's tables, unless they are there."""
        await self._store.make_queue(self.schema, self._script)

    async def enqueue(self, run_id: str) -> int:
        """Put every item of a run that waits and has no job into the queue; gives how many."""
        count, after = 0, -1
        while found := await self._store.unqueued(self.schema, run_id, _AT_ONCE, after):
            after = found[-1][0]
            count += await self._put(run_id, [item for _, item in found])
        return count

    async def _put(self, run_id: str, items: Sequence[str]) -> int:
        jobs = [
            Job(
                id=None,
                queue=QUEUE,
                lock=f"{run_id}/{item}",
                queueing_lock=f"{run_id}/{item}",
                task_name=DRAFT,
                task_kwargs={"run_id": run_id, "item_id": item},
            )
            for item in items
        ]
        try:
            await self.app.job_manager.batch_defer_jobs_async(jobs)
        except AlreadyEnqueued:
            # Another process has put some of them there in the meantime.
            if len(items) == 1:
                return 0
            return sum([await self._put(run_id, [item]) for item in items])
        return len(items)

    async def work(self, draft: Work, *, concurrency: int) -> None:
        """Take jobs until this is cancelled; ``draft`` does one, and may raise LaterError. Those in work are waited for."""
        app = self.app

        @app.task(name=DRAFT, queue=QUEUE, retry=_ComesAgain())
        async def draft_one(run_id: str, item_id: str) -> None:
            await draft(run_id, item_id)

        seconds = max(1, min(30, int(self._stalled_after / 3)))

        @app.periodic(cron=f"* * * * * */{seconds}")
        @app.task(name="rescue", queue=QUEUE, queueing_lock="rescue", priority=_FIRST)
        async def rescue(timestamp: int) -> None:
            await self.rescue()

        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            install_signal_handlers=False,
            update_heartbeat_interval=self._stalled_after / 4,
            stalled_worker_timeout=self._stalled_after,
            delete_jobs="always",
        )

    async def rescue(self) -> None:
        """Put jobs of workers that have died back into the queue, and sweep."""
        stalled = await self.app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=self._stalled_after
        )
        for job in stalled:
            try:
                await self.app.job_manager.retry_job(job)
            except UniqueViolation:
                # The item has got another job since.
                await self.app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        await self.sweep()

    async def sweep(self) -> None:
        """Put items into the queue that wait and have no job, for whatever reason, and finish runs of which nothing waits."""
        # While jobs wait, whoever has none can wait too.
        if await self._store.is_queue_dry(self.schema, DRAFT):
            for run_id in await self._store.running():
                if not await self._store.finish_run(run_id):
                    await self.enqueue(run_id)

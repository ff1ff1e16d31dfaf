"""Worker processes: a picture that kills or hangs one takes nobody else's answer with it."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import closing

import pytest

from isthisme.domain import Candidate, ReferencePreview
from isthisme.errors import ModelUnusable, UnreadableImage, WorkerCrashed
from isthisme.workers import Priority, WorkerEngine, WorkerPool, wire
from tests.companion import wait_until
from tests.pictures import drawn, encoded


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with closing(WorkerPool("none", 2)) as made:
        yield made


@pytest.fixture
def engine(pool: WorkerPool) -> WorkerEngine:
    return WorkerEngine(pool, Priority.ASKED)


def test_a_worker_gives_what_the_engine_gives(engine: WorkerEngine) -> None:
    description = engine.describe_photo(encoded(drawn(1)))
    assert (description.width, description.height, description.descriptor) == (480, 360, None)
    query = engine.describe_query(encoded(drawn(1)), deep=False)
    assert int(query.hashes[0]) == int(description.hashes[0])


def test_the_engines_errors_arrive_as_they_are(engine: WorkerEngine) -> None:
    with pytest.raises(UnreadableImage):
        engine.describe_photo(b"this is no picture")


def test_a_killed_worker_fails_its_own_picture_only(pool: WorkerPool, engine: WorkerEngine) -> None:
    engine.describe_photo(encoded(drawn(2)))
    for process_id in pool.process_ids:
        os.kill(process_id, signal.SIGKILL)
    outcomes = []
    for seed in range(4):
        try:
            outcomes.append(engine.describe_photo(encoded(drawn(seed))).width)
        except WorkerCrashed as error:
            outcomes.append(str(error))
    # Each of the two workers noticed its end with the picture it was given then, and was replaced.
    assert outcomes[-1] == 480
    assert all(outcome == 480 or "ended" in str(outcome) for outcome in outcomes)


def test_a_worker_that_hangs_is_replaced_in_time() -> None:
    with closing(WorkerPool("none", 1, job_seconds=4.0)) as pool:
        engine = WorkerEngine(pool, Priority.ASKED)
        engine.describe_photo(encoded(drawn(3)))
        (process_id,) = pool.process_ids
        os.kill(process_id, signal.SIGSTOP)
        with pytest.raises(WorkerCrashed, match="took more than"):
            engine.describe_photo(encoded(drawn(3)))
        assert engine.describe_photo(encoded(drawn(3))).width == 480


def test_a_worker_that_did_nearly_enough_is_replaced_while_nobody_waits() -> None:
    with closing(WorkerPool("none", 1, jobs_of_a_worker=5)) as pool:
        engine = WorkerEngine(pool, Priority.ASKED)
        for _ in range(4):
            engine.describe_photo(encoded(drawn(3)))
        first = pool.process_ids
        wait_until(lambda: pool.process_ids - first, "the worker is replaced")
        present = pool.process_ids
        engine.describe_photo(encoded(drawn(3)))
        assert pool.process_ids == present, "the new one was ready, and does the next picture"


def test_a_worker_that_did_enough_is_replaced_though_there_is_no_pause() -> None:
    with closing(WorkerPool("none", 1, jobs_of_a_worker=2)) as pool:
        WorkerEngine(pool, Priority.ASKED).describe_photo(encoded(drawn(3)))
        first = pool.process_ids
        wait([pool.submit(wire.DescribePhoto(encoded(drawn(3))), Priority.INDEXING) for _ in range(2)])
        assert not first & pool.process_ids


def test_what_the_user_waits_for_goes_before_indexing() -> None:
    order: list[str] = []
    lock = threading.Lock()

    def note(name: str) -> None:
        with lock:
            order.append(name)

    with closing(WorkerPool("none", 1)) as pool:
        data = encoded(drawn(4))
        WorkerEngine(pool, Priority.ASKED).describe_photo(data)
        (worker,) = pool.process_ids
        os.kill(worker, signal.SIGSTOP)  # until all are in line
        jobs = []
        for number in range(4):
            job = pool.submit(wire.DescribePhoto(data), Priority.INDEXING)
            job.add_done_callback(lambda _, number=number: note(f"indexing {number}"))
            jobs.append(job)
        asked = pool.submit(wire.DescribeQuery(data, deep=False), Priority.ASKED)
        asked.add_done_callback(lambda _: note("asked"))
        os.kill(worker, signal.SIGCONT)
        wait([*jobs, asked])
    assert order.index("asked") <= 1  # the one under way was not interrupted


def test_a_model_that_cannot_be_loaded_is_said_to_everybody(tmp_path: object) -> None:
    with closing(WorkerPool(f"{tmp_path}/none.onnx", 1)) as pool, pytest.raises(ModelUnusable, match=r"none\.onnx"):
        WorkerEngine(pool, Priority.ASKED).model()


def test_closing_ends_the_processes_and_cancels_what_waits() -> None:
    pool = WorkerPool("none", 1)
    data = encoded(drawn(5))
    WorkerEngine(pool, Priority.ASKED).describe_photo(data)
    processes = pool.process_ids
    for process_id in processes:
        os.kill(process_id, signal.SIGSTOP)  # until it is being closed
    jobs = [pool.submit(wire.DescribePhoto(data), Priority.INDEXING) for _ in range(5)]
    wait_until(jobs[0].running, "the first is under way")
    jobs[1].add_done_callback(lambda _: [os.kill(process_id, signal.SIGCONT) for process_id in processes])
    pool.close()
    assert [job.cancelled() for job in jobs] == [False, True, True, True, True]
    assert jobs[0].done()
    for process_id in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process_id, 0)
    with pytest.raises(WorkerCrashed):
        pool.submit(wire.NameModel(), Priority.ASKED)


def test_a_worker_whose_parent_was_killed_ends_by_itself(engine: WorkerEngine, tmp_path: object) -> None:
    import subprocess
    import sys

    script = (
        "import sys, time\n"
        "from isthisme.workers import WorkerPool, WorkerEngine, Priority\n"
        "pool = WorkerPool('none', 1)\n"
        "WorkerEngine(pool, Priority.ASKED).model()\n"
        "print(*pool.process_ids, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_until(lambda: not _lives(child), "the worker ends after its parent")


def _lives(process_id: int) -> bool:
    try:
        with open(f"/proc/{process_id}/stat") as stream:  # noqa: PTH123
            return stream.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_worker_draws_what_the_engine_draws(engine: WorkerEngine) -> None:
    described = engine.describe_photo(encoded(drawn(1)))
    candidate = Candidate(1, None, 1.0, 1.0)
    reference = ReferencePreview(candidate, described.preview, described.width, described.height)
    made = engine.compare(encoded(drawn(1), quality=70), reference, ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0)))
    assert made.sheet.startswith(b"\xff\xd8\xff")
    assert made.measured is not None
    assert engine.redraw(encoded(drawn(1), "PNG"), 100).startswith(b"\xff\xd8\xff")
    assert engine.camera_notes(encoded(drawn(1))).taken == ""
    with pytest.raises(UnreadableImage):
        engine.compare(b"no picture", reference, ())

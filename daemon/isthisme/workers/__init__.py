"""Worker processes: where untrusted bytes are decoded, described and verified, away from index and network."""

from isthisme.workers.confinement import Confinement
from isthisme.workers.pool import Priority, WorkerPool
from isthisme.workers.proxy import WorkerEngine

__all__ = ["Confinement", "Priority", "WorkerEngine", "WorkerPool"]

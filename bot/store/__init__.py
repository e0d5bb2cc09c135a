"""What outlives a restart, behind one small interface: SQLite by default, PostgreSQL where several replicas run."""

from bot.store.faults import STORE_FAULTS, DatabaseAwayError, StoreError
from bot.store.store import Feedback, Store, Thread

__all__ = ["STORE_FAULTS", "DatabaseAwayError", "Feedback", "Store", "StoreError", "Thread"]

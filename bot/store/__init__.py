"""What outlives a restart, behind one small interface: SQLite by default, PostgreSQL where several replicas run."""

from bot.store.database import StoreError
from bot.store.store import Feedback, Store, Thread

__all__ = ["Feedback", "Store", "StoreError", "Thread"]

"""What can be wrong with the database, named after who can mend it."""

from sqlalchemy.exc import SQLAlchemyError


class StoreError(Exception):
    """The database cannot be used as it is set up; whoever runs the bot can mend it."""


class DatabaseAwayError(StoreError):
    """The database does not answer now; the same setting may serve a moment later."""


STORE_FAULTS = (SQLAlchemyError, StoreError)
"""Whatever a database that is lost, at opening or in the middle of work, raises."""

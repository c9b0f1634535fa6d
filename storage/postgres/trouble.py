"""What can go wrong with a database, each told apart by its code and with what to do about it.

The codes are PostgreSQL's own (postgresql.org/docs/current/errcodes-appendix.html); its words are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as codes
from psycopg_pool import PoolTimeout

from flows.errors import StoreError
from storage import errors

#: what goes by: the server is away, has just gone over to another, or has too much to do
PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    codes.ReadOnlySqlTransaction,
    codes.TransactionRollback,
)
_FULL = (codes.DiskFull, codes.OutOfMemory)


@contextmanager
def translated() -> Iterator[None]:
    """Have what the database raises become a StoreError."""
    try:
        yield
    except (psycopg.Error, PoolTimeout) as error:
        raise of(error) from error


def of(error: Exception) -> StoreError:
    """Return the StoreError for an error of the database."""
    match error:
        case codes.DiskFull():
            return errors.full()
        case codes.InsufficientPrivilege():
            return not_allowed()
        case codes.InvalidPassword() | codes.InvalidAuthorizationSpecification():
            return not_let_in()
        case codes.UndefinedTable() | codes.UndefinedColumn() | codes.InvalidCatalogName():
            return not_made()
        case _:
            return away()


def away() -> StoreError:
    """Return the error for a database that does not answer, or has lost the thread."""
    return StoreError(
        "store-away",
        "The database does not answer. What was just sent may not be kept; all from before is.",
        "It goes on by itself when the database is there again. If it stays away, look whether it runs and "
        "whether its address is right.",
    )


def not_let_in() -> StoreError:
    """Return the error for a database that refuses the role or its password."""
    return StoreError(
        "store-not-let-in",
        "The database does not let this program in.",
        "Look at the role and the password in its address.",
    )


def not_allowed() -> StoreError:
    """Return the error for a role that may not do what is needed."""
    return StoreError(
        "store-not-allowed",
        "The database does not allow this role what is needed.",
        "Tables are made and changed by their owner: report-posting migrate, with REPORT_STORE_OWNER set to "
        "the owner's address.",
    )


def not_made() -> StoreError:
    """Return the error for a database without our tables, or with those of an older version."""
    return StoreError(
        "store-not-migrated",
        "The database does not have the tables of this version. Nothing was changed.",
        "Run once: report-posting migrate (a Procfile's release line does).",
    )


def newer() -> StoreError:
    """Return the error for a database that a newer version has written to."""
    return StoreError(
        "newer-store",
        "The database was last used by a newer version of this program. Nothing was changed.",
        "Start the newer version again, or put back a backup of the database from before it.",
    )


def closed() -> StoreError:
    """Return the error for a store that was closed."""
    return errors.closed()

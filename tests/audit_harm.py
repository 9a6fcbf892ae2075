"""What somebody with the file or the database of a store can do to its audit log."""

import sqlalchemy as sql

from pipeline.store.reviews import ReviewStore


def harm_audit(store: ReviewStore, harm: str) -> None:
    """Change the log by a statement, whatever the triggers say."""
    with store.writing() as connection:
        if connection.dialect.name == "sqlite":
            for trigger in ("audit_is_not_changed", "audit_is_not_deleted"):
                connection.execute(sql.text(f"DROP TRIGGER IF EXISTS {trigger}"))
        else:
            connection.execute(sql.text("DROP TRIGGER IF EXISTS audit_only_grows ON audit"))
        connection.execute(sql.text(harm.replace("'{}'", '\'{"n":"9"}\'')))

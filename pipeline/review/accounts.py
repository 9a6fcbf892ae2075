"""The people who may sign in, as commands change them."""

from dataclasses import replace
from datetime import datetime

from pipeline.errors import UsageError
from pipeline.review.login import is_name
from pipeline.review.passwords import hash_password
from pipeline.store.review_records import UserRow
from pipeline.store.reviews import ReviewStore
from schemas.review import Role


def add_user(store: ReviewStore, name: str, role: Role, password: str, now: datetime, by: str) -> UserRow:
    """Let somebody sign in; one who was disabled may again. Raises UsageError for a name that is taken or none, or a short password."""
    refuse_taken(store, name)
    row = UserRow(name, hash_password(password), role, now)
    store.put_user(row, by=by)
    return row


def refuse_taken(store: ReviewStore, name: str) -> None:
    """Raise UsageError for a name that cannot be added."""
    if not is_name(name):
        raise UsageError(
            f"{name[:80]!r} cannot be a name: it has 1 to 64 characters that can be seen, and no spaces at its ends."
        )
    known = store.user(name)
    if known is not None and known.disabled_at is None:
        raise UsageError(
            f"There is a user {name} already; change the password with clausewise review users password, the role with … users role."
        )


def known_user(store: ReviewStore, name: str) -> UserRow:
    """A user by name. Raises UsageError when there is none."""
    user = store.user(name) if is_name(name) else None
    if user is None:
        raise UsageError(f"There is no user {name[:80]}; clausewise review users list shows who there is.")
    return user


def change_password(store: ReviewStore, name: str, password: str, by: str) -> None:
    """Give a user another password; open sessions end."""
    store.put_user(replace(known_user(store, name), password_hash=hash_password(password)), by=by)


def change_role(store: ReviewStore, name: str, role: Role, by: str) -> None:
    """Give a user another role, from the next request on."""
    store.put_user(replace(known_user(store, name), role=role), by=by)


def disable_user(store: ReviewStore, name: str, by: str) -> None:
    """Have a user sign in no more; open sessions end. Raises UsageError when they cannot as it is."""
    if not store.disable_user(known_user(store, name).name, by=by):
        raise UsageError(f"The user {name} is disabled already.")

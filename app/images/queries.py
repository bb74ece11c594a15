"""The selects of pictures."""

from collections.abc import Collection

from sqlalchemy import Delete, Select, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.images.subjects import MODELS, Kind, Subject
from app.models import Image


def column_of(kind: Kind) -> InstrumentedAttribute[int | None]:
    """Return the column that says whose a picture is."""
    column: InstrumentedAttribute[int | None] = getattr(Image, kind)
    return column


def of(subject: Subject) -> Select[Image]:
    """Select the pictures of one subject as they are now, in the order in which they are shown."""
    return of_all(subject.kind, [subject.id]).execution_options(populate_existing=True)


def of_all(kind: Kind, ids: Collection[int]) -> Select[Image]:
    """Select the pictures of several subjects, those of each in the order in which they are shown."""
    column = column_of(kind)
    return select(Image).where(column.in_(ids)).order_by(column, Image.position, Image.id)


def count_of(subject: Subject) -> Select[int]:
    """Select how many pictures a subject has."""
    return select(func.count()).select_from(Image).where(column_of(subject.kind) == subject.id)


def subject_locked(subject: Subject) -> Select[int]:
    """Select the id of the subject, locked until the transaction ends as if it were about to be changed itself."""
    model = MODELS[subject.kind]
    return select(model.id).where(model.id == subject.id).with_for_update(key_share=True)


def with_key(key: str) -> Select[int]:
    """Select the picture that a file is of, if there is one."""
    return select(Image.id).where(Image.key == key)


def removal_of(subject: Subject) -> Delete:
    """Return the statement that deletes all pictures of a subject, and tells their keys."""
    return delete(Image).where(column_of(subject.kind) == subject.id)

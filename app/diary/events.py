"""What this room announces."""

from blinker import Signal

time_freed = Signal()
"""Time of a locked resource is not taken any more by what it was taken by: sent by the resource's id, with `starts_at`
and `ends_at`. Closures have taken their part again by then; others may have taken some of it too."""

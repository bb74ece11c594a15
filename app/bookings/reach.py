"""When the parts of a visit can begin so that all that follow can be done: as times, not moment by moment.

Pure, in seconds since the epoch. What it costs depends on the parts, the staff and what is in their diaries; not on how
many teams there could be, nor on how many starts are asked about.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.bookings.availability import Terms
from app.diary.diaries import Diary
from app.kit.intervals import Span, meeting, merged, without


@dataclass(frozen=True, slots=True)
class Offer:
    """A part done by one staff member: on what terms, at what price."""

    staff_id: int
    price: int
    terms: Terms


Parts = Sequence[Sequence[Offer]]
"""The offers for each part of a visit, in order."""

Diaries = Mapping[int, Diary]


class Times:
    """Sorted times of which no two touch."""

    __slots__ = ("_begins", "_ends", "spans")

    def __init__(self, spans: Iterable[Span]) -> None:
        """Take the times in any order, and join them."""
        self.spans = merged(spans)
        self._begins = [begin for begin, _ in self.spans]
        self._ends = [end for _, end in self.spans]

    def have(self, at: int) -> bool:
        """Say whether the second `at` is in them."""
        return self.hold(at, at + 1)

    def hold(self, begin: int, end: int) -> bool:
        """Say whether all of `[begin, end)` is in one of them, as nothing at all always is."""
        index = bisect_right(self._begins, begin) - 1
        return begin == end or (index >= 0 and end <= self._ends[index])

    def fits(self, before: int, after: int) -> "Times":
        """Return the seconds so far from the beginning, and from the end, of one of them that both lie in it."""
        return Times((begin + before, end - after + 1) for begin, end in self.spans if before + after <= end - begin)

    def earlier(self, seconds: int) -> "Times":
        """Return them moved back."""
        return Times((begin - seconds, end - seconds) for begin, end in self.spans)

    def __or__(self, other: "Times") -> "Times":
        """Return what is in either."""
        return Times([*self.spans, *other.spans])

    def __and__(self, other: "Times") -> "Times":
        """Return what is in both."""
        few, many = sorted((self.spans, other.spans), key=len)
        pairs = ((one, both) for one in few for both in meeting(many, one))
        return Times((max(one[0], both[0]), min(one[1], both[1])) for one, both in pairs)


class Reach:
    """When those who do a part may begin with it, leave, and have somebody to go on."""

    def __init__(self, parts: Parts, diaries: Diaries, window: Span) -> None:
        """Ask about visits that start in `window`."""
        self.parts = parts
        offers = [offer for some in parts for offer in some]
        margin = max((max(offer.terms.before, offer.terms.after) for offer in offers), default=0)
        longest = sum(max((offer.terms.duration for offer in some), default=0) for some in parts)
        self.ever = Times([(window[0] - margin, window[1] + longest + margin)])
        (span,) = self.ever.spans
        staff = {offer.staff_id for offer in offers}
        self._free = {one: Times(without(span, diaries[one].taken)) for one in staff}
        self._work = {one: self._free[one] & Times(meeting(diaries[one].open, span)) for one in staff}
        self._on = self._find()

    def can_go_on(self, index: int, at: int, offer: Offer) -> bool:
        """Say whether the part, in the middle of a run, can be done by `offer`, and all that follow by somebody."""
        return self._on[index][offer.staff_id].have(at)

    def may_begin(self, offer: Offer, at: int) -> bool:
        """Say whether there is time for the buffer before a run."""
        return self._free[offer.staff_id].hold(at - offer.terms.before, at)

    def leaves(self, offer: Offer, end: int) -> bool:
        """Say whether there is time for the buffer after a run."""
        return self._free[offer.staff_id].hold(end, end + offer.terms.after)

    def _find(self) -> list[dict[int, Times]]:
        """Return, for each part and staff member, what `can_go_on` says."""
        found: list[dict[int, Times]] = []
        going_on: dict[int, Times] = {}
        changing = self.ever
        for some in reversed(self.parts):
            left = {offer: self._left(offer, changing, going_on).earlier(offer.terms.duration) for offer in some}
            going_on = {offer.staff_id: self._done(offer) & begins for offer, begins in left.items()}
            begun = (going_on[offer.staff_id] & self._begun(offer) for offer in some)
            changing = Times(span for times in begun for span in times.spans)
            found.append(going_on)
        return found[::-1]

    def _left(self, offer: Offer, changing: Times, going_on: Mapping[int, Times]) -> Times:
        """Return when a part may end: with somebody else to follow, or oneself."""
        gone = changing & self._free[offer.staff_id].fits(0, offer.terms.after) if offer.terms.after else changing
        return gone | going_on[offer.staff_id] if offer.staff_id in going_on else gone

    def _begun(self, offer: Offer) -> Times:
        return self._free[offer.staff_id].fits(offer.terms.before, 0) if offer.terms.before else self.ever

    def _done(self, offer: Offer) -> Times:
        """Return when a part may begin to lie wholly in time that is open and free."""
        return self._work[offer.staff_id].fits(0, offer.terms.duration)

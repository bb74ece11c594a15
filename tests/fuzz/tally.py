"""The count of what was asked and answered."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.calls import Call
from tests.fuzz.verdict import Answer, faults

MOST_SHOWN = 3
"""Calls that are shown of one fault of one operation."""


@dataclass
class Tally:
    """By status, by actor, the slowest answers, and each fault with the numbers of the calls that have it."""

    statuses: Counter[str] = field(default_factory=Counter)
    actors: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    faults: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, call: Call, answer: Answer | None) -> None:
        """Count what came of a call."""
        self.statuses[str(answer.status) if answer else "none"] += 1
        self.actors[call.actor] += 1
        if answer:
            self.slowest = max(self.slowest, (answer.seconds, _named(call)))
        for fault in faults(call, answer) if answer else ["no answer"]:
            self.blame(str(call.operation), fault, f"{_named(call)} → {_quoted(answer)}")

    def add_counted(self, actor: str, told: dict[str, Any]) -> None:
        """Count what somebody else has counted."""
        self.statuses.update(told["statuses"])
        self.actors[actor] += sum(told["statuses"].values())
        seconds, call = told["slowest"]
        self.slowest = max(self.slowest, (seconds, f"Schemathesis as {actor}: {call}"))

    def blame(self, what: str, fault: str, shown: str) -> None:
        """Note a fault; say so at once when it is a new one."""
        if (what, fault) not in self.faults:
            print(f"{what}: {fault}\n  {shown}", flush=True)
        self.faults.setdefault((what, fault), []).append(shown)

    @property
    def calls(self) -> int:
        """How many there were."""
        return self.statuses.total()

    def __str__(self) -> str:
        seconds, call = self.slowest
        classes: Counter[str] = Counter()
        for status, number in self.statuses.items():
            classes[f"{status[0]}xx"] += number
        lines = [
            f"  {_listed(classes)}: {_listed(self.statuses)}",
            f"  {_listed(self.actors)}",
            f"  slowest {seconds:.2f} s: {call}",
        ]
        for (what, fault), shown in self.faults.items():
            lines += [f"  {what}: {fault} ({len(shown)} times)", *(f"    {one}" for one in shown[:MOST_SHOWN])]
        return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items()))


def _named(call: Call) -> str:
    return f"call {call.number}: {call.actor} {call.operation.method} {call.path[:200]}, {call.where}"


def _quoted(answer: Answer | None) -> str:
    return f"{answer.status} {answer.body[:300].decode(errors='replace')}" if answer else "nothing"

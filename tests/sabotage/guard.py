"""A guard, and how it is taken out."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.databases import PROJECT


class Moved(Exception):
    """The text of a guard is not, or not once, where the table says."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What is guarded; the file, the exact text in it, and what stands there without the guard; the tests that notice.

    A test is `file::function`, or `file::` for all of a file.
    """

    name: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]

    def check(self) -> None:
        """Raise `Moved` unless the text is in the file once, and the tests are there."""
        found = (PROJECT / self.file).read_text(encoding="utf-8").count(self.text)
        if found != 1 or self.text == self.without:
            raise Moved(f"{self.name}: its text is {found} times in {self.file}.")
        for test in self.tests:
            path, _, function = test.partition("::")
            begins = rf"^def {function}\(" if function else "^def test_"
            if not re.search(begins, (PROJECT / path).read_text(encoding="utf-8"), re.MULTILINE):
                raise Moved(f"{self.name}: there is no test {test}.")

    def take_out(self, copy: Path) -> None:
        """Take the guard out of a copy of the project."""
        file = copy / self.file
        file.write_text(file.read_text(encoding="utf-8").replace(self.text, self.without), encoding="utf-8")

"""Many cases of one test on what its fixtures made once: for what is refused, or asked, and changes nothing."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

Test = Callable[..., None]


def each_case(names: str | Sequence[str], cases: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test with every case in turn, as `pytest.mark.parametrize` takes them, but on the same fixtures.

    Every case pays for its own request and for no database, account or session: so what a case leaves behind, the next
    one finds. Where that matters, `parametrize` is the word. Two of these multiply. The first case that fails ends the
    test, and is named below its traceback.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = [(case,) if isinstance(names, str) and len(arguments) == 1 else tuple(case) for case in cases]
    if not rows:
        raise ValueError("A test with no cases proves nothing.")

    def with_each(test: Test) -> Test:
        @wraps(test)
        def run_all(*args: Any, **fixtures: Any) -> None:
            for row in rows:
                case = dict(zip(arguments, row, strict=True))
                try:
                    test(*args, **fixtures, **case)
                except BaseException as error:
                    error.add_note(f"In the case {case!r}.")
                    raise

        run_all.__dict__["__signature__"] = _without(inspect.signature(test), arguments)
        return run_all

    return with_each


def _without(signature: inspect.Signature, arguments: Sequence[str]) -> inspect.Signature:
    """Return a signature without the arguments that cases bring: those that are left are fixtures."""
    left = [one for name, one in signature.parameters.items() if name not in arguments]
    missing = [name for name in arguments if name not in signature.parameters]
    if missing:
        raise TypeError(f"The test takes no {', '.join(missing)}.")
    return signature.replace(parameters=left)

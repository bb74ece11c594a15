"""`python -m bench.voice_halves --data …/nlp --score …/score.py`: the scorer on two halves of the development data.

The rules were written while looking at half A only; half B says what they do with texts that nobody looked at. A row
belongs to a half by the hash of its id, all turns of a dialogue to the same one.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HALVES = "AB"


def main() -> None:
    """Print the figures of both halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--score", type=Path, required=True)
    parser.add_argument("--command", default="flask --app run voice parse")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        split(args.data, Path(made))
        for half in HALVES:
            print(f"half {half}", flush=True)
            subprocess.run(
                [sys.executable, args.score, "--data", Path(made) / half, "--command", args.command], check=True
            )


def split(data: Path, into: Path) -> None:
    """Write each set as two, in a folder for each half."""
    for half in HALVES:
        (into / half).mkdir()
    for path in sorted(data.glob("*.jsonl")):
        rows: dict[str, list[str]] = {half: [] for half in HALVES}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            rows[half_of(row, path.stem)].append(json.dumps({"id": f"{path.stem}/{number}", **row}) + "\n")
        for half in HALVES:
            (into / half / path.name).write_text("".join(rows[half]), encoding="utf-8")


def half_of(row: dict[str, str], name: str) -> str:
    """Return the half that a row belongs to."""
    key = row.get("id") or row["text"]
    if name.startswith("sgd"):
        key = key.rpartition("/")[0]
    return HALVES[hashlib.sha256(key.encode()).digest()[0] & 1]


if __name__ == "__main__":
    main()

"""`python -m bench.voice_names --data …/nlp`: how often a name is found among forty others.

Every name of the provider catalogue is put, in turn, into a sentence that people said of another (its name cut out),
and looked for among forty names of its kind. With a typing error: one letter of the name left out, put in, replaced, or
swapped with the next, at random. Right is a settled answer; wrong is another name settled on; else the client is asked.
"As said" are the turns of the dialogues themselves, in which people shorten names. Sentences without a name say how
often one is found all the same.
"""

import argparse
import json
import random
import statistics
import string
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from app.voice.understanding.catalogue import Catalogue, Entity, Kind
from app.voice.understanding.entities import find, settled

AT_A_TIME, SEED = 40, 20
Carrier = tuple[str, str]
Groups = list[tuple[list[str], list[str]]]


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    dice = random.Random(SEED)  # noqa: S311 - the same typing errors at every run
    carriers = list(carriers_of(data / "sgd_appointments.jsonl"))
    names = json.loads((data / "sgd_provider_catalogue.json").read_text(encoding="utf-8"))
    groups = list(groups_of(names, dice))
    for title, spoil in (("clean", str), ("one typing error", lambda name: mistyped(name, dice))):
        report(title, groups, carriers, spoil, dice)
    report_said(names, data / "sgd_appointments.jsonl", dice)
    report_silence(groups, data / "sgd_appointments_negative.jsonl", dice)


def carriers_of(path: Path) -> Iterator[Carrier]:
    """Yield sentences with a hole where a name was."""
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        for slot, value in row["slots"].items():
            if slot.endswith("_name"):
                start, end = value["span"]
                yield row["utterance"][:start], row["utterance"][end:]


def groups_of(names: dict[str, list[str]], dice: random.Random) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the names of each kind, forty at a time; the last of a kind are filled up with others of it."""
    for listed in names.values():
        shuffled = dice.sample(listed, len(listed))
        for at in range(0, len(shuffled), AT_A_TIME):
            group = shuffled[at : at + AT_A_TIME]
            yield group, group + shuffled[: AT_A_TIME - len(group)]


def mistyped(name: str, dice: random.Random) -> str:
    """Return the name with one letter wrong."""
    at = dice.choice([at for at, letter in enumerate(name) if letter.isalpha()])
    other = dice.choice(string.ascii_lowercase.replace(name[at].lower(), ""))
    before, behind = name[:at], name[at + 1 :]
    return dice.choice(
        [
            before + behind,
            before + other + name[at] + behind,
            before + other + behind,
            before + behind[:1] + name[at] + behind[1:],
        ]
    )


def report(
    title: str, groups: Groups, carriers: list[Carrier], spoil: Callable[[str], str], dice: random.Random
) -> None:
    """Print how many names are found, and how many taken for others."""
    counts: Counter[str] = Counter()
    took = []
    for group, forty in groups:
        catalogue = catalogue_of(forty)
        find("", catalogue)
        for name in group:
            before, behind = dice.choice(carriers)
            started = time.process_time()
            found = settled(find(before + spoil(name) + behind, catalogue))
            took.append((time.process_time() - started) * 1000)
            counts["asked" if not found else "right" if found.value.name == name else "wrong"] += 1
    print_shares(title, counts, f"  p95 {statistics.quantiles(took, n=20)[-1]:.2f} ms")


def report_said(names: dict[str, list[str]], path: Path, dice: random.Random) -> None:
    """Print how many names are found in what people said of them."""
    counts: Counter[str] = Counter()
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        for slot, value in row["slots"].items():
            name = value["canonical"]
            if slot.endswith("_name") and name in names[row["service"]]:
                others = [other for other in names[row["service"]] if other != name]
                found = settled(find(row["utterance"], catalogue_of([name, *dice.sample(others, AT_A_TIME - 1)])))
                counts["asked" if not found else "right" if found.value.name == name else "wrong"] += 1
    print_shares("as said", counts)


def print_shares(title: str, counts: Counter[str], more: str = "") -> None:
    """Print the shares of a tally."""
    shares = "  ".join(f"{word} {counts[word] / counts.total():.4f}" for word in ("right", "wrong", "asked"))
    print(f"{title:20} {shares}  n={counts.total()}{more}")


def report_silence(groups: Groups, path: Path, dice: random.Random) -> None:
    """Print how often a name is found where none was said."""
    catalogues = [catalogue_of(forty) for _, forty in groups]
    texts = [json.loads(line)["utterance"] for line in path.open(encoding="utf-8")]
    found = sum(settled(find(text, dice.choice(catalogues))) is not None for text in texts)
    print(f"{'no name in the text':20} found one all the same {found / len(texts):.4f}  n={len(texts)}")


def catalogue_of(names: list[str]) -> Catalogue:
    """Return the names as a catalogue of staff."""
    return Catalogue(tuple(Entity(number, Kind.STAFF, name) for number, name in enumerate(names)))


if __name__ == "__main__":
    main()

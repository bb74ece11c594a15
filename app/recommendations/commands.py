"""The commands of `flask recommendations`, thin."""

from pathlib import Path

import click

from app.database import require_migrated
from app.kit.progress import reported

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("recommendations")
def recommendations() -> None:
    """What clients may need next."""


@recommendations.command("rank")
@click.option("--task", type=click.Choice(["next", "basket"]), required=True, help="Something new, or for a basket.")
@click.option("--history", type=FILE, required=True, help="Rows of customer,day,item.")
@click.option("--queries", type=FILE, required=True, help="Rows of query,customer,day,basket; items joined by |.")
def rank(task: str, history: Path, queries: Path) -> None:
    """Print a line for each query: its name, and up to ten items joined by |, the best first.

    An answer is made of what lies before its day, and of its basket.
    """
    from app.recommendations import replay  # noqa: PLC0415  # numpy: 20 MB and tenths of a second, for no web process

    questions = replay.read_questions(queries)
    answers = replay.answer(replay.read_purchases(history), questions, new=task == "next")
    for question in questions:
        click.echo(f"{question.name},{'|'.join(str(one.item) for one in answers[question.name])}")


@recommendations.command("build")
def build() -> None:
    """Work out now what clients may need next, as the worker does every night."""
    from app.recommendations import building  # noqa: PLC0415  # numpy, as above

    require_migrated()
    with reported("Clients") as report:
        built = building.build(report)
    click.echo("A later run was faster." if built is None else f"Version {built.version}, for {built.clients} clients.")

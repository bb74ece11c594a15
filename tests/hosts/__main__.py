"""Play more than one host on one machine, and say what holds: `python -m tests.hosts`. Ends with 1 where not."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psycopg2

from tests.databases import PROJECT
from tests.hosts.callers import Caller, Tally, calling
from tests.hosts.machines import ADMIN, Machines, Web, machines

SIGN_IN, CALLER = 10, 600
"""What is let through in a minute."""

SCRIPT = str(PROJECT / "deploy" / "restart-behind-nginx")
UNDER_LOAD_SECONDS = 2
MAIL_SECONDS = 30
RELOAD_SECONDS = 10


def main() -> None:
    """Tell all of it."""
    with tempfile.TemporaryDirectory(prefix="parlour-hosts-") as folder, machines(Path(folder)) as ours:
        sign_ins_are_counted_together(ours)
        a_session_works_on_both(ours)
        the_worker_works_for_both(ours)
        callers_are_counted_together(ours)
        without_limit(ours)
        a_rolling_restart_loses_nothing(ours)
        shorter_ways_may(ours)
        a_careless_one_does(ours)


def sign_ins_are_counted_together(ours: Machines) -> None:
    """Ten attempts a minute pass, whichever process they reach; each would let ten through by itself."""
    caller = Caller(ours.nginx, address="127.0.2.1")
    wrong = {"email": "nobody@example.test", "password": "not the password"}
    answers = Counter(caller.call("POST", "/api/auth/login", wrong)[0] for _ in range(3 * SIGN_IN))
    say(answers == {401: SIGN_IN, 429: 2 * SIGN_IN}, f"sign-in limit of {SIGN_IN} over both hosts: {dict(answers)}")
    served = ours.nginx.served_by()
    say(len(served) == 2, f"both hosts took part: {sorted(served)}")


def a_session_works_on_both(ours: Machines) -> None:
    """Signed in here, known and renewed there; signed out there, a stranger here."""
    here, there = (Caller(port=web.port) for web in ours.webs)
    status, tokens = here.call("POST", "/api/auth/login", ADMIN)
    there.token = tokens["access_token"]
    known, _ = there.call("GET", "/api/users/me")
    renewed, fresh = there.call("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    here.token = fresh["access_token"]
    out, _ = there.call("POST", "/api/auth/logout")
    unknown, _ = here.call("GET", "/api/users/me")
    found = (status, known, renewed, out, unknown)
    say(found == (200, 200, 200, 204, 401), f"signed in, known, renewed, out here, a stranger there: {found}")


def the_worker_works_for_both(ours: Machines) -> None:
    """What either process leaves for later is done by the one worker."""
    for web in ours.webs:
        Caller(port=web.port).call("POST", "/api/auth/password/forgot", {"email": ADMIN["email"]})
    give_up = time.monotonic() + MAIL_SECONDS
    while len(mails(ours)) < len(ours.webs) and time.monotonic() < give_up:
        time.sleep(0.1)
    say(len(mails(ours)) == len(ours.webs), f"mails sent by the one worker for both: {len(mails(ours))}")


def callers_are_counted_together(ours: Machines) -> None:
    """A caller gets 600 answers a minute from both together; each would give 600 by itself."""
    caller = Caller(ours.nginx, address="127.0.2.2")
    began = time.perf_counter()
    answers = Counter(caller.call("GET", "/api/products?limit=1")[0] for _ in range(CALLER + 100))
    seconds = time.perf_counter() - began
    held = answers == {200: CALLER, 429: 100} and seconds < 60
    say(held, f"caller's limit of {CALLER} over both hosts: {dict(answers)} in {seconds:.0f} s")


def without_limit(ours: Machines) -> None:
    """Let the callers of what follows ask as often as they like."""
    for web in ours.webs:
        web.environment["RATELIMIT_CALLER"] = "1000000/minute"
        restart(web)


def a_rolling_restart_loses_nothing(ours: Machines) -> None:
    """Restart one after the other, as docs/operations.md says, while eight callers ask as fast as they can."""
    before, environment = [web.process for web in ours.webs], os.environ | ours.nginx.environment
    with calling(ours.nginx, signed_in(ours)) as tally:
        for web in ours.webs:
            time.sleep(UNDER_LOAD_SECONDS)
            subprocess.run([SCRIPT, str(web.port), *web.restart_command], env=environment, check=True)
        time.sleep(UNDER_LOAD_SECONDS)
    renewed = sum(old is not web.process for old, web in zip(before, ours.webs, strict=True))
    say(tally.failed == 0 and renewed == 2, f"rolling restart of {renewed} hosts: {tally}")
    say(is_kept(ours, tally), "what was acknowledged is there once, and nothing else")


def shorter_ways_may(ours: Machines) -> None:
    """Say what comes of it where nginx is told nothing: a restart one after the other, and a reload of each."""
    with calling(ours.nginx, signed_in(ours)) as tally:
        for web in ours.webs:
            time.sleep(UNDER_LOAD_SECONDS)
            restart(web)
    print(f"--  restarted in turn, nginx not told: {tally}", flush=True)
    with calling(ours.nginx, signed_in(ours)) as tally:
        for web in ours.webs:
            assert web.process is not None
            web.process.send_signal(signal.SIGHUP)
            time.sleep(RELOAD_SECONDS)
    print(f"--  reloaded (SIGHUP) in turn, nginx not told: {tally}", flush=True)


def a_careless_one_does(ours: Machines) -> None:
    """Restart both at once: the control, which shows that a loss would have been seen."""
    with calling(ours.nginx, signed_in(ours)) as tally:
        time.sleep(UNDER_LOAD_SECONDS)
        for web in ours.webs:
            subprocess.run(web.restart_command, check=True)
        for web in ours.webs:
            web.wait()
    say(tally.failed > 0, f"control, both at once: {tally}")


def restart(web: Web) -> None:
    """Restart a process that nobody calls."""
    subprocess.run(web.restart_command, check=True)
    web.wait()


def signed_in(ours: Machines) -> str:
    """Return an access token of the admin."""
    _, tokens = Caller(port=ours.webs[0].port).call("POST", "/api/auth/login", ADMIN)
    token: str = tokens["access_token"]
    return token


def mails(ours: Machines) -> list[Path]:
    """Return the mails that were sent."""
    return list(ours.mail.glob("*.eml"))


def is_kept(ours: Machines, tally: Tally) -> bool:
    """Say whether the database holds what was acknowledged, and no more; none of it may be there twice anyway."""
    connection = psycopg2.connect(ours.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT sku FROM products")
        found = {sku for (sku,) in cursor.fetchall()}
    connection.close()
    return tally.is_kept_by(found)


def say(held: bool, what: str) -> None:
    """Print what was found; end where it does not hold."""
    print(f"{'ok' if held else 'NOT SO'}  {what}", flush=True)
    if not held:
        sys.exit(1)


if __name__ == "__main__":
    main()

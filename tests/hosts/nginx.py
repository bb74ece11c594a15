"""nginx in front, with the very files of `deploy/nginx`: only ports and places are others."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.databases import PROJECT
from tests.processes import free_port, outlived_by_us, wait_for

DEPLOY = PROJECT / "deploy"
HOST = "127.0.0.1"
MAIN = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
{user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/parlour.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx: where callers reach it, by which certificate, and where its files are."""

    port: int
    trust: ssl.SSLContext
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What `deploy/restart-behind-nginx` needs to know of it."""
        return {
            "UPSTREAM": str(self.folder / "parlour" / "upstream.conf"),
            "NGINX_COMMAND": f"nginx -e stderr -c {self.folder / 'nginx.conf'}",
            "NGINX_PID": str(self.folder / "nginx.pid"),
        }

    def served_by(self) -> set[str]:
        """Return which processes have answered, by nginx' own log."""
        lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
        return {address for line in lines for address in line.split()[-2:-1] if address.startswith(HOST)}


@contextmanager
def in_front_of(ports: Sequence[int], folder: Path) -> Iterator[Nginx]:
    """Run nginx before the web processes on these two ports until the block ends; its files go into `folder`."""
    nginx = Nginx(free_port(), _certified(folder), folder)
    _write(nginx, ports)
    command = ["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with subprocess.Popen([*outlived_by_us("TERM"), *command]) as process:
        try:
            wait_for(nginx.port)
            yield nginx
        finally:
            process.terminate()


def _certified(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST)
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(folder / "fullchain.pem", append=True)
    certificate.private_key_pem.write_to_path(folder / "privkey.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return trust


def _write(nginx: Nginx, ports: Sequence[int]) -> None:
    folder = nginx.folder
    shutil.copytree(DEPLOY / "nginx" / "parlour", folder / "parlour")
    shutil.copy(DEPLOY / "nginx" / "parlour.conf", folder)
    places = {
        "/etc/nginx/parlour": f"{folder}/parlour",
        "/etc/ssl/parlour": str(folder),
        "/var/log/nginx": str(folder),
        "listen 80;": f"listen {HOST}:{free_port()};",
        "listen 443": f"listen {HOST}:{nginx.port}",
        f"{HOST}:5000": f"{HOST}:{ports[0]}",
        f"{HOST}:5001": f"{HOST}:{ports[1]}",
    }
    for path in (folder / "parlour.conf", *(folder / "parlour").iterdir()):
        text = path.read_text(encoding="utf-8")
        for usual, ours in places.items():
            text = text.replace(usual, ours)
        path.write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), encoding="utf-8")

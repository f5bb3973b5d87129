"""A real nginx for tests, with the configuration that docs/deploy shows."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.support.servers import free_port, program, running, temporary_folder

DOCUMENTED = Path(__file__).parents[2] / "docs" / "deploy" / "nginx.conf"


@contextlib.contextmanager
def nginx(upstream_port: int) -> Iterator[str]:
    """Where it serves what listens at `upstream_port`, under /fleet/; without TLS."""
    with temporary_folder() as folder:
        port = free_port()
        (folder / "nginx.conf").write_text(_whole(_adapted(port, upstream_port), folder))
        folder.chmod(0o755)
        with running([_program(), "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"], folder, port):
            yield f"http://127.0.0.1:{port}/fleet/"


def _program() -> str:
    """Debian keeps it where only root looks."""
    return program("nginx", "/usr/sbin:/usr/bin:/usr/local/bin")


def _adapted(port: int, upstream_port: int) -> str:
    """The documented file, at other ports and without a certificate."""
    lines = [line for line in DOCUMENTED.read_text().splitlines() if "ssl_certificate" not in line]
    text = "\n".join(lines).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    assert "127.0.0.1:8050/" in text
    return text.replace("127.0.0.1:8050/", f"127.0.0.1:{upstream_port}/")


def _whole(server: str, folder: Path) -> str:
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"daemon off; pid {folder}/pid; events {{}} http {{ access_log off; {places}\n{server}\n}}\n"

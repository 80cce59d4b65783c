"""Real broker servers, each on free loopback ports in a directory of its own, stopped by the id of its process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

BOOT_SECONDS = 60


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on; asked for together, so that they differ."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]


def binary(name: str, *places: str) -> str:
    """The path of a server's program. Where there is none the test is skipped, but fails where CI runs it."""
    for place in (*places, name):
        if found := shutil.which(place, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"):
            return found
    how = f"{name} is not installed: `apt-get install {name}` on Debian and Ubuntu, `brew install {name}` on macOS"
    if os.environ.get("CI"):
        pytest.fail(how)
    pytest.skip(how)


@contextmanager
def running(command: list[str], says: str, home: Path, env: dict[str, str] | None = None) -> Iterator[None]:
    """The server `command`, once it `says` that it is ready; with all that it started, it is gone at the end."""
    process = subprocess.Popen(
        command,
        cwd=home,
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        errors="replace",
    )
    said: list[str] = []
    ready = Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if says in line:
                ready.set()
        ready.set()  # it ended, whatever it said

    listener = Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert ready.wait(BOOT_SECONDS), f"{command[0]} does not start: {''.join(said[-20:])}"
        assert process.poll() is None, f"{command[0]} ended: {''.join(said[-20:])}"
        yield
    finally:
        # The session is ours: a script's server goes with the script.
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(timeout=10)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        process.wait()
        listener.join()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def nats(home: Path, port: int | None = None) -> Iterator[str]:
    """A NATS server with JetStream. Its URL."""
    port = port or free_ports(1)[0]
    command = [binary("nats-server"), "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(home)]
    with running(command, "Server is ready", home):
        yield f"nats://127.0.0.1:{port}"


@contextmanager
def redis(home: Path) -> Iterator[str]:
    """A Redis server that keeps nothing. Its URL."""
    (port,) = free_ports(1)
    command = [binary("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    with running(command, "Ready to accept connections", home):
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def rabbit(home: Path) -> Iterator[str]:
    """A RabbitMQ node with a port mapper of its own. Its URL."""
    port, dist, mapper = free_ports(3)
    # Debian's program in /usr/sbin changes to another user when it is root; the one that it calls does not.
    server = binary("rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server")
    config = home / "rabbitmq.conf"
    config.write_text(f"listeners.tcp.default = 127.0.0.1:{port}\nlog.console = true\nlog.file = false\n")
    plugins = home / "enabled_plugins"
    plugins.write_text("[].\n")
    env = {
        "HOME": str(home),  # where Erlang keeps its cookie
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"linli{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(dist),
        "RABBITMQ_BASE": str(home),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_CONFIG_FILE": str(config),
        "RABBITMQ_CONF_ENV_FILE": str(home / "no-env"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        # Two schedulers that do not spin while they wait: the tests have few cores.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
    }
    # Otherwise the node starts one that outlives it.
    epmd = [binary("epmd"), "-port", str(mapper), "-address", "127.0.0.1", "-d"]
    with running(epmd, "epmd", home, env), running([server], "Server startup complete", home, env):
        yield f"amqp://guest:guest@127.0.0.1:{port}/"


SERVERS = {"nats": nats, "rabbit": rabbit, "redis": redis}

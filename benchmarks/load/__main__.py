"""`make load`: the nation in a database, the service over it, and the driver against the service."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.load import processes, report
from benchmarks.load.generate import Size
from benchmarks.load.prepare import HOME, Prepared, prepared
from benchmarks.load.service import RELOAD_SECONDS, Service, serving
from web.settings import ROOT

RELOAD_AFTER = 5.0  # seconds of driving before the reload begins
AFTER_RELOAD = 10.0
AIM = 300.0  # requests a second on 2 cores


@click.command()
@click.option("--people", default=270_000, show_default=True, type=click.IntRange(500))
@click.option("--vacancies", default=20_000, show_default=True, type=click.IntRange(50))
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--database",
    default="postgresql",
    show_default=True,
    type=click.Choice(["postgresql", "sqlite"]),
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1))
@click.option(
    "--rate", "rates", multiple=True, type=float, help="requests a second; may be given again"
)
@click.option("--together", default=16, show_default=True, help="visitors at full speed")
@click.option("--seconds", default=30.0, show_default=True, help="of each run")
@click.option("--warm-up", default=5.0, show_default=True, help="seconds that are not counted")
@click.option("--of-each", default=80, show_default=True, help="accounts of each audience at most")
@click.option("--reload/--no-reload", "reloads", default=True, show_default=True)
@click.option("--home", default=HOME, show_default=False, type=click.Path(path_type=Path))
def load(
    people: int,
    vacancies: int,
    seed: int,
    database: str,
    workers: int,
    threads: int,
    rates: tuple[float, ...],
    together: int,
    seconds: float,
    warm_up: float,
    of_each: int,
    reloads: bool,
    home: Path,
) -> None:
    """Put the service under load and report requests a second, latencies, errors and memory."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    size = Size(people, vacancies, seed)
    click.echo(f"{people:,} people, {vacancies:,} vacancies on {database}, everybody made up")
    with prepared(size, database, home) as ready:
        stood = "stood already" if ready.seconds is None else f"filled in {ready.seconds:.0f} s"
        click.echo(f"database {stood}")
        settings = ready.settings.model_copy(
            update={"workers": workers, "threads": threads, "log_level": "warning"}
        )
        with serving(settings) as service:
            click.echo(f"service answers after {service.seconds:.0f} s\n")
            common = ["--seed", str(seed), "--of-each", str(of_each)]
            timed = ["--seconds", str(seconds), "--warm-up", str(warm_up)]
            found = _measure(service, ready, rates, together, common, timed, reloads)
    found |= {"size": asdict(size), "database": database, "workers": workers, "threads": threads}
    (ready.settings.home / "report.json").write_text(json.dumps(found, indent=1))
    sys.exit(1 if any(run["errors"] for run in found["runs"]) else 0)


def _measure(
    service: Service,
    ready: Prepared,
    rates: tuple[float, ...],
    together: int,
    common: list[str],
    timed: list[str],
    reloads: bool,
) -> dict:
    """Full speed, then each rate, then a reload under way; each said as soon as it is known."""
    before = service.memory()
    runs = [_drive(service, ready, "full speed", ["--together", str(together), *common, *timed])]
    full = runs[0]["rate"]
    for rate in rates or (min(AIM, round(0.75 * full)),):
        name = f"{rate:.0f} a second"
        runs.append(_drive(service, ready, name, ["--rate", str(rate), *common, *timed]))
    after = service.memory()
    if reloads:
        runs.append(_reload_under_way(service, ready, max(1, round(0.4 * full)), common))
    report.show_memory("before", before)
    report.show_memory("after", after)
    return {
        "start_seconds": service.seconds,
        "runs": runs,
        "memory_before": [asdict(one) for one in before],
        "memory_after": [asdict(one) for one in after],
    }


def _drive(service: Service, ready: Prepared, name: str, options: list[str]) -> dict:
    """One run of the driver in its own process, with what the others spent meanwhile."""
    process, out = _start_driver(service, ready, options)
    _wait_until_started(process, out)
    spent = _spent(service, ready)
    if process.wait():
        raise click.ClickException(f"the driver ended with {process.returncode}")
    found = {"name": name, **json.loads(out.read_text())}
    found["spent"] = {who: seconds - spent[who] for who, seconds in _spent(service, ready).items()}
    report.show(found)
    return found


def _reload_under_way(service: Service, ready: Prepared, rate: float, common: list[str]) -> dict:
    """Drive at a rate, send SIGHUP meanwhile, and go on a while behind it."""
    stop = ready.settings.home / "driven.stop"
    stop.unlink(missing_ok=True)
    options = ["--rate", str(rate), "--seconds", str(RELOAD_SECONDS), "--warm-up", "0"]
    process, out = _start_driver(service, ready, [*options, "--stop", str(stop), *common])
    _wait_until_started(process, out)
    time.sleep(RELOAD_AFTER)
    took = service.reload()
    if process.poll() is not None:
        raise click.ClickException("the driver ended before the reload did; nothing is shown")
    time.sleep(AFTER_RELOAD)
    stop.touch()
    if process.wait():
        raise click.ClickException(f"the driver ended with {process.returncode}")
    found = {"name": f"reload at {rate:.0f} a second", **json.loads(out.read_text())}
    found["reload_seconds"] = took
    report.show(found)
    return found


def _start_driver(
    service: Service, ready: Prepared, options: list[str]
) -> tuple[subprocess.Popen, Path]:
    out = ready.settings.home / "driven.json"
    out.with_suffix(".started").unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.load.drive", "--address", service.address]
    command += ["--accounts", str(ready.accounts), "--out", str(out), *options]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ.copy()), out


def _wait_until_started(process: subprocess.Popen, out: Path) -> None:
    """Until everybody is signed in."""
    while not out.with_suffix(".started").exists():
        if process.poll() is not None:
            raise click.ClickException("the driver could not sign in; its message stands above")
        time.sleep(0.05)


def _spent(service: Service, ready: Prepared) -> dict[str, float]:
    """Processor seconds of the service and of the database so far."""
    found = {"service": processes.family_seconds(service.master())}
    postmaster = ready.settings.home.parent / "postgresql" / "postmaster.pid"
    if ready.settings.database.startswith("postgresql"):
        found["database"] = processes.family_seconds(int(postmaster.read_text().split()[0]))
    return found


if __name__ == "__main__":
    load()

"""What was measured, in lines to read."""

import click

from benchmarks.load.processes import Memory

COLUMNS = ("count", "p50", "p95", "p99", "most", "kilobytes", "errors")


def show(run: dict) -> None:
    """One run: its figures, its pages, what went wrong."""
    every = run["all"]
    click.echo(
        f"{run['name']}: {run['rate']:.0f} requests/s over {run['seconds']:.0f} s, "
        f"p50 {every['p50']:.0f} ms, p95 {every['p95']:.0f} ms, p99 {every['p99']:.0f} ms, "
        f"{run['errors']} errors, {run['again']} sent again on a new connection"
    )
    if "reload_seconds" in run:
        click.echo(f"  SIGHUP until the old service was gone: {run['reload_seconds']:.1f} s")
    if "spent" in run:
        total = sum(one["requests"] for one in run["by_second"])
        costs = [f"{who} {1000 * spent / total:.2f}" for who, spent in run["spent"].items()]
        costs.append(f"driver {run['driver_ms_per_request']:.2f}")
        click.echo(f"  processor ms a request: {', '.join(costs)}")
    click.echo(f"  {'page':<34}" + "".join(f"{name:>10}" for name in COLUMNS))
    for page, found in sorted(run["pages"].items()):
        click.echo(f"  {page:<34}" + "".join(f"{found.get(name, ''):>10}" for name in COLUMNS))
    for fault in run["faults"][:10]:
        click.echo(f"  wrong at {fault['at']} s: {fault['page']}: {fault['fault']}")
    click.echo("")


def show_memory(when: str, found: list[Memory]) -> None:
    """Of the master and each worker, in MB."""
    for place, one in enumerate(found):
        who = f"worker {place}" if place else "master"
        click.echo(
            f"memory {when:<7} {who:<9} resident {one.resident:5.0f} MB, "
            f"its share of shared pages {one.share:5.0f} MB"
        )

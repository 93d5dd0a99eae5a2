"""The driver: signs visitors in, asks for pages at a rate or at full speed, and says what it saw.

It runs in a process of its own (`python -m benchmarks.load.drive`) and knows the service by its
address and the accounts alone. Open loop: requests start at the moments of a Poisson process,
whether or not earlier ones are answered, and waiting for a free browser counts as latency. Closed
loop: so many visitors ask one page after the other without a pause.
"""

import asyncio
import gc
import json
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import click
import numpy as np

from benchmarks.load.browser import Browser, BrowserError
from benchmarks.load.pages import HOMES, PAGES, SECOND, MissingLink, Page, Visitor

SIGNING_IN_AT_ONCE = 4
MOST_FAULTS = 50  # told one by one
VISITORS = 40  # browsers that are not signed in


@dataclass(frozen=True, slots=True)
class Seen:
    """One request: page, start in s since the run began, latency in ms, bytes, what was wrong."""

    page: str
    started: float
    milliseconds: float
    size: int
    fault: str


@dataclass(slots=True)
class Run:
    """What the driver saw of one run."""

    seen: list[Seen] = field(default_factory=list)
    again: int = 0
    seconds: float = 0.0
    driver_seconds: float = 0.0  # processor time

    def as_json(self, warm_up: float) -> dict:
        """Counts and percentiles (ms) for all requests that started after the warm-up (s)."""
        counted = [one for one in self.seen if one.started >= warm_up]
        kinds: dict[str, list[Seen]] = defaultdict(list)
        for one in counted:
            kinds[one.page].append(one)
        faults = [one for one in self.seen if one.fault]
        ended = max(self.seconds, *(one.started + one.milliseconds / 1000 for one in self.seen))
        return {
            "requests": len(counted),
            "seconds": ended - warm_up,
            "rate": len(counted) / (ended - warm_up),
            "errors": len(faults),
            "again": self.again,
            "driver_ms_per_request": 1000 * self.driver_seconds / max(1, len(self.seen)),
            "all": _percentiles(counted),
            "pages": {page: _percentiles(found) for page, found in kinds.items()},
            "faults": [
                {"page": one.page, "at": round(one.started, 2), "fault": one.fault}
                for one in faults[:MOST_FAULTS]
            ],
            "by_second": _by_second(self.seen),
        }


def _percentiles(seen: list[Seen]) -> dict[str, float]:
    if not seen:
        return {"count": 0}
    times = np.array([one.milliseconds for one in seen])
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    return {
        "count": len(seen),
        "p50": round(float(p50), 1),
        "p95": round(float(p95), 1),
        "p99": round(float(p99), 1),
        "most": round(float(times.max()), 1),
        "kilobytes": round(float(np.mean([one.size for one in seen])) / 1000, 1),
        "errors": sum(bool(one.fault) for one in seen),
    }


def _by_second(seen: list[Seen]) -> list[dict[str, float]]:
    """Second since the run began -> requests that ended in it, the slowest, errors."""
    seconds: dict[int, list[Seen]] = defaultdict(list)
    for one in seen:
        seconds[int(one.started + one.milliseconds / 1000)].append(one)
    return [
        {
            "second": second,
            "requests": len(found),
            "most": round(max(one.milliseconds for one in found), 1),
            "errors": sum(bool(one.fault) for one in found),
        }
        for second, found in sorted(seconds.items())
    ]


class Driver:
    """Visitors of every audience and a stated mix of pages."""

    def __init__(self, address: str, accounts: dict, seed: int) -> None:
        parts = urlsplit(address)
        self._open: Callable[[], Browser] = lambda: Browser(parts.hostname or "", parts.port or 80)
        self._accounts = accounts
        self._random = Random(seed)
        self._shares = [page.share for page in PAGES]
        self._visitors: dict[str, list[Visitor]] = {}
        self._free: dict[str, asyncio.Queue[Visitor]] = {}
        self._run = Run()
        self._began = 0.0

    async def sign_in(self) -> None:
        """Sign everybody in and let them open their first pages. Raises BrowserError."""
        accounts = self._accounts
        password, pin = accounts["password"], accounts["pin"]
        visitors = [
            *(Visitor("employer", self._open(), name, password) for name in accounts["employers"]),
            *(Visitor("officer", self._open(), name, password) for name in accounts["officers"]),
            *(Visitor("trainer", self._open(), name, password) for name in accounts["trainers"]),
            *(Visitor("person", self._open(), name, pin) for name in accounts["people"]),
        ]
        together = asyncio.Semaphore(SIGNING_IN_AT_ONCE)

        async def one(visitor: Visitor) -> None:
            async with together:
                await _sign_in(visitor)
                for home in HOMES[visitor.audience]:
                    visitor.learn((await visitor.browser.get(home)).body)
                if visitor.audience in SECOND:
                    second = visitor.link(SECOND[visitor.audience], self._random)
                    visitor.learn((await visitor.browser.get(second)).body)

        async with asyncio.TaskGroup() as group:
            for visitor in visitors:
                group.create_task(one(visitor))
        visitors += [Visitor("visitor", self._open()) for _ in range(VISITORS)]
        by_audience: dict[str, list[Visitor]] = defaultdict(list)
        for visitor in visitors:
            by_audience[visitor.audience].append(visitor)
        self._visitors = by_audience

    async def open_loop(self, rate: float, seconds: float, stop: Path | None = None) -> Run:
        """Requests at `rate` a second, whatever the service makes of it; until `stop` exists."""
        self._start()
        at, tasks = 0.0, set()
        while (at := at + self._random.expovariate(rate)) < seconds:
            if stop is not None and stop.exists():
                seconds = at
                break
            await asyncio.sleep(max(0.0, self._began + at - time.perf_counter()))
            task = asyncio.create_task(self._ask(self._draw(), at))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
        return self._end(seconds)

    async def closed_loop(self, together: int, seconds: float) -> Run:
        """`together` visitors at once, each asking as soon as it was answered."""
        self._start()

        async def one() -> None:
            while (now := time.perf_counter() - self._began) < seconds:
                await self._ask(self._draw(), now)

        await asyncio.gather(*(one() for _ in range(together)))
        return self._end(seconds)

    def _start(self) -> None:
        self._run = Run()
        self._free = {}
        for audience, visitors in self._visitors.items():
            self._free[audience] = asyncio.Queue()
            self._random.shuffle(visitors)
            for visitor in visitors:
                visitor.browser.again = 0
                self._free[audience].put_nowait(visitor)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self._run.driver_seconds = -(usage.ru_utime + usage.ru_stime)
        self._began = time.perf_counter()

    def _end(self, seconds: float) -> Run:
        run = self._run
        usage = resource.getrusage(resource.RUSAGE_SELF)
        run.driver_seconds += usage.ru_utime + usage.ru_stime
        run.seconds = seconds
        run.again = sum(one.browser.again for many in self._visitors.values() for one in many)
        return run

    def _draw(self) -> Page:
        return self._random.choices(PAGES, self._shares)[0]

    async def _ask(self, page: Page, planned: float) -> None:
        """One request; planned: s since the run began, from which its latency counts."""
        if page.audience == "new":
            name = self._random.choice(self._accounts["employers"])
            visitor = Visitor("employer", self._open(), name, self._accounts["password"])
            size, fault = await _sign_in_again(visitor)
        else:
            visitor = await self._free_visitor(page)
            try:
                size, fault = await _visit(page, visitor, self._random)
            finally:
                self._free[page.audience].put_nowait(visitor)
        took = time.perf_counter() - self._began - planned
        name = f"{page.audience}: {page.name}"
        self._run.seen.append(Seen(name, planned, 1000 * took, size, fault))

    async def _free_visitor(self, page: Page) -> Visitor:
        """The one who has waited longest, of those who have seen the link the page hangs on."""
        free = self._free[page.audience]
        for _ in range(free.qsize()):
            visitor = free.get_nowait()
            if page.kind is None or visitor.links.get(page.kind):
                return visitor
            free.put_nowait(visitor)
        return await free.get()


async def _visit(page: Page, visitor: Visitor, random: Random) -> tuple[int, str]:
    """Bytes of the answer and what is wrong with it."""
    try:
        path = page.path(visitor, random)
        if page.fields:
            answer = await visitor.browser.post(path, page.fields(random))
        else:
            answer = await visitor.browser.get(path)
    except (BrowserError, MissingLink) as error:
        return 0, str(error)
    fault = page.fault(answer)
    if not fault:
        visitor.learn(answer.body)
    return answer.size, fault


async def _sign_in(visitor: Visitor) -> int:
    """Sign a visitor in; bytes of the answers. Raises BrowserError when it is refused."""
    person = visitor.audience == "person"
    path = "/masuk/kode" if person else "/masuk"
    form = await visitor.browser.get(path)
    fields = (
        {"phone": visitor.name, "code": visitor.secret}
        if person
        else {"email": visitor.name, "password": visitor.secret}
    )
    answer = await visitor.browser.post(path, fields)
    if answer.status != 302:
        raise BrowserError(f"{visitor.name} cannot sign in: status {answer.status}")
    return form.size + answer.size


async def _sign_in_again(visitor: Visitor) -> tuple[int, str]:
    try:
        return await _sign_in(visitor), ""
    except BrowserError as error:
        return 0, str(error)
    finally:
        visitor.browser.close()


@click.command()
@click.option("--address", required=True, help="http://host:port of the service")
@click.option("--accounts", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--rate", type=float, help="requests a second (open loop)")
@click.option("--together", type=int, help="visitors at once (closed loop)")
@click.option("--seconds", default=30.0, show_default=True)
@click.option("--warm-up", default=5.0, show_default=True, help="seconds that are not counted")
@click.option("--of-each", default=80, show_default=True, help="accounts of each audience at most")
@click.option("--seed", default=1, show_default=True)
@click.option("--stop", type=click.Path(path_type=Path), help="ends a rate when this file exists")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON goes here")
def drive(
    address: str,
    accounts: Path,
    rate: float | None,
    together: int | None,
    seconds: float,
    warm_up: float,
    of_each: int,
    seed: int,
    stop: Path | None,
    out: Path,
) -> None:
    """Drive the service once, at a rate or at full speed."""
    if (rate is None) == (together is None):
        raise click.UsageError("give one of --rate and --together")

    known = json.loads(accounts.read_text())
    for who in ("employers", "officers", "trainers", "people"):
        known[who] = known[who][:of_each]

    async def run() -> Run:
        driver = Driver(address, known, seed)
        await driver.sign_in()
        out.with_suffix(".started").touch()
        gc.freeze()
        if rate is not None:
            return await driver.open_loop(rate, warm_up + seconds, stop)
        return await driver.closed_loop(together, warm_up + seconds)

    out.write_text(json.dumps(asyncio.run(run()).as_json(warm_up), indent=1))


if __name__ == "__main__":
    drive()

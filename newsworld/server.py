"""The HTTP/1.1 server: every site by its Host, faults, the log, and the control endpoints."""

import asyncio
import json
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from newsworld import asianlite, national_times, ticker
from newsworld.breakage import Breakage, breakages_from, broken
from newsworld.faults import Fault, faults_from
from newsworld.habits.habit import Behaviour, habits_from
from newsworld.habits.outlets import former_host
from newsworld.messages import SiteRequest, SiteResponse, conditional, http_date, text
from newsworld.press import site as press
from newsworld.press.edits import edits_from
from newsworld.prompts import prompts_from
from newsworld.story import ASIANLITE, NATIONAL_TIMES, TICKER
from newsworld.world import World

CONTROL = "/_newsworld/"
Site = Callable[[World, SiteRequest], SiteResponse | None]
SITES: dict[str, Site] = {
    ASIANLITE.host: asianlite.answer,
    f"www.{ASIANLITE.host}": asianlite.answer,
    NATIONAL_TIMES.host: national_times.answer,
    TICKER.host: ticker.answer,
}
_MISSING = SiteResponse(
    b"<!DOCTYPE html><title>Page not found</title><h1>Oops! That page can&#8217;t be found.</h1>",
    status=404,
)


def site_of(world: World, host: str) -> Site | None:
    """Return the site that answers for a host; None where nobody does."""
    if former_host(host).removeprefix("www.").removeprefix("m.") in world.press:
        return press.answer
    return SITES.get(host)


class Server:
    """Answers requests about a world, keeps the log and the faults."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.breakages: list[Breakage] = []
        """One for each outlet that is broken."""
        self.habits = Behaviour()
        # All answers follow from the world, its clock and the address: kept until the clock moves.
        self._answers: dict[tuple[str, str], SiteResponse] = {}

    def application(self) -> web.Application:
        """Build the aiohttp application."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        target = request.raw_path
        if target.startswith(CONTROL):
            return self._respond(self._control(request.method, target, await request.read()))
        host = request.host.partition(":")[0].lower()
        entry = {
            "at": time.monotonic(),
            "clock": self.world.clock.isoformat(),
            "method": request.method,
            "host": host,
            "path": target,
            "status": 0,
            "bytes": 0,
            "user_agent": request.headers.get("User-Agent", ""),
            "shows": (),
            "story": "",
        }
        self.log.append(entry)
        fault = next((fault for fault in self.faults if fault.matches(host, target)), None)
        answer = await self._answer(request, host, target, fault)
        if answer is None:
            assert request.transport
            request.transport.close()
            return web.Response()
        sent = b"" if request.method == "HEAD" else answer.body
        entry.update(status=answer.status, bytes=len(sent), shows=answer.shows, story=answer.story)
        response = self._respond(answer)
        if answer.sent is not None:
            return await _broken_off(request, response, answer.sent)
        return await _stalled(request, response, fault.stall) if fault and fault.stall else response

    async def _answer(
        self, request: web.Request, host: str, target: str, fault: Fault | None
    ) -> SiteResponse | None:
        """Return the answer; None to drop the connection."""
        if fault:
            await asyncio.sleep(fault.delay)
            if fault.close:
                return None
            if fault.status is not None or fault.body is not None:
                body = (fault.body or "").encode()
                return SiteResponse(body, status=fault.status or 200, extra=fault.headers)
        if request.method not in ("GET", "HEAD"):
            return text("Method not allowed\n", 405)
        scheme = request.headers.get("X-Forwarded-Proto", "http")
        ask = SiteRequest(f"{scheme}://{host}", target)
        page = self.habits.answer(self.world, ask, self._page)
        page = conditional(fault.change(page) if fault else page, request.headers)
        return replace(page, extra={**page.extra, **fault.headers}) if fault else page

    def _page(self, ask: SiteRequest) -> SiteResponse:
        if answer := self._answers.get((ask.base, ask.target)):
            return answer
        world, site = self.world, site_of(self.world, ask.host)
        if site is None:
            return text(f"No such site: {ask.host}\n", 404)
        page = broken(world, self.breakages, ask, lambda: site(world, ask)) or _MISSING
        if page.status == 200:
            self._answers[ask.base, ask.target] = page
        return page

    def _control(self, method: str, target: str, body: bytes) -> SiteResponse:
        name = target.removeprefix(CONTROL)
        match method, name:
            case "GET", "truth":
                forbidden = self.habits.forbidden(self.world)
                rows = self.world.truth()
                return _lines([{**row, "forbidden": row["url"] in forbidden} for row in rows])
            case "GET", "edits":
                return _lines(self.world.edited())
            case "GET", "log":
                return _lines(self.log)
            case "DELETE", "log":
                self.log.clear()
            case "GET", "clock":
                pass
            case "PUT", "breakages" | "clock" | "edits" | "faults" | "habits" | "prompts":
                try:
                    self._change(name, body.decode())
                except ValueError as error:
                    return text(f"{error}\n", 400)
            case _:
                return text(f"No such control: {method} {name}\n", 404)
        return text(f"{self.world.clock.isoformat()}\n")

    def _change(self, name: str, told: str) -> None:
        """Set the clock, breakages, edits, faults, habits or prompts; ValueError if it is none."""
        if name == "faults":
            self.faults = faults_from(json.loads(told))
            return
        if name == "habits":
            self.habits.now_on = habits_from(json.loads(told))
            return
        if name == "clock":
            self.world.advance(datetime.fromisoformat(told.strip()))
        elif name == "breakages":
            self.breakages = breakages_from(json.loads(told))
        elif name == "edits":
            self.world.edits = edits_from(json.loads(told))
        else:
            self.world.prompts = prompts_from(json.loads(told))
        self._answers.clear()

    def _respond(self, answer: SiteResponse) -> web.Response:
        headers = CIMultiDict({"Date": http_date(self.world.clock), "Server": "nginx"})
        for name, value in answer.headers.items():
            headers[name] = value
        return web.Response(body=answer.body, status=answer.status, headers=headers)


def serve(world: World, port: int, announce: Callable[[str], object]) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT.

    :param port: 0 takes a free one.
    :param announce: called with the address, e.g. ``http://127.0.0.1:8000``, once it is open.
    """
    asyncio.run(_serve(world, port, announce))


async def _serve(world: World, port: int, announce: Callable[[str], object]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(
        Server(world).application(),
        access_log=None,
        shutdown_timeout=0.5,
        handler_cancellation=True,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        announce(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await stop.wait()
    finally:
        await runner.cleanup()


async def _stalled(request: web.Request, whole: web.Response, seconds: float) -> web.StreamResponse:
    """Send half of an answer, and the rest later."""
    body = whole.body
    assert isinstance(body, bytes)
    headers = {**whole.headers, "Content-Length": str(len(body))}
    response = web.StreamResponse(status=whole.status, headers=headers)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    await asyncio.sleep(seconds)
    await response.write(body[len(body) // 2 :])
    return response


async def _broken_off(request: web.Request, whole: web.Response, sent: int) -> web.StreamResponse:
    """Send the beginning of an answer, and drop the connection."""
    body = whole.body
    assert isinstance(body, bytes)
    headers = {**whole.headers, "Content-Length": str(len(body))}
    response = web.StreamResponse(status=whole.status, headers=headers)
    await response.prepare(request)
    await response.write(body[:sent])
    assert request.transport
    request.transport.close()
    return response


def _lines(rows: list[dict[str, Any]]) -> SiteResponse:
    body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return SiteResponse(body.encode(), "application/x-ndjson; charset=utf-8")

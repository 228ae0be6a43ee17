"""A proxy before a server that answers late."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def slow_proxy(socket: str, seconds: float) -> Iterator[int]:
    """Serve a Unix socket on a TCP port of this machine, every answer so many seconds late."""
    with asyncio.Runner() as runner:  # ends what is under way when it is left
        server = runner.run(
            asyncio.start_server(lambda *client: _serve(socket, seconds, *client), "127.0.0.1", 0)
        )
        loop = runner.get_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            loop.call_soon_threadsafe(server.close)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


async def _serve(
    socket: str, seconds: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    from_server, to_server = await asyncio.open_unix_connection(socket)
    try:
        await asyncio.gather(
            _pump(reader, to_server, 0), _pump(from_server, writer, seconds), return_exceptions=True
        )
    finally:
        to_server.close()
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Hand on what comes, each piece so many seconds after it came, however many come at once."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def send() -> None:
        while True:
            at, piece = await pieces.get()
            await asyncio.sleep(at - loop.time())
            if not piece:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()

    sending = asyncio.create_task(send())
    while piece := await reader.read(1 << 16):
        pieces.put_nowait((loop.time() + seconds, piece))
    pieces.put_nowait((loop.time(), b""))
    await sending

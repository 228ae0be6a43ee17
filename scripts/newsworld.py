"""``dateline newsworld``: serve the simulated web."""

from typing import Annotated

import typer

from crawler.errors import DatelineError
from newsworld.server import serve
from newsworld.world import World


def newsworld(
    port: Annotated[int, typer.Option(help="0: any free one.")] = 8700,
    seed: Annotated[int, typer.Option(help="The same seed makes the same web.")] = 7,
) -> None:
    """Serve a small web of simulated outlets on this machine, until Ctrl-C.

    It prints its address. Crawl it with `DATELINE_GATEWAY=ADDRESS dateline collect asianlite`.
    """
    try:
        serve(World(seed=seed), port=port, announce=lambda url: print(url, flush=True))
    except OSError as error:
        raise DatelineError(
            f"Port {port} cannot be used ({error.strerror}): try --port 0."
        ) from None

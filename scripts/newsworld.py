"""``dateline newsworld``: serve the simulated web."""

from typing import Annotated

import typer

from crawler.errors import DatelineError


def newsworld(
    port: Annotated[int, typer.Option(help="0: any that is free.")] = 8700,
    seed: Annotated[int, typer.Option(help="The same seed makes the same web.")] = 7,
) -> None:
    """Serve a small web of simulated outlets on this machine, until Ctrl-C.

    It prints its address. Crawl it with `DATELINE_GATEWAY=ADDRESS dateline collect asianlite`.
    """
    # Imported late: it takes a quarter of a second, which every other command would pay, too.
    from newsworld.server import serve  # noqa: PLC0415
    from newsworld.world import World  # noqa: PLC0415

    try:
        serve(World(seed=seed), port=port, announce=lambda url: print(url, flush=True))
    except OSError as error:
        raise DatelineError(
            f"Port {port} cannot be used ({error.strerror}): try --port 0."
        ) from None

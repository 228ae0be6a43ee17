"""`MemoryUsage`: Scrapy's extension that ends a crawl at its memory limit, by resident memory."""

from psutil import Process
from scrapy.extensions import memusage


class MemoryUsage(memusage.MemoryUsage):
    """Reads the resident size as it is now.

    Scrapy reads `ru_maxrss`, which on Linux counts what the process held that started this one
    (setmax_mm_hiwater_rss in its fs/exec.c): one that has grown would end every run it starts.
    """

    def get_virtual_size(self) -> int:
        return Process().memory_info().rss

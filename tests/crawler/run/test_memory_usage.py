import subprocess
import sys

CHILD = """
from scrapy.utils.test import get_crawler
from crawler.run.memory_usage import MemoryUsage
print(MemoryUsage.from_crawler(get_crawler()).get_virtual_size())
"""
PARENT = """
import subprocess, sys
held = b"x" * 400_000_000
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
"""


def test_what_the_starter_holds_does_not_count() -> None:
    command = [sys.executable, "-c", PARENT, CHILD]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert 10_000_000 < int(printed) < 300_000_000

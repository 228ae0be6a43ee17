"""A pytest plugin that counts the assert statements a run has executed, over all its workers.

Where `enable_assertion_pass_hook` is set, pytest asks at each assertion that holds whether anybody
wants to hear of it. We count the questions and want nothing: to be told costs half as much again
as the tests, since pytest then describes every value.
"""

import sys
from pathlib import Path
from typing import Any

import pytest
from _pytest.assertion import util

TESTS = Path(__file__).parent
FILES = [path.relative_to(TESTS.parent) for path in TESTS.rglob("*.py")]
# The assertions of the helpers count, too: pytest alone looks at those of test files.
pytest.register_assert_rewrite(
    *{".".join(path.with_suffix("").parts) for path in FILES} - sys.modules.keys()
)
OUTPUT = "workeroutput"
"""What a worker of xdist brings to the process that started it."""


class Assertions:
    """The count of one process, and of the workers that it has started."""

    def __init__(self, config: pytest.Config) -> None:
        self.count = 0
        self._config = config
        util._assertion_pass = self  # type: ignore[assignment]

    def __bool__(self) -> bool:
        self.count += 1
        return False

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.count += getattr(node, OUTPUT, {}).get("assertions", 0)

    def pytest_sessionfinish(self) -> None:
        if (output := getattr(self._config, OUTPUT, None)) is not None:
            output["assertions"] = self.count

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"{self.count:,} assertions executed")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Assertions(config), "assertions executed")

"""``scrapy crawl`` with an exit code that can be trusted."""

import argparse
import gc
import logging
import os
import signal
import sys
import threading
import time

from scrapy import signals
from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from crawler.errors import DatelineError, ExitCode
from crawler.logs import begin_log_context, log_as_json, wants_json
from crawler.run.extension import EXIT_CODE, RunExtension


class CrawlCommand(crawl.Command):
    """Scrapy's own `crawl`, with the exit code of the run's verdict."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Process Scrapy's options; log as JSON, if asked to, from the first line on."""
        super().process_options(args, opts)
        settings = self.settings
        assert settings is not None
        try:
            is_json = wants_json(settings["LOG"])
        except DatelineError as error:
            raise UsageError(str(error), print_help=False) from None
        if is_json:
            settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
            run = {"run": settings["RUN_ID"]} if settings["RUN_ID"] else {}
            begin_log_context(outlet=" ".join(args), **run)
            file = settings["LOG_FILE"]
            handler = logging.FileHandler(file, encoding="utf-8") if file else None
            log_as_json(handler or logging.StreamHandler(), settings["LOG_LEVEL"])

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl one outlet."""
        assert self.crawler_process is not None
        if len(args) != 1:
            raise UsageError("Name one outlet: `scrapy list` prints them.", print_help=False)
        try:
            crawler = self._create_crawler(args[0])
            crawler.spidercls(**opts.spargs)
        except KeyError:
            message = f"There is no outlet {args[0]}: `scrapy list` prints them."
            raise UsageError(message, print_help=False) from None
        except DatelineError as error:
            raise UsageError(str(error), print_help=False) from None
        if crawler.settings["RUN_ID"]:
            threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
        crawler.signals.connect(_freeze, signal=signals.spider_opened)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed:
            self.exitcode = int(ExitCode.FAILED)
        else:
            # Without our extension there is no verdict: the spider is a user's own.
            extension = crawler.get_extension(RunExtension)
            unjudged = ExitCode.FAILED if extension else ExitCode.OK
            if extension and extension.refusal and crawler.settings["LOG_FILE"]:
                sys.stderr.write(f"{extension.refusal}\n")  # otherwise only the log has it
            self.exitcode = crawler.stats.get_value(EXIT_CODE, int(unjudged))


def _freeze() -> None:
    """Keep the collector from walking, in mid-run, through what is loaded by now and stays.

    That takes a tenth of a second, in which nothing else happens.
    """
    gc.collect()
    gc.freeze()


def _end_with(parent: int) -> None:
    """Kill this crawl when the `dateline collect` that started it is gone: nobody watches it."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGKILL)

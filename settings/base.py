"""Settings every profile shares. Each line that differs from Scrapy's default says why."""

from importlib.metadata import version
from os import geteuid
from shutil import which

from settings import environment

BOT_NAME = "dateline"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"
SPIDER_LOADER_CLASS = "crawler.outlets.loader.OutletLoader"
DEFAULT_ITEM_CLASS = "crawler.article.Article"

# -- Where things are kept
MONGODB_URI = environment.MONGODB_URI
MONGODB_DATABASE = environment.MONGODB_DATABASE
DATA = str(environment.DATA)
PAGES_DAYS = environment.PAGES_DAYS
RUNS_DAYS = environment.RUNS_DAYS
GATEWAY = environment.GATEWAY
RUN_ID = ""  # the run document's _id; a new one where empty

# -- Who we are: honest, and reachable
USER_AGENT = (
    f"Dateline/{version('dateline')} (news collection; {environment.CONTACT or 'no contact set'})"
)
ROBOTSTXT_USER_AGENT = "Dateline"

# -- Politeness: one request at a time to a host, with a pause that grows with its answers; the
# pause is between the requests of all runs on one database (crawler/fetch/politeness.py)
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 8
DOWNLOAD_DELAY = 2
DOWNLOAD_DELAY_JITTER = 0  # a pause is a promise: it is never cut by half
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2

STORE_PATIENCE = 900  # seconds for which a run waits for a MongoDB that has gone away
LEASE_SECONDS = 60  # without a sign of life of a run, after which another of its outlet may begin

SCHEDULE_SPREAD = 30  # seconds within which outlets begin that are due at the same minute

# -- Limits: what a page, a host or a run may cost
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 5 * 1024 * 1024
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 10
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False  # a page that moves by markup is hostile or not a story
MEMUSAGE_LIMIT_MB = 1024
MEMUSAGE_CHECK_INTERVAL_SECONDS = 10
# Bytes of pages being parsed and stored at one time. It bounds what a killed run fetches again.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 100_000
CONCURRENT_ITEMS = 2  # Scrapy starts so many tasks for each answer, and a page makes one item
PARSE_WORKERS = 2
PARSE_SECONDS = 5
PARSE_MEGABYTES = 512
SITEMAP_MAXSIZE = 50 * 1024 * 1024

# -- Safety: only the web, only public addresses, certificates checked, no listening ports
DOWNLOAD_HANDLERS = {
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
    "http": "crawler.fetch.http_handler.HttpHandler",
    "https": "crawler.fetch.http_handler.HttpHandler",
}
DOWNLOAD_VERIFY_CERTIFICATES = True
TWISTED_DNS_RESOLVER = "crawler.fetch.public_addresses.PublicResolver"
COOKIES_ENABLED = False  # but for those that a redirect asks for, on the way to one page
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
REFERRER_POLICY = "no-referrer"

# -- What is fetched, and again: the ledger decides, with its own schedule
REVISITS = True  # stories are looked at again for edits, when their outlet says (`revisits`)
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
RETRY_ENABLED = False

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "crawler.fetch.offsite_middleware.OffsiteMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.fetch.robots_middleware.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.fetch.compression_middleware.CompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "crawler.fetch.redirect_middleware.RedirectMiddleware": 600,
}
EXTENSIONS = {
    "scrapy.extensions.memusage.MemoryUsage": None,
    "crawler.run.memory_usage.MemoryUsage": 0,
    "crawler.fetch.politeness.Politeness": 0,
    "crawler.run.extension.RunExtension": 100,
}
ITEM_PIPELINES = {
    "pipelines.check_title_and_body.CheckTitleAndBody": 100,
    "pipelines.normalise_dates.NormaliseDates": 200,
    "pipelines.strip_boilerplate.StripBoilerplate": 300,
    "pipelines.strip_learnt_boilerplate.StripLearntBoilerplate": 350,
    "pipelines.clean_text.CleanText": 400,
    "pipelines.flag_implausible_values.FlagImplausibleValues": 450,
    "pipelines.identify_article.IdentifyArticle": 500,
    "pipelines.drop_broken_template.DropBrokenTemplate": 600,
    "pipelines.store_article.StoreArticle": 900,
}

# -- The browser: merged only for an outlet that declares ``browser = True``
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_SETTINGS = {
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.fetch.browser.BrowserHandler",
        "https": "crawler.fetch.browser.BrowserHandler",
    },
    "PLAYWRIGHT_BROWSER_TYPE": "chromium",
    "PLAYWRIGHT_LAUNCH_OPTIONS": {
        "executable_path": next(filter(None, map(which, CHROMIUMS)), None),
        # Chromium has no sandbox for root; everybody else keeps it.
        "chromium_sandbox": geteuid() != 0,
        "args": ["--disable-background-networking", "--disable-component-update"],
    },
    "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 15_000,
    "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
}

# -- Scrapy's own exports (-o, -O)
FEED_EXPORT_ENCODING = "utf-8"

# -- Logs: one line for what matters, never an item in full
LOG = environment.LOG
LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.logs.ItemLogFormatter"
LOGSTATS_INTERVAL = 0

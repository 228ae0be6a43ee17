"""A new newsletter prompt between the paragraphs of an outlet that is known for weeks."""

import json
from datetime import timedelta

from crawler.text.recurring_blocks import STORIES_TO_LEARN
from newsworld.client import running
from tests.desk import Desk

PROMPT = "The best of our reporting, sent to you each evening by people who read all of it"


def test_a_new_prompt_is_gone_after_five_stories_and_comes_back_when_asked(desk: Desk) -> None:
    with running(days=4, per_day=12) as world:
        env = {"DATELINE_GATEWAY": world.url}
        assert desk.crawl("asianlite", "-a", "since=2024-11-28", **env).code == 0
        start = world.clock()
        world.prompts(
            [{"outlet": "asianlite", "text": PROMPT, "since": start.isoformat(), "place": 2}]
        )
        world.set_clock(start + timedelta(days=1))
        result = desk.crawl("asianlite", **env)
        assert result.code == 0

        truth = {story["url"]: story for story in world.truth()}
        stored = desk.articles("asianlite")
        new = [url for url in stored if stored[url]["published"]["at"] > start]
        shown = [url for url in new if PROMPT in stored[url]["body"]]
        cleaned = [url for url in new if stored[url]["left_out"]]
        assert STORIES_TO_LEARN <= len(shown) <= 5
        assert len(cleaned) == len(new) - len(shown) > 2
        for url, article in stored.items():
            if url not in shown:
                assert article["body"] == truth[url]["body"], "a true sentence was dropped"
        (key,) = desk.run("asianlite")["learnt"]
        assert key in result.err
        assert PROMPT in result.err

        # What was learnt is shown, in words and as JSON.
        assert PROMPT in " ".join(desk.dateline("boilerplate", "asianlite").out.split())
        (block,) = json.loads(desk.dateline("boilerplate", "asianlite", "--json").out)
        assert (block["key"], block["text"], block["fate"]) == (key, PROMPT, "dropped")
        assert (len(block["stories"]), block["left_out"]) == (len(shown) + 1, len(cleaned))

        # Kept after all: it is back where it stood, and stays in what comes.
        assert desk.dateline("boilerplate", "asianlite", "--keep", key).code == 0
        for url, article in desk.articles("asianlite").items():
            paragraphs = truth[url]["body"].split("\n\n")
            if url in new:
                paragraphs.insert(min(2, len(paragraphs) - 1) + 1, PROMPT)
            assert article["body"] == "\n\n".join(paragraphs)
            assert not article["left_out"]
            assert article["fingerprint"] == (
                stored[url]["fingerprint"] if url not in cleaned else article["fingerprint"]
            )
        world.set_clock(start + timedelta(days=2))
        assert desk.crawl("asianlite", **env).code == 0
        later = [a for url, a in desk.articles("asianlite").items() if url not in stored]
        assert later
        assert all(PROMPT in article["body"] for article in later)

        # And dropped again.
        assert desk.dateline("boilerplate", "asianlite", "--drop", key).code == 0
        known = desk.articles("asianlite").keys()
        world.set_clock(start + timedelta(days=3))
        assert desk.crawl("asianlite", **env).code == 0
        latest = [a for url, a in desk.articles("asianlite").items() if url not in known]
        assert latest
        assert not any(PROMPT in article["body"] for article in latest)


def test_what_is_unknown_is_said(desk: Desk) -> None:
    nothing = desk.dateline("boilerplate", "asianlite")
    assert (nothing.code, nothing.out) == (0, "")
    assert "No blocks of asianlite were learnt yet." in nothing.err
    for words in (("--keep", "abc"), ("--drop", "abc")):
        refused = desk.dateline("boilerplate", "asianlite", *words)
        assert refused.code != 0
        assert "asianlite has no block abc" in refused.err
    both = desk.dateline("boilerplate", "asianlite", "--keep", "a", "--drop", "b")
    assert both.code != 0
    assert "either --keep or --drop" in both.err

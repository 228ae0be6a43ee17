"""The kind of page a story stands on, where the page states it."""

import re

from parsel import Selector

_MAX_BLOCK = 1_048_576  # characters of one block of JSON-LD
# schema.org: LiveBlogPosting, MediaGallery, isAccessibleForFree (also of a part of the page).
_CONTENT_TIER = "article:content_tier"
_MARKERS = {
    "live_blog": re.compile(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?LiveBlogPosting"'),
    "gallery": re.compile(
        r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?(?:Image|Media)Gallery"'
    ),
    "paywalled": re.compile(r'"isAccessibleForFree"\s*:\s*"?(?:https?://schema\.org/)?[Ff]alse\b'),
}


def read_page_kind(root: Selector) -> list[str]:
    """Return flags for `Article.flags`: ``live_blog``, ``gallery``, ``paywalled``."""
    scripts = root.root.iter("script")
    blocks = [script.text or "" for script in scripts if "ld+json" in script.get("type", "")]
    flags = [
        flag
        for flag, pattern in _MARKERS.items()
        if any(pattern.search(block[:_MAX_BLOCK]) for block in blocks)
    ]
    # What Facebook's publishing tools and their imitators print.
    tiers = (tag for tag in root.root.iter("meta") if tag.get("property") == _CONTENT_TIER)
    tier = next((tag.get("content", "") for tag in tiers), "")
    if tier.strip().lower() == "locked" and "paywalled" not in flags:
        flags.append("paywalled")
    return flags

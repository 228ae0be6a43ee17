"""The vocabulary of the invented news: names, topics and turns of phrase.

Words in braces are slots: the cast of the story (`place`, `lead`, `last`, `second`, `slast`,
`org`), its topic (`project`, `body`, `group`, `aim`, `worry`), or one of the `POOLS`.
"""


def _listed(words: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(words.split(separator))


ONSETS = _listed(
    "Bal Bre Cor Dal Den Fal Gar Hal Ist Jor Kal Kes Lan Lor Mar Mer Nal Nor Ost Pel "
    "Per Quin Ral Ros Sal Ser Tal Tor Ul Vel Ver Wex Yar Zan Zel Ash Bur Cam Dor Ell"
)
MIDDLES = _listed("da de di do ga ka la li ma mi na no ra ri ro sa ta ti va vi be ne pa pi zo")
PLACE_ENDS = _listed(
    "bad pur gate ford minster ton by wick mouth port stad grad ville kot garh "
    "nagar shahr bury haven dale field bridge holm stan mere"
)
SURNAME_ENDS = _listed(
    "l n r s v k vic wal kar ven man din dan dar ran lan sen son ski tti "
    "lli nko gawa moto wicz né ré th x sh ch m z ndo rra nte gh bé lde rt"
)
FIRST_NAMES = _listed(
    "Amara André Anika Arif Beatriz Bilal Céline Chen Dalia Daniel Devika Elena Farid Grace "
    "Hamid Hana Ingrid Ivo Jamila Joana José Kamal Karim Leila Lucía Marek Maya Meera Nadia "
    "Noémie Omar Özlem Priya Rafael Rania Renée Rohan Sana Simon Sofía Tariq Teresa Usman "
    "Valérie Victor Yara Yusuf Zara Zoë"
)
CITIES = _listed(
    "ABU DHABI|ANKARA|BEIJING|BRUSSELS|CAIRO|COLOMBO|DHAKA|DOHA|DUBAI|GENEVA|HYDERABAD|"
    "ISLAMABAD|JAKARTA|KABUL|KARACHI|KATHMANDU|LAHORE|LONDON|MANILA|MULTAN|NAIROBI|NEW DELHI|"
    "NEW YORK|PARIS|PESHAWAR|QUETTA|RAWALPINDI|RIYADH|SEOUL|TASHKENT|TOKYO|WASHINGTON",
    "|",
)

ORGANISATIONS = _listed(
    "River Authority|Chamber of Commerce|Port Trust|City Council|Institute of Technology|"
    "Development Bank|Teachers’ Federation|Growers’ Union|Medical Board|Transport Board|"
    "Heritage Trust|Planning Commission|Relief Fund|Football Association|Energy Agency|"
    "Arts & Letters Society|Docks & Railways Company|Farmers’ Co-operative",
    "|",
)

POOLS: dict[str, tuple[str, ...]] = {
    "country": _listed(
        "Pakistan|India|the United Arab Emirates|Britain|Bangladesh|Sri Lanka|Nepal|Egypt|Türkiye|"
        "Indonesia|Malaysia|Kenya|France|Germany|Côte d’Ivoire|Japan|South Korea|Oman|Qatar|"
        "Kazakhstan|Uzbekistan|Vietnam|Brazil|Canada|Morocco|Jordan",
        "|",
    ),
    "small": _listed("two three four five six seven eight nine eleven twelve fifteen"),
    "large": ("{d}{d}0", "{d},{z}00", "{d}{z},{z}00", "{d}{z}{z},000"),
    "d": tuple("123456789"),
    "z": tuple("0123456789"),
    "percent": ("{d} per cent", "{d}.{d} per cent", "{d}{z} per cent", "nearly a third"),
    "money": (
        "${d}{z} million",
        "${d}.{d} billion",
        "£{d}{d} million",
        "Rs{d}.{d} billion",
        "€{d}{d}0 million",
        "AED {d}{z}0 million",
    ),
    "span": ("a decade", "{small} years", "{small} months", "a generation", "{small} weeks"),
    "month": _listed("January March April May June July August September October"),
    "manner": _listed(
        "cautiously|warmly|in guarded terms|with relief|coolly|without enthusiasm|at once|"
        "after some hesitation",
        "|",
    ),
    "quality": _listed(
        "long-delayed ambitious costly modest contested landmark joint revised unusual sweeping "
        "far-reaching quiet"
    ),
    "outsiders": _listed(
        "independent analysts|diplomats in the region|economists|opposition members|"
        "former officials|local residents|campaigners|auditors",
        "|",
    ),
}

# Each topic: project, body, group, aim, worry, tags.
TOPICS: dict[str, dict[str, tuple[str, ...]]] = {
    "trade": {
        "project": ("free trade agreement", "customs union plan", "export corridor", "dry port"),
        "body": ("trade ministry", "customs service", "export council"),
        "group": ("exporters", "small manufacturers", "textile workers", "shopkeepers"),
        "aim": ("cut waiting times at the border", "double exports", "open new markets"),
        "worry": ("cheap imports", "a weaker currency", "rising freight costs"),
        "tags": ("Trade", "Economy", "Exports"),
    },
    "water": {
        "project": ("irrigation scheme", "reservoir", "flood barrier", "canal repair programme"),
        "body": ("water board", "meteorological office", "irrigation department"),
        "group": ("farmers", "fishing families", "villagers downstream", "rice growers"),
        "aim": ("keep fields green through the dry season", "protect low-lying districts"),
        "worry": ("an early monsoon", "falling groundwater", "silt in the canals"),
        "tags": ("Water", "Climate", "Farming"),
    },
    "health": {
        "project": ("vaccination drive", "teaching hospital", "clinic network", "screening plan"),
        "body": ("health ministry", "nursing council", "public health laboratory"),
        "group": ("nurses", "young mothers", "rural patients", "junior doctors"),
        "aim": ("reach every household", "shorten waiting lists", "train more midwives"),
        "worry": ("a shortage of staff", "dengue after the rains", "the price of medicines"),
        "tags": ("Health", "Hospitals", "Medicine"),
    },
    "transport": {
        "project": ("metro extension", "ring road", "airport terminal", "rail link"),
        "body": ("transport ministry", "railway board", "aviation regulator"),
        "group": ("commuters", "lorry drivers", "passengers", "taxi owners"),
        "aim": ("halve journey times", "take lorries off city streets", "link both coasts"),
        "worry": ("land prices along the route", "repeated signal failures", "dust and noise"),
        "tags": ("Transport", "Railways", "Infrastructure"),
    },
    "energy": {
        "project": ("solar park", "gas pipeline", "wind farm", "power interconnector"),
        "body": ("energy ministry", "grid operator", "electricity regulator"),
        "group": ("factory owners", "households", "grid engineers", "village co-operatives"),
        "aim": ("end evening blackouts", "retire its oldest coal plants", "export power"),
        "worry": ("unpaid bills", "ageing transformers", "volatile fuel prices"),
        "tags": ("Energy", "Climate", "Power"),
    },
    "diplomacy": {
        "project": ("security pact", "border agreement", "prisoner exchange", "peace framework"),
        "body": ("foreign ministry", "defence ministry", "parliamentary committee"),
        "group": ("envoys", "border guards", "displaced families", "aid workers"),
        "aim": ("calm a tense frontier", "restore full diplomatic ties", "bring families home"),
        "worry": ("fresh shelling", "a hardening of positions", "foreign interference"),
        "tags": ("Diplomacy", "Defence", "Border"),
    },
    "education": {
        "project": ("school-building plan", "university campus", "scholarship scheme"),
        "body": ("education ministry", "examination board", "schools inspectorate"),
        "group": ("teachers", "pupils", "parents", "graduates"),
        "aim": ("keep girls in class", "end the two-shift day", "widen access to science"),
        "worry": ("leaking roofs", "crowded classrooms", "rising fees"),
        "tags": ("Education", "Schools", "Youth"),
    },
    "technology": {
        "project": ("data centre", "satellite launch", "chip plant", "digital identity scheme"),
        "body": ("technology ministry", "space agency", "telecoms regulator"),
        "group": ("start-up founders", "engineers", "software exporters", "mobile users"),
        "aim": ("build a home-grown industry", "bring broadband to the hills", "create jobs"),
        "worry": ("privacy", "the cost of imported equipment", "a drain of talent"),
        "tags": ("Technology", "Innovation", "Space"),
    },
    "sport": {
        "project": ("cricket tour", "stadium rebuild", "marathon", "women’s league"),
        "body": ("sports ministry", "cricket board", "Olympic committee"),
        "group": ("supporters", "young athletes", "club officials", "coaches"),
        "aim": ("find new talent", "fill the stands again", "win a first title"),
        "worry": ("injuries", "a crowded calendar", "late ticket sales"),
        "tags": ("Sport", "Cricket", "Football"),
    },
    "culture": {
        "project": ("literature festival", "museum wing", "film fund", "old-town restoration"),
        "body": ("culture ministry", "national archive", "tourism board"),
        "group": ("artists", "curators", "street vendors", "visitors"),
        "aim": ("draw visitors back", "save crumbling façades", "bring lost manuscripts home"),
        "worry": ("damp in the vaults", "shrinking grants", "the pace of building nearby"),
        "tags": ("Culture", "Heritage", "Festivals"),
    },
}

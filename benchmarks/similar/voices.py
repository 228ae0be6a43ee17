"""Sentences in which several reporters tell of one event, each in words of his own.

The slots are the event's facts: ``place``, ``lead``, ``last``, ``second``, ``slast``, ``org``,
``project``, ``body``, ``group``, ``aim``, ``worry``, ``country``, ``money``, ``percent``,
``large``, ``span``, ``month``, ``today``, ``quote``.
"""

VOICES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    # Headlines, and sentences of which the first four are leads.
    (
        (
            "{last} seals {project} for {place}",
            "{place} to get {money} {project}",
            "{place} {project} agreed with {country}",
        ),
        (
            "{lead} has secured {money} from {country} for the {project} in {place}, aides "
            "confirmed late on {today}.",
            "After {span} of haggling, {place} will have its {project}: {country} is to pay, and "
            "{lead} takes the credit.",
            "A deal worth {money} that clears the way for {place}’s {project} was signed by {lead} "
            "on {today}.",
            "{country} threw its weight behind the {project} planned for {place} on {today}.",
            "“{quote},” {last} told a crowd outside the {org}.",
            "The sum amounts to {percent} of the budget drawn up by the {org}.",
            "{second} of the {org} put the number of jobs at {large}.",
            "It falls to the {body} to see that nothing goes astray before {month}.",
            "Supporters argue that it will {aim}; doubters point at {worry}.",
            "{group_c} were promised a hearing, {slast} added.",
            "Envoys sent by {country} stayed in {place} overnight.",
            "No ground can be broken until {month} at the earliest.",
            "{slast}, once among its fiercest opponents, called the compromise fair.",
            "The town had all but given up hope, traders near the station recalled.",
            "Ministers elsewhere are watching closely, since {worry} troubles them as well.",
            "For {last} it caps a campaign that started {span} ago.",
            "Lawyers went through the papers line by line before anybody picked up a pen.",
            "A ceremony with school choirs is being prepared.",
        ),
    ),
    (
        (
            "{country} pays as {place} presses ahead",
            "Relief and doubt in {place} over {project}",
            "{place}: {last} gets his way",
        ),
        (
            "There was applause in {place} this {today} when {lead} revealed that {country} had "
            "come on board.",
            "The {body} waved through the {project} at {place} on {today}, brushing aside warnings "
            "about {worry}.",
            "{place} — Months of speculation ended on {today} with {lead} naming the price of the "
            "{project}: {money}.",
            "{today} brought news for which {group} around {place} had been longing: the {project} "
            "is coming.",
            "“{quote},” were the words with which {lead} greeted reporters.",
            "Some {large} posts depend on it, by the reckoning of the {org}.",
            "Taxpayers shoulder {percent}, lenders in {country} the remainder.",
            "{second}, the engineer in charge, refused to be tied to a date beyond {month}.",
            "Whether that is enough to {aim} is another matter.",
            "Behind closed doors {slast} is said to have fought for every clause.",
            "Opponents staged a small vigil and handed leaflets about {worry} to passers-by.",
            "The {org} keeps its seat at the table, which {slast} had made a condition.",
            "Bidders must come forward within weeks.",
            "Old hands at the {body} remember two earlier schemes that came to nothing.",
            "{group_c} hung flags from their windows.",
            "One retired clerk shrugged and said he would believe it when he saw cranes.",
            "Much will hinge on the weather and on {worry}.",
            "Neighbouring districts have asked to be included.",
        ),
    ),
    (
        (
            "What the {project} means for {place}",
            "{lead} and {country} shake hands on {project}",
            "{money} for {place}: how it came about",
        ),
        (
            "{lead} of the {org} emerged on {today} holding a signed letter from {country} about "
            "{place}’s {project}.",
            "Funding of {money} has been found to give {place} a {project}, it was disclosed on "
            "{today}.",
            "In a turn that surprised even insiders, {country} agreed on {today} to underwrite the "
            "{project} near {place}.",
            "{slast} and {last} buried their quarrel on {today}, and with it the last obstacle to "
            "the {place} {project}.",
            "Asked how it felt, {last} replied: “{quote}.”",
            "Planners want to {aim}, an ambition cherished for {span}.",
            "Of {large} households polled, {percent} had misgivings.",
            "The {body} will publish a progress sheet every quarter, starting in {month}.",
            "{second} warned colleagues against complacency.",
            "Commentators wondered what {country} expects in exchange.",
            "The first instalment, a tenth of the {money}, arrives before winter.",
            "Nobody from the {body} mentioned {worry}, though questions were shouted.",
            "Historians of the region trace the idea to a forgotten royal survey.",
            "A bus took delegates round the site, where surveyors’ pegs are already in the soil.",
            "{group_c} travelled in from the villages to hear the verdict.",
            "Rival bidders congratulated the {org} through gritted teeth.",
            "Local radio broadcast the session without a break.",
            "Dinner at the guest house lasted beyond midnight.",
        ),
    ),
)

QUOTES = (
    "There is no road back from here and I do not want one",
    "We counted every coin twice and then we counted again",
    "My grandchildren will ask me what I did and I will show them this",
    "Those who laughed at us may come and hold the shovel",
    "It is not the end of the argument but it is the end of the waiting",
    "I have slept badly for a year and tonight I shall sleep well",
    "You cannot eat a promise but you can build on one",
    "A border is a line on paper and this is a bridge across it",
    "Let them write what they like as long as they spell the name right",
    "We asked politely and we asked loudly and in the end they heard us",
)

LOCAL = (
    # What an outlet sets before or after wire copy of its own accord.
    "Readers of this newspaper will remember that {place} was in the news before.",
    "The decision is of interest here because many families have relatives around {place}.",
    "A councillor in our own city said lessons could be learnt from {place}.",
    "No one from this area is thought to be involved in the {project}.",
    "Our correspondent adds that hotels in {place} were fully booked.",
    "Local traders who deal with {country} welcomed the report.",
    "The embassy of {country} did not reply to a request from our newsroom.",
    "An exhibition on the same subject opens at the town library next week.",
)

LOCAL_LEADS = (
    # With which a desk replaces the first paragraph of wire copy.
    "The long debate over the {project} in {place} took another turn on {today}, agencies report.",
    "{place} moved a step nearer to its {project}, according to {last}.",
    "News from {place}: {lead} and {country} have come to terms.",
    "There is fresh word on the {project} that has kept {place} busy.",
    "For {group} in {place} it was a day to remember, our foreign desk writes.",
    "{slast} and {last} were at the centre of events in {place} on {today}.",
)

REPORTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # The same form every day: what it is, headline, paragraphs; its figures differ.
    (
        "market",
        "{place} shares close {way} as {sector} {sector_way}",
        (
            "Shares in {place} closed {way} on {today}, with the main index {way} {d}{z}.{z} "
            "points at {d},{z}{d}{z}.",
            "Volume reached {d}{z} million shares compared with {d}{z} million in the "
            "previous session.",
            "The {sector} sector {sector_way} {d}.{z} per cent, while banks were little changed.",
            "Advancing issues outnumbered decliners by {d}{z} to {d}.",
            "Analysts said investors remained cautious ahead of the central bank’s decision "
            "on interest rates later this week.",
            "The currency traded at {d}{z}.{z}{d} to the dollar, from {d}{z}.{d}{z} at the "
            "previous close.",
            "Gold for immediate delivery was quoted at {d}{z}{z} an ounce and crude oil at "
            "{d}{z}.{z}{z} a barrel.",
            "The exchange will be open for its usual hours tomorrow.",
        ),
    ),
    (
        "match",
        "{place} {d}, {other} {z}: {last} settles it",
        (
            "{last} scored in minute {d}{z} as {place} beat {other} {d}-{z} in front of "
            "{d}{z},{z}{d}{z} spectators on {today}.",
            "The home side controlled much of the first half without creating clear chances.",
            "{slast} came closest for the visitors, who hit the post shortly before the interval.",
            "The result leaves {place} on {d}{z} points from {d}{z} matches and {other} on {d}{z}.",
            "Both coaches praised their players for the spirit they had shown in difficult "
            "conditions.",
            "“It was a game of two halves and we took our chance when it came,” the winning "
            "coach said.",
            "The referee showed {d} yellow cards.",
            "The next round of matches will be played on the weekend.",
        ),
    ),
    (
        "weather",
        "Weather for {place}: {sky}",
        (
            "{place} can expect {sky} conditions on {today}, the meteorological office said "
            "in its daily bulletin.",
            "The temperature will reach {d}{z} degrees in the afternoon and fall to {z} "
            "degrees overnight.",
            "Humidity will be about {d}{z} per cent, with winds from the west at {d}{z} "
            "kilometres an hour.",
            "Sunrise is at 6.{d}{z} and sunset at 5.{d}{z}.",
            "The outlook for the following three days remains much the same, and motorists "
            "are advised to take care on exposed roads.",
            "In {other} the maximum was {d}{z} degrees and {z}.{d} millimetres of rain fell "
            "in the past day.",
            "The office issues its bulletins at six in the morning and six in the evening.",
        ),
    ),
)

SYNONYMS: dict[str, str] = {
    "said": "stated", "told": "informed", "announced": "declared", "agreed": "consented",
    "plan": "scheme", "agreement": "deal", "expected": "likely", "begin": "start",
    "about": "roughly", "nearly": "almost", "money": "funding", "promised": "pledged",
    "visit": "trip", "talks": "negotiations", "officials": "authorities", "cost": "price",
    "large": "big", "built": "constructed", "build": "construct", "help": "assistance",
    "asked": "requested", "showed": "revealed", "show": "reveal", "wants": "seeks",
    "also": "as well", "however": "though", "after": "following", "before": "ahead of",
    "people": "residents", "number": "total", "increase": "rise", "risen": "gone up",
    "grew": "climbed", "last": "previous", "new": "fresh", "first": "initial",
    "attempt": "effort", "abandoned": "dropped", "similar": "comparable", "completed": "finished",
    "received": "got", "demanded": "sought", "declined": "refused", "whether": "if",
    "remaining": "outstanding", "documents": "papers", "employ": "hire", "released": "published",
    "described": "portrayed", "necessary": "needed", "struggled": "fought", "founded": "set up",
    "led": "headed", "reported": "recorded", "evening": "night", "clear": "certain",
    "further": "additional", "admitted": "conceded", "study": "examine", "reply": "respond",
    "signed": "concluded", "confirmed": "verified", "revealed": "disclosed", "sum": "amount",
    "remains": "stays", "closed": "ended", "warned": "cautioned", "called": "termed",
    "spoke": "talked", "morning": "forenoon", "close": "near", "noted": "observed",
}  # fmt: skip

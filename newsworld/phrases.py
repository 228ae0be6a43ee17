"""The sentences of the invented news, with slots (see `newsworld.words`).

Each holds a name that belongs to one story alone (`place`, `lead`, `last`, `second`, `slast` or
`org`), so that no two stories share a sentence.
"""

HEADLINES = (
    "{place} signs {quality} {project} with {country}",
    "{place} {group} hail {project}",
    "‘We will not wait’: {last} defends {project}",
    "{org} warns of {worry}",
    "{last} and {slast} trade blame over {project}",
    "{country} backs {place} {project}",
    "{last} vows to press on with {project} in {place}",
    "{place} {project} wins {money} lifeline",
    "Thousands of {group} march in {place} over {worry}",
    "{last} meets {slast} as {project} talks resume",
    "{place}’s {project} faces fresh delay",
    "“No turning back” on {project}, says {last}",
    "{place} & {country}: a {quality} bargain",
    "Why {place} is betting on a {project}",
    "{body} clears {place} {project}",
    "{slast} named to lead {place} {project}",
)

STANDFIRSTS = (
    "{lead} said the {project} in {place} would go ahead despite concern over {worry}",
    "{place} moves closer to {country} with a {quality} {project} worth {money}",
    "The {body} has promised {group} in {place} a say in the {project}",
    "{org} sets out how it hopes to {aim} within {span}",
    "A {quality} {project} puts {place} at the centre of talks with {country} and others",
    "{lead} and {second} agreed a timetable for the {project} after {span} of delay",
    "{group_c} in {place} fear {worry} as the {project} gathers pace",
    "{place} counts the cost of {worry} and looks to {country} for help",
    "Plans to {aim} draw praise and doubt in {place}, where {large} people stand to gain",
    "{lead} urges {country} to honour its pledge on the {project} for {place}",
)

LEADS = (
    "{place} took a decisive step towards a {quality} {project} on {today} after {lead}, who heads "
    "the {org}, announced that {country} would cover {percent} of its cost.",
    "{lead} told {group} in {place} on {today} that the {project} would open within {span}, ending "
    "weeks of doubt about its future.",
    "Officials in {place} approved a {quality} {project} on {today}, hours after {lead} and "
    "{second} emerged from {small} hours of talks.",
    "The {org} has agreed to spend {money} on a {project} meant to {aim}, {lead} said on {today}.",
    "Hundreds of {group} gathered in central {place} on {today} as the {body} published its "
    "{quality} plan for a {project}.",
    "{country} and {place} have settled the terms of a {project} that both sides hope will {aim}, "
    "the {body} said on {today}.",
    "A {quality} {project} that divided {place} for {span} was given the go-ahead on {today}, "
    "according to the {org}.",
    "{lead} returned to {place} on {today} with a promise of {money} for the {project} and a "
    "warning about {worry}.",
    "The {body} opened an inquiry on {today} into how the {project} in {place} came to cost "
    "{percent} more than planned.",
    "{group_c} in {place} will be the first to benefit from a {project} announced on {today} by "
    "{lead}.",
)

STATEMENTS = (
    "The {org}, founded in 19{d}{z}, has struggled for {span} to {aim}.",
    "{second}, who led the technical team, described the {project} as {quality} but necessary.",
    "Work in {place} is expected to begin in {month} and to employ about {large} people.",
    "Figures released by the {body} show that {percent} of {group} in {place} have yet to be "
    "consulted.",
    "{last} declined to say whether {country} had asked for guarantees in return.",
    "In {place}, the announcement was received {manner} by {outsiders}.",
    "A first attempt to build a {project} near {place} was abandoned {span} ago over {worry}.",
    "Under the terms seen by {outsiders}, {place} keeps control of the {project} for {span}.",
    "{slast} pointed to {country}, where a similar {project} was completed in {span}.",
    "The {org} said it had received {large} written objections, most of them about {worry}.",
    "Much of {place} remains sceptical, and {outsiders} said {worry} had not been addressed.",
    "{last} is due to travel to {country} in {month} to sign the remaining documents.",
    "Nearly {large} {group} live within an hour of {place}, according to the last census.",
    "The price of land around {place} has risen by {percent} since {month}.",
    "Neither {last} nor {slast} would be drawn on who first proposed the {project}.",
    "For {group} in {place}, the more pressing question is {worry}.",
    "A spokeswoman for the {org} said tenders would be invited before the end of {month}.",
    "Banks in {country} are said to have offered {place} a loan of {money} on easy terms.",
    "The plan sets {place} a target of {large} new jobs, although it does not say by when.",
    "Critics of {last} recall that an earlier pledge to {aim} was never kept.",
    "On the streets of {place}, opinion was divided along familiar lines.",
    "The {org} has promised to publish its calculations, which {outsiders} have long demanded.",
    "{second} will chair a committee of {small} that reports to the {body} each {month}.",
    "Roads into {place} were closed for part of the morning while the ceremony took place.",
    "Engineers who surveyed {place} found that {percent} of the existing works were beyond repair.",
    "{last}, a former teacher, has made the {project} the test of a {quality} career.",
    "Shops near the offices of the {org} stayed open late as word of the decision spread.",
    "The last visit to {place} by a minister from {country} was {span} ago.",
    "Should the money run out, {place} would have to borrow a further {money}, {slast} admitted.",
    "It was not clear how {place} would {aim} without help from {country}.",
    "The {body} said it would study the complaint lodged by {slast} and reply by {month}.",
    "Two rivals of the {org} had sought an injunction, which the court refused {manner}.",
    "{group_c} interviewed in {place} spoke of {worry} more often than of the {project} itself.",
    "An earlier survey by the {org} put the number affected at {large}.",
    "Visitors to {place} can see the plans at the town hall until the end of {month}.",
    "The agreement reached by {last} also covers training for {large} {group}.",
    "Since {month}, the {org} has answered {large} letters on the subject.",
    "Rain delayed the delegation from {country}, which reached {place} {small} hours late.",
    "{slast} said the sum of {money} had been set aside in the last budget.",
    "By the evening, {outsiders} were asking how {last} had won over the {body}.",
    "The old arrangement between {place} and {country} lapsed {span} ago.",
    "One clause, added at the request of {slast}, protects {group} from {worry}.",
    "Trade between {country} and {place} grew by {percent} last year, the {body} reported.",
    "A model of the {project}, built by students, is on show at the {org}.",
    "The next round of talks on the {project} will be held in {place} in {month}.",
    "Observers noted that {slast} had avoided the word “{quality}” throughout.",
    "The {org} employs {large} people and is the largest landlord in the district.",
    "At a café opposite the council chamber in {place}, talk was of little else.",
    "Maps handed out in {place} showed the {project} passing within {small} streets of the market.",
    "{last} first spoke of plans to {aim} as a candidate {span} ago.",
)

QUOTES = (
    "“We have waited {span} for this and {place} will not let it slip,” {last} said.",
    "“Nobody in {place} should pay for {worry},” said {second}, who speaks for local {group}.",
    "“This {project} is not a gift but a contract,” {slast} told reporters.",
    "“Ask the {group} of {place} whether they want to {aim} and you will hear one answer,” {last} "
    "said.",
    "“I would sooner build slowly than badly,” {slast} said when pressed on the cost.",
    "“Our friends in {country} have kept every promise they made,” {last} told the {org}.",
    "“I can think of {small} reasons to go on and not one to stop,” {slast} joked.",
    "“We were told {month}, then {month}, and now nobody says anything at all,” a resident of "
    "{place} complained.",
    "“If {worry} can be dealt with, the rest is arithmetic,” said {last}.",
    "“It’s a {quality} day for {group},” {slast} said, adding that “the hard part” was to come.",
    "“What matters is what is standing {span} from now,” {last} told a packed hall in {place}.",
    "“The {body} listened, and that is rarer than it sounds,” {slast} said.",
)

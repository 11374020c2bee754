"""Made-up names of people and organisations, for swapping into training sentences.

Nothing here is taken from a data set: company names are put together from syllables, words and surnames,
so that a model learns a name's surroundings rather than a list of names. Half of the persons and a quarter of the companies are of
`world.py`, those of this file mostly such as English news has.
"""

import world

FIRST = """James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
Jessica Thomas Sarah Carlos Karen Daniel Lisa Matthew Nancy Anthony Betty Mark Sandra Paul Ashley Steven Emily Andrew
Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Ahmed Fatima Omar Leila Hiroshi Yuki Wei
Li Chen Anna Olga Ivan Dmitri Sergei Natasha Pierre Claire Jean Sophie Hans Greta Klaus Ingrid Lars Astrid Sven Marco
Giulia Luca Paolo Diego Lucia Pablo Elena Rafael Joao Ana Miguel Priya Raj Anil Sunita Kwame Ama Chidi Ngozi Tariq Aisha
Peter Helen Simon Rachel Oliver Charlotte Harry Amelia Jack Grace Nigel Fiona Gareth Owen Niamh Liam Aoife Sean""".split()

LAST = """Larkfield Harwick Pemberton Ashdown Calloway Thornbury Whitlock Marsden Holloway Kestrel Brannigan Delacroix
Vandermeer Okafor Mensah Petrov Ivanova Kowalski Novak Horvat Lindqvist Bergstrom Nakamura Tanaka Watanabe Zhang Wang
Kim Park Nguyen Tran Singh Sharma Gupta Khan Hussain Rossi Bianchi Ferrari Moretti Garcia Fernandez Lopez Silva Santos
Costa Muller Schmidt Schneider Fischer Weber Dubois Laurent Moreau Smith Jones Taylor Brown Wilson Evans Roberts Walker
Wright Thompson White Hughes Edwards Green Hall Wood Harris Clarke Jackson Turner Hill Cooper Ward Morris Moore Baker
Carter Foster Bennett Reid Grant Stone Marsh Shaw Fox Webb Sutton Barrett Harding Doyle Quinn Byrne Sinclair Drummond
Abbott Aldridge Barlow Beckett Bowen Bradshaw Carmichael Chandler Corrigan Crowther Dalton Driscoll Eastwood Fairbanks
Garrison Gresham Hadley Hartnell Hawthorne Kendrick Lockhart Merrick Mortimer Norwood Oakley Prescott Radcliffe Redmond
Rutherford Sheffield Stanton Sterling Tremblay Underwood Vaughn Wainwright Whitaker Winslow Yardley""".split()

HEAD = """Al An Ar Bel Bo Bri Ca Cal Cor Cy Da Del Dyn El En Ev Fa Fin For Ga Gen Hal Hel Hy In Jo Ka Ken Ko La Lum Lyn
Ma Mer Mon Na No Nor Om Or Pa Per Pro Qua Ra Ro Sa Sol Syn Ta Tel Ter Tri Ul Va Ver Vi Vol Wes Xe Za Zen""".split()
BODY = "ba bi ca co da de di do ga go la le li lo ma me mi mo na ne ni no ra re ri ro sa se so ta te ti to va ve vi vo".split()
TAIL = "dex dia gen ion ix la lis lon lux ma max mont na nex nis nova nta ntis on ora os pha ra rex ria ris ron sys ta tec tis tor tra us va via vis xa xis zon".split()

WORD = """Apex Summit Pioneer Liberty Atlas Beacon Compass Crescent Crown Cedar Maple Oak Granite Harbor Horizon Keystone
Meridian Northern Pacific Atlantic Premier Quantum Regent Royal Silver Golden Standard United Universal Vanguard Western
Eastern Central Global National First Blue Red Green Bright Clear Iron Stone River Lake Ocean Falcon Eagle Orion Polaris
Titan Vertex Zenith Nova Prime Sterling Union Continental Imperial Metro Coastal Highland Evergreen Redwood Juniper
Anchor Signal Circle Delta Echo Ember Flint Frontier Gateway Lantern Monument Paragon Rampart Sentinel Torch Umbra""".split()

TRADE = """Energy Oil Gas Petroleum Steel Mining Metals Resources Chemicals Pharmaceuticals Pharma Therapeutics Biotech
Health Healthcare Medical Foods Beverages Brewing Dairy Farms Airlines Airways Aerospace Aviation Motors Automotive Rail
Shipping Logistics Freight Transport Bank Bancorp Financial Capital Insurance Assurance Securities Partners Investments
Holdings Trust Software Systems Technologies Networks Telecom Communications Wireless Media Broadcasting Entertainment
Studios Pictures Records Publishing Press Retail Stores Apparel Fashion Cosmetics Hotels Resorts Properties Realty Homes
Construction Engineering Electric Electronics Semiconductor Robotics Instruments Industries Manufacturing Paper Packaging
Plastics Textiles Water Power Solar Utilities Nuclear Labs Analytics Consulting Services Solutions Security Defense Toys
Games Sports Fitness Travel Tobacco Cement Glass Furniture""".split()

FORM = "Inc Inc. Corp Corp. Ltd Ltd. PLC plc LLC AG SA NV Co Co. Company Corporation Group Limited GmbH SpA AB ASA".split()

BODIES = """{} Foundation|{} Institute|{} University|University of {}|{} Council|{} Police Department|{} Hospital|{} Trust|
{} Party|{} Workers Union|{} Football Club|{} City Council|{} Museum|{} Society|{} Chamber of Commerce|{} Commission|
{} Ministry of Health|{} Central Bank|{} Stock Exchange|Bank of {}|{} Post|{} Times|{} Tribune|{} News|{} Daily|
{} Federation of Labour|{} School Board|{} Fire Service|{} Transit Authority|{} Medical Center|{} Law School|
Association of {} Teachers|Friends of {}|{} Democratic Party|{} National Front|{} Liberation Army|{} United|{} City|{} Rovers""".replace("\n", "").split("|")


def coined(rng):
    """A word that is no word: Veridex, Calonta."""
    return rng.choice(HEAD) + (rng.choice(BODY) if rng.random() < 0.6 else "") + rng.choice(TAIL)


def initials(rng):
    return "".join(rng.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(rng.choice((2, 3, 3, 3, 4))))


def bare_company(rng):
    """One word, as news name companies they have introduced: a surname, a word or a coined one."""
    r = rng.random()
    if r < 0.40:
        return rng.choice(LAST)
    if r < 0.75:
        return coined(rng)
    if r < 0.88:
        return rng.choice(WORD) + rng.choice(("", "tech", "soft", "corp", "star", "line", "works", "mart", "net"))
    return initials(rng)


def company(rng):
    if rng.random() < 0.25:
        return world.firm(rng)
    r = rng.random()
    if r < 0.45:
        return bare_company(rng)
    stem = rng.choice((rng.choice(LAST), coined(rng), rng.choice(WORD), rng.choice(WORD)))
    if r < 0.53:
        return f"{stem} & {rng.choice(LAST)}" if rng.random() < 0.6 else f"{stem} and {rng.choice(('Sons', 'Company', 'Partners'))}"
    if r < 0.80:
        return f"{stem} {rng.choice(TRADE)}"
    if r < 0.90:
        return f"{stem} {rng.choice(TRADE)} {rng.choice(FORM)}"
    return f"{stem} {rng.choice(FORM)}"


def organisation(rng):
    """Mostly companies; also clubs, parties, schools, offices."""
    if rng.random() < 0.75:
        return company(rng)
    return rng.choice(BODIES).format(rng.choice((rng.choice(LAST), coined(rng), rng.choice(WORD))))


def surname(rng):
    return world.surname(rng) if rng.random() < 0.5 else rng.choice(LAST)


def full_name(rng):
    return world.person(rng) if rng.random() < 0.5 else f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def person(rng):
    r = rng.random()
    if r < 0.45:
        return surname(rng)
    if r < 0.9:
        return full_name(rng)
    return f"{rng.choice(FIRST)} {rng.choice('ABCDEFGHJKLMPRSTW')}. {rng.choice(LAST)}"

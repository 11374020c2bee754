"""Made-up newswire: sentences with slots, filled with names, as labelled training sentences for the tagger.

They show what the tagged corpora hardly have: companies called by one word, datelines, market and sports reports,
teams named by their towns, headlines. All of it is written for this purpose.
"""

import re

import names
import world

PLACES = """London Paris Berlin Madrid Rome Vienna Moscow Kiev Warsaw Prague Budapest Athens Lisbon Dublin Brussels
Amsterdam Copenhagen Stockholm Oslo Helsinki Zurich Geneva Frankfurt Munich Hamburg Milan Turin Barcelona Glasgow
Edinburgh Manchester Liverpool Birmingham Leeds Boston Chicago Detroit Houston Dallas Denver Seattle Atlanta Miami
Philadelphia Baltimore Cleveland Pittsburgh Phoenix Minneapolis Oakland Sacramento Toronto Montreal Vancouver Calgary
Ottawa Sydney Melbourne Perth Brisbane Auckland Wellington Tokyo Osaka Seoul Beijing Shanghai Taipei Manila Bangkok
Jakarta Singapore Delhi Mumbai Karachi Lahore Dhaka Colombo Kabul Tehran Baghdad Damascus Beirut Amman Jerusalem Cairo
Tripoli Tunis Algiers Rabat Lagos Nairobi Kampala Kigali Johannesburg Harare Santiago Lima Bogota Caracas Brasilia
Montevideo Havana Sarajevo Belgrade Zagreb Sofia Bucharest Ankara Istanbul Nicosia Riga Tallinn Vilnius Minsk Tbilisi""".split()
PLACES += ["New York", "Los Angeles", "San Francisco", "San Diego", "St. Louis", "Kansas City", "Hong Kong", "New Delhi",
           "Buenos Aires", "Rio de Janeiro", "Sao Paulo", "Mexico City", "Cape Town", "Tel Aviv", "Abu Dhabi", "Kuala Lumpur"]
LANDS = """France:French Germany:German Spain:Spanish Italy:Italian Portugal:Portuguese Ireland:Irish Belgium:Belgian
Denmark:Danish Sweden:Swedish Norway:Norwegian Finland:Finnish Switzerland:Swiss Austria:Austrian Poland:Polish
Hungary:Hungarian Romania:Romanian Bulgaria:Bulgarian Greece:Greek Turkey:Turkish Russia:Russian Ukraine:Ukrainian
Serbia:Serbian Croatia:Croatian Bosnia:Bosnian Slovenia:Slovenian Slovakia:Slovak Estonia:Estonian Latvia:Latvian
Lithuania:Lithuanian China:Chinese Japan:Japanese Taiwan:Taiwanese India:Indian Pakistan:Pakistani Thailand:Thai
Vietnam:Vietnamese Indonesia:Indonesian Malaysia:Malaysian Australia:Australian Canada:Canadian Mexico:Mexican
Brazil:Brazilian Argentina:Argentine Chile:Chilean Peru:Peruvian Colombia:Colombian Venezuela:Venezuelan Cuba:Cuban
Egypt:Egyptian Israel:Israeli Iraq:Iraqi Iran:Iranian Syria:Syrian Jordan:Jordanian Lebanon:Lebanese Kuwait:Kuwaiti
Libya:Libyan Algeria:Algerian Morocco:Moroccan Tunisia:Tunisian Nigeria:Nigerian Kenya:Kenyan Zimbabwe:Zimbabwean
Zambia:Zambian Burundi:Burundian Rwanda:Rwandan Somalia:Somali Scotland:Scottish England:English Wales:Welsh
Belarus:Belarussian Georgia:Georgian Armenia:Armenian Kazakhstan:Kazakh Uzbekistan:Uzbek Afghanistan:Afghan Bangladesh:Bangladeshi
Nepal:Nepalese Cambodia:Cambodian Burma:Burmese Philippines:Philippine Singapore:Singaporean Bahrain:Bahraini Qatar:Qatari
Yemen:Yemeni Sudan:Sudanese Ethiopia:Ethiopian Uganda:Ugandan Tanzania:Tanzanian Ghana:Ghanaian Senegal:Senegalese Zaire:Zairean
Cameroon:Cameroonian Angola:Angolan Namibia:Namibian Bolivia:Bolivian Paraguay:Paraguayan Uruguay:Uruguayan Guatemala:Guatemalan
Panama:Panamanian Jamaica:Jamaican Iceland:Icelandic Malta:Maltese Cyprus:Cypriot Albania:Albanian Macedonia:Macedonian
Moldova:Moldovan Yugoslavia:Yugoslav Luxembourg:Luxembourger""".split()
LANDS = [pair.split(":") for pair in LANDS] + [
    ["U.S.", "American"], ["Britain", "British"], ["the Netherlands", "Dutch"], ["South Korea", "South Korean"],
    ["North Korea", "North Korean"], ["South Africa", "South African"], ["Saudi Arabia", "Saudi"], ["New Zealand", "Kiwi"],
    ["the United States", "U.S.-led"], ["Sri Lanka", "Sri Lankan"], ["Czech Republic", "Czech"], ["Hong Kong", "Asian"],
    ["United Kingdom", "European"], ["UK", "Palestinian"], ["Gaza", "Kurdish"], ["Texas", "Texan"], ["California", "Californian"]]
PEOPLES = """Chechen Tamil Moslem Muslim Jewish Catholic Protestant Orthodox Buddhist Hindu Sikh Serb Hutu Tutsi Kurd Arab Basque Catalan
Flemish Tibetan Aboriginal Sicilian Bavarian Parisian Londoner African Scandinavian Balkan Baltic Western Soviet Communist Republican
Democrat Conservative Marxist Zionist Islamist""".split()
REGIONS = ["Europe", "Asia", "Africa", "North America", "Latin America", "the Middle East", "Eastern Europe", "Ohio", "Florida",
           "Virginia", "Ontario", "Bavaria", "Kashmir", "Chechnya", "West Bank", "Silicon Valley", "Yorkshire", "New Jersey", "Wall Street"]
KNOWN = """Microsoft Apple Google Amazon IBM Intel Boeing Airbus Ford Toyota Honda Nissan Volkswagen BMW Siemens Philips Nokia
Ericsson Sony Samsung Shell BP Exxon Chevron Total Pfizer Bayer Novartis Roche Merck Nestle Unilever Coca-Cola Pepsi
Disney Walmart Tesco McDonald's Starbucks Nike Adidas Citigroup HSBC Barclays UBS JPMorgan Lufthansa Ryanair Reuters
Bloomberg CNN BBC NATO OPEC UNICEF Greenpeace Hamas Hezbollah Congress Parliament Senate Pentagon Kremlin Interpol""".split()
KNOWN += ["General Motors", "General Electric", "Goldman Sachs", "Morgan Stanley", "Deutsche Bank", "British Airways", "Air France",
          "World Bank", "International Monetary Fund", "United Nations", "European Union", "European Commission", "Federal Reserve",
          "Supreme Court", "Red Cross", "Amnesty International", "World Health Organization", "U.N. Security Council", "IMF", "EU", "U.N.",
          "Foreign Ministry", "Finance Ministry", "State Department", "Bank of England", "Labour Party", "Associated Press", "New York Times",
          "Wall Street Journal", "Financial Times", "Harvard University", "Oxford University", "Home Office", "FBI", "CIA", "SEC", "FDA"]
TEAMS = """Arsenal Chelsea Everton Liverpool Tottenham Fulham Middlesbrough Ajax Feyenoord PSV Juventus Lazio Roma Napoli
Sampdoria Barcelona Valencia Sevilla Benfica Porto Celtic Rangers Aberdeen Hearts Monaco Nantes Lyon Marseille Auxerre
Yankees Mets Cubs Dodgers Giants Padres Braves Orioles Rangers Mariners Bulls Lakers Celtics Knicks Packers Cowboys
Bears Steelers Essex Kent Surrey Yorkshire Sussex Hampshire Warwickshire Leicestershire Wigan Bath Leicester""".split()
TEAMS += ["Manchester United", "Manchester City", "Real Madrid", "Atletico Madrid", "AC Milan", "Inter Milan", "Bayern Munich",
          "Borussia Dortmund", "Aston Villa", "Nottingham Forest", "Sheffield Wednesday", "West Ham", "Newcastle United", "Paris St Germain"]
EVENTS = ["World Cup", "Olympics", "Olympic Games", "U.S. Open", "Wimbledon", "Tour de France", "Super Bowl", "World Series", "Grand Prix",
          "European Cup", "Davis Cup", "Asian Cup", "Ryder Cup", "French Open", "Champions League", "Cup Winners ' Cup", "UEFA Cup",
          "County Championship", "Grand Slam", "First World War", "World War Two", "Gulf War", "Cold War", "Islam", "Christmas",
          "Nobel Prize", "Oscar", "Nasdaq", "Dow"]
LEAGUES = ["American League", "National League", "American Football Conference", "Eastern Division", "Western Conference", "Serie A",
           "First Division", "Super League", "Premier League", "Bundesliga", "Primera Liga", "PGA Tour"]

TEMPLATES = """
{bare} said it expects full-year profit to rise {num} percent .
{bare} shares fell {num} percent after the company cut its forecast .
Shares in {bare} rose {num} percent on the {place} exchange .
Shares of {co} climbed as much as {num} percent in early trading .
{bare} said on Tuesday it had agreed to buy {co} for $ {num} million .
{co} said Monday it will cut {num} jobs at its plants in {place} and {place} .
{co} reported a loss of $ {num} million , compared with a profit a year earlier .
{co} Q3 shr {num} cts vs {num} cts
{co} , based in {place} , makes parts for {bare} and {known} .
Analysts at {co} lowered their rating on {bare} to hold .
{per} , an analyst at {co} , said {bare} was still cheap .
{per} , chief executive of {bare} , said demand in {land} was weak .
{last} , who has run {bare} since 1994 , will step down in June .
{bare} chairman {full} told shareholders in {place} that sales were flat .
{bare} named {full} as its finance director .
{bare} hired {full} from {known} to lead its {nat} business .
A spokeswoman for {bare} declined to comment .
A {bare} spokesman said the plant in {place} would reopen on Monday .
{bare} 's board rejected the offer from {bare} as too low .
The takeover of {bare} by {bare} must be cleared by regulators in {land} .
Workers at {bare} walked out over pay on Friday .
Regulators fined {bare} $ {num} million over its handling of complaints .
{bare} faces a lawsuit from former customers in {land} .
{bare} recalled {num} cars because of faulty brakes .
{bare} won a contract to build a plant in {land} .
Customers of {bare} were unable to reach their accounts on Sunday .
{bare} , the {nat} retailer , opened its first store in {place} .
The {nat} carmaker {bare} said it would close its {place} factory .
The {place}-based company {bare} has hired {num} people .
Rivals such as {bare} , {bare} and {known} have cut prices .
{known} and {bare} agreed to share the costs of a new engine .
{bare} , maker of the {nat} best-selling pain pill , lost its patent .
Bonds issued by {co} were cut to junk by {known} .
{co} ( {abbr} ) said its chairman {full} had resigned .
The {org} ( {abbr} ) said it was investigating .
{abbr} said in a statement that talks with {org} had failed .
{org} and {org} signed the agreement in {place} on Wednesday .
Investors including {co} and {co} put $ {num} million into {bare} .
Under its founder , {full} , {bare} grew from a shop in {place} to a group with {num} stores .
After {bare} bought {bare} in 1989 , {last} left to found {co} .
{last} sued {bare} , saying the company had dismissed her unfairly .
{last} joined {bare} as an engineer and rose to become president .
{bare} praised {last} for his work .
Unlike {bare} , which sells only in {land} , {bare} is active across {region} .
The union said {bare} had refused to talk about safety .
The ministry accused {bare} of hiding the leak .
Inspectors from the {org} visited the {bare} plant near {place} .
Doctors at {org} said {last} was in stable condition .
Police in {place} said {full} , {num} , had been arrested .
{full} , {num} , of {place} , was charged with fraud .
{last} said he would appeal .
" We are disappointed , " {last} said .
" It was a good day for us , " said {full} , who coaches {team} .
{full} said : " I never worked for {bare} . "
{last} told {known} that the vote would be held in May .
{full} , a professor at {org} , said the results were a surprise .
The {nat} government rejected the plan , {known} reported .
{nat} President {full} met {nat} Prime Minister {full} in {place} on Thursday .
{nat} Foreign Minister {last} arrived in {land} for talks .
{land} accused {land} of breaking the truce .
{land} and {land} will resume talks in {place} next week .
{known} urged {land} to release the detained {nat} journalists .
{nat} troops crossed into {land} , officials in {place} said .
{nat} police arrested three {nat} men near the border with {land} .
{nat} rebels killed {num} people in the south of {land} , {known} said .
{known} officials said aid had reached {place} .
The {known} will send observers to {land} , its spokesman {full} said .
Opposition leader {full} of the {party} called for an election .
The {party} won {num} seats , the {party} {num} .
{party} leader {last} said the budget would hurt farmers .
Senator {last} , a {nat}-born lawyer , left the {party} .
The {nat} parliament passed the law by {num} votes .
Thousands marched in {place} against the war in {land} .
A {nat} ship sank off {land} , killing {num} .
Floods in {region} have killed {num} people since June .
The {num} passengers , most of them {nat} , were taken to {place} .
{PLACE} 1996-08-22
{PLACE} , Aug 29 ( {known} ) - {nat} shares closed higher on Monday , led by {bare} .
{PLACE} ( {known} ) - {bare} said it would sell its {nat} unit to {co} .
{PLACE} , {land} - {full} was elected mayor of {place} on Sunday .
{place} , {region} : A fire destroyed the {bare} warehouse .
- {place} newsroom {num} {num}
SOCCER - {team} BEAT {team} {num} - {num} .
TENNIS - {last} REACHES {event} FINAL .
CRICKET - {land} {num} ALL OUT AGAINST {land} .
{team} {num} {team} {num}
{town} {num} {town} {num}
{town} AT {town}
{town} beat {town} {num} - {num} on Saturday .
{team} beat {team} {num} - {num} in the {event} on Sunday .
{team} striker {full} scored twice against {team} .
{team} signed {nat} international {full} from {team} for {num} million pounds .
{town} pitcher {full} struck out seven as {town} won again .
At {place} : {team} won by {num} runs .
In {place} , {full} scored {num} points as {town} defeated {town} .
Manager {last} said {town} had deserved to lose .
{town} coach {full} was fined by the {abbr} .
{land} beat {land} {num} - {num} in a {event} qualifier in {place} .
{full} ( {land} ) beat {full} ( {land} ) {num} - {num} {num} - {num}
{num}. {full} ( {land} ) {num} minutes {num} seconds
{full} ({land}) and {full} ({land}) reached the {event} semifinals .
{full} of {land} won the {event} for the second time .
{nat} {full} leads the {event} by {num} points .
Scorers : {last} ( {num}th ) , {last} ( {num}th ) .
Standings : {team} {num} {num} {num} , {team} {num} {num} {num}
{full} , {team} , {num}
{bare} up {num} percent , {bare} down {num} percent
{bare} sees loss , cuts dividend
{bare} to buy {bare} for $ {num} billion
{bare} wins {nat} order
{bare} sues {bare} over patents
{land} fines {bare} over emissions
{last} quits as {bare} chief
{last} to leave {team}
{last} wins {event}
{last} hits out at {nat} press
{known} says {bare} misled investors
{nat} court clears {last} of fraud
{place} stocks end lower ; {bare} slumps
Profits at {bare} jump {num} percent
Why {bare} is leaving {place}
{co} and {full} settle dispute
The {event} starts in {place} in July .
The {nat} fans sang before the {event} match with {land} .
The {nat} , {nat} and {nat} delegations left {place} .
Copies of {bare} 's report were sent to the {org} .
The charity {org} said {num} families in {place} had no water .
Its rival {bare} , which is owned by {co} , did not reply .
The bank {bare} will open branches in {place} , {place} and {place} .
{bare} , {bare} and {bare} all reported higher sales .
Editors at {bare} and the {known} criticised the law .
The magazine {bare} first reported the deal .
According to {bare} , prices in {land} rose {num} percent .
According to {last} , prices in {land} rose {num} percent .
He worked for {bare} in {place} before moving to {known} .
She left {bare} for {co} in 2011 .
It bought {bare} from {last} for $ {num} million .
{bare} 's {full} said the deal with {bare} would close in March .
{full} of {bare} said so , too .
{last} of {bare} denied it .
{bare} has a market value of {num} billion euros .
{bare} employs {num} people in {land} .
{bare} blamed the weather for lower sales in {region} .
{bare} shareholders approved the merger with {bare} .
{bare} and its partner {bare} will drill for oil off {land} .
{bare} filed for bankruptcy protection in {place} .
Fund manager {full} sold her stake in {bare} .
Founded by {full} in {place} , {bare} makes toys .
The court ordered {bare} to pay {last} $ {num} .
{TOWN} {num} {num} .{num} -
{TOWN} {num} {num} .{num} {num} 1/2
{TOWN} AT {TOWN}
{TOWN} {num} {TOWN} {num}
{town} {num} ; {town} {num} ( {num} innings )
{team} {num} {num} {num} {num} {num} {num} {num}
{land} {num} {num} {num} {num} {num} {num} {num}
{team} {num} ( {last} {num}th , {last} {num}th ) {team} {num} ( {last} {num}th ) . Halftime {num}-{num} . Attendance {num} .
{land} {num} ( {last} {num} ) {land} {num} ( {last} {num} )
{team} {num} and {num}-{num} ( {init} {num} , {init} {num} not out ) v {team} {num} .
{team} {num}-{num} ( {init} {num}-{num} )
{init} c {last} b {last} {num}
{init} lbw b {last} {num}
{init} not out {num}
{init} run out {num}
Bowling : {last} {num}-{num}-{num}-{num} , {last} {num}-{num}-{num}-{num} , {last} {num}-{num}-{num}-{num}
{land} , who won the toss , were {num} for three at lunch .
{num}. {init} ( {land} ) {num}.{num}
{num}. {full} ( {nat} ) {team} {num}
{num} {full} , {init} , {full} ( {land} )
{num} {full} {num} {num} {num}
{num}. {full} ( {land} ) {bare} same time
Men 's singles , second round
Women 's {num} metres final
{full} ( {land} ) beat {num} - {full} ( {land} ) {num} - {num} {num} - {num} {num} - {num}
{num} - {full} ( {land} ) vs. {full} ( {land} )
{last} and {last} ( {land} ) beat {last} and {last} ( {land} ) {num} - {num}
{event} results on Saturday ( prefix denotes seeding ) :
Results of {nat} first division soccer matches on Sunday :
Standings in the {nat} second division after Saturday 's matches :
{league} standings after games on Tuesday ( tabulate under won , lost , percentage ) :
Results of {league} games played on Monday ( home team in CAPS ) :
{league} : {team} v {team} , {team} v {team}
In the {league} , {town} moved ahead of {town} by half a game .
{town} , which leads the {league} , hosts {town} on Friday .
{nat} team : {full} , {full} , {full} ( {team} ) , {full} ( {team} )
Team : {init} ( captain ) , {init} , {init} , {init} , {init} .
Leading scorers : {last} ( {team} ) {num} , {last} ( {team} ) {num}
SOCCER - {LAND} BEAT {LAND} {num} - {num} IN {EVENT} QUALIFIER .
SOCCER - {NAT} CUP RESULTS .
BASEBALL - {TOWN} SWEEP {TOWN} .
BASKETBALL - {LEAGUE} RESULTS .
GOLF - SCORES AT THE {NAT} OPEN .
CYCLING - {LAST} WINS STAGE IN {LAND} .
RUGBY LEAGUE - {TEAM} SIGN {NAT} CENTRE {LAST} .
ATHLETICS - {LAST} OUT OF {PLACE} MEETING .
{LAND} : {BARE} SEES RISE IN PROFIT .
{NAT} POLICE HOLD SUSPECT IN {PLACE} BLAST .
{KNOWN} URGES {LAND} TO HOLD TALKS .
{BARE} SHARES FALL ON {PLACE} BOURSE .
{LAST} SAYS {PARTY} WILL NOT JOIN {NAT} CABINET .
PRESS DIGEST - {LAND} - Aug {num} .
{PLACE} , {land} 1997-05-14
{full} , {place} newsroom {num} {num}
-- {place} newsroom , + {num} {num}
( {place} bureau , {num} )
{co} six months to June 30
{co} <{abbr}> sees fourth-quarter net of {num} cents a share .
{abbr} <{abbr}.L> traded at {num} pence .
Lead manager is {co} , with {co} and {co} as co-leads .
BORROWER {co} AMT $ {num} MLN COUPON {num} MATURITY 15.SEP.06
{co} and {co} are quoted on the {place} bourse .
{bare} opened a {nat} plant in {place} with {nat} and {nat} partners .
Grain traders in {place} said {land} bought {num} tonnes of {nat} wheat .
The {nat} crown ended at {num} against the dollar , dealers in {place} said .
The {party} and the {party} agreed on a candidate , {full} , for the vote in {place} .
{nat} envoy {full} flew from {place} to {place} for talks with {nat} rebels .
{known} peacekeepers from {land} , {land} and {land} arrived in {place} .
The {num}-year-old {nat} , who plays for {team} , missed the match against {land} .
{last} , the {nat} champion , faces {full} of {land} next .
""".strip().split("\n")


def town(rng):
    return world.place(rng) if rng.random() < 0.4 else rng.choice(PLACES)


def party(rng):
    return rng.choice((f"{rng.choice(names.LAST)} Party", "Labour Party", "Socialist Party", "Christian Democratic Union", "Liberal Democrats",
                       "National Alliance", "Democratic Party", "Republican Party", "Green Party", "Popular Party", "Islamic Salvation Front",
                       f"{rng.choice(LANDS)[1]} People 's Party", "Workers Party", "United Front"))


def number(rng):
    return str(rng.choice((rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 999), round(rng.uniform(0, 20), 1))))


def fill(slot, rng):
    """A slot's words and its type; a slot in capitals gives them in capitals."""
    if slot.isupper():
        text, kind = fill(slot.lower(), rng)
        return text.upper(), kind
    if slot == "bare":
        return (rng.choice(KNOWN[:48]) if rng.random() < 0.2 else names.bare_company(rng)), "ORG"
    if slot == "co":
        return names.company(rng), "ORG"
    if slot == "org":
        return names.organisation(rng), "ORG"
    if slot == "known":
        return rng.choice(KNOWN), "ORG"
    if slot == "team":
        return world.club(rng) if rng.random() < 0.3 else rng.choice(TEAMS), "ORG"
    if slot == "town":
        return town(rng), "ORG"
    if slot == "abbr":
        return names.initials(rng), "ORG"
    if slot == "party":
        return party(rng), "ORG"
    if slot == "last":
        return names.surname(rng), "PER"
    if slot == "full":
        return names.full_name(rng), "PER"
    if slot == "per":
        return names.person(rng), "PER"
    if slot == "init":
        stop = "." if rng.random() < 0.7 else ""
        return f"{rng.choice('ABCDEFGHJKLMNPRSTVW')}{stop} {names.surname(rng)}", "PER"
    if slot == "place":
        return town(rng), "LOC"
    if slot == "land":
        return rng.choice(LANDS)[0], "LOC"
    if slot == "region":
        return rng.choice(REGIONS), "LOC"
    if slot == "nat":
        return rng.choice(PEOPLES) if rng.random() < 0.1 else rng.choice(LANDS)[1], "MISC"
    if slot == "league":
        return rng.choice(LEAGUES), "ORG"
    if slot == "event":
        return rng.choice(EVENTS), "MISC"
    raise KeyError(slot)


def sentence(rng):
    """(words, tags) of one filled template."""
    words, tags = [], []
    for token in re.sub(r"\{num\}", lambda _: number(rng), rng.choice(TEMPLATES)).split():
        before, found, rest = token.partition("{")
        slot, _, after = rest.partition("}")
        if not found:
            words.append(token)
            tags.append("O")
            continue
        text, kind = fill(slot, rng)
        if before:
            words.append(before)
            tags.append("O")
        name = text.split()
        article = name[0].lower() == "the"
        glued = after if after[:1] == "-" else ""
        name[-1] += glued
        # What is joined to a name is no longer that name: data/written/README.md.
        kind = "MISC" if glued else kind
        words += name
        tags += ["O" if article and i == 0 else ("B-" if i == article else "I-") + kind for i in range(len(name))]
        if after and not glued:
            words.append(after)
            tags.append("O")
    return words, tags

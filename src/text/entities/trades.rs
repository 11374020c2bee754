//! The words that a company's name says its trade with, which the press drops: `Northwind Energy plc` is `Northwind`
//! from the second paragraph on.

use super::legal;
use super::names;
use crate::text::words;

/// In lower case, without the legal forms.
const TRADES: &[&str] = words! {
    "aerospace" "afc" "air" "airlines" "airways" "appliances" "asset" "associates" "auto"
    "automotive" "bancorp" "bank" "banking" "beverages" "biosciences" "biotech" "brands"
    "brewery" "brewing" "brothers" "capital" "cement" "chemical" "chemicals"
    "communications" "construction" "consulting" "consumer" "dairies" "data"
    "dynamics" "electric" "electronics" "energy" "engineering" "enterprises" "entertainment"
    "equity" "farms" "fc" "finance" "financial" "foods" "gas" "global"
    "gold" "group" "health" "healthcare" "holding" "holdings" "homes" "hosting" "hotels"
    "industries" "infrastructure" "insurance" "international" "investment" "investments"
    "laboratories" "labs" "logistics" "management" "marine" "maritime" "media" "metals"
    "microelectronics" "mining" "mobile" "mobility" "motor" "motors" "networks" "offshore"
    "oil" "packaging" "paper" "partners" "petroleum" "pharma" "pharmaceuticals" "power"
    "press" "products" "properties" "publishing" "rail" "railways" "records" "renewables"
    "resources" "retail" "robotics" "securities" "semiconductor" "semiconductors" "services"
    "shipping" "software" "solar" "solutions" "sports" "steel" "stores" "studios"
    "supermarkets" "systems" "technologies" "technology" "telecom" "textiles" "therapeutics"
    "toys" "trading" "transport" "trust" "utilities" "ventures" "water" "wind" "works"
};

/// Trades too, but what a company is called after them may be its division: of several names only one need be its own.
const FURTHER: &[&str] = words! {
    "advisers" "advisors" "agriculture" "apparel" "aquaculture" "architects" "bakeries" "bakery" "batteries" "beauty"
    "biofuels" "biopharma" "biotechnologies" "biotechnology" "bottling" "broadcasting" "builders" "casinos" "catering"
    "ceramics" "chocolate" "clothing" "coal" "coffee" "commodities" "computer" "computers" "containers" "cosmetics"
    "cybersecurity" "dental" "developments" "diagnostics" "diamonds" "distillers" "distillery" "distribution" "drinks"
    "drones" "electrical" "electricity" "environmental" "estates" "ferries" "fertilisers" "fertilizers" "fisheries"
    "footwear" "forestry" "furniture" "genetics" "genomics" "glass" "grain" "grocers" "haulage" "hospitality"
    "hydrogen" "instruments" "interiors" "jewellers" "jewellery" "jewelry" "laundry" "lending" "lines" "lithium"
    "lumber" "machinery" "manufacturing" "materials" "meats" "medicines" "midstream" "minerals" "mortgage" "mortgages"
    "nuclear" "oncology" "optics" "orthopaedics" "outfitters" "pharmaceutical" "photonics" "pipelines" "plastics"
    "polymers" "poultry" "processing" "propulsion" "quarries" "realty" "recycling" "refining" "renewable"
    "restaurants" "retailing" "rubber" "savings" "sciences" "seafood" "seeds" "shipbuilders" "shipbuilding"
    "shipyards" "silicon" "spirits" "sportswear" "superconductors" "surgical" "telecommunications" "telecoms" "timber"
    "tires" "tobacco" "tractors" "trucking" "tyres" "uranium" "vaccines" "vehicles" "waste" "watches" "wines"
    "wireless" "woodworks" "yachts"
};

/// Those that are rather divisions or products of somebody who is known without them, unless a trade follows: `Nimbus Home
/// Products`, and not `Nimbus Home`.
const DIVISIONS: &[&str] = words! {
    "aircraft" "analytics" "automation" "aviation" "biologics" "care" "cruises" "dairy" "defence" "defense" "devices"
    "fitness" "freight" "helicopters" "home" "lighting" "medical" "nutrition" "payments" "ports"
    "resorts" "satellite" "satellites" "transit" "transportation" "travel"
};

/// Words that name no company by themselves, though many a name begins with one.
const COMMON: &[&str] = words! {
    "advanced" "allied" "american" "applied" "asian" "associated" "atlantic" "british"
    "central" "city" "commonwealth" "consolidated" "continental" "eastern" "european"
    "federal" "first" "foundation" "general" "global" "great" "imperial" "international" "national" "new"
    "north" "northern" "old" "olympic" "pacific" "public" "royal" "south" "southern"
    "standard" "state" "united" "universal" "us" "west" "western" "world"
};

/// The shorter forms of a company's name, longest first: without its legal form one trade less at a time, as long as what is
/// left still names it.
pub(super) fn short_names(name: &str) -> impl Iterator<Item = &str> {
    let web = legal::split_legal_form(name).and_then(|(address, _)| address.strip_suffix(".com"));
    let is_name = |short: &&str| short.starts_with(char::is_uppercase) && !is_common(short);
    web.filter(is_name).into_iter().chain(without_trades(name, |word, _| TRADES.contains(&word)))
}

/// The same by what may be a trade.
pub(super) fn further_short_names(name: &str) -> impl Iterator<Item = &str> {
    without_trades(name, |word, is_last| {
        TRADES.contains(&word) || FURTHER.contains(&word) || (!is_last && DIVISIONS.contains(&word))
    })
}

fn without_trades(name: &str, is_trade: impl Fn(&str, bool) -> bool) -> impl Iterator<Item = &str> {
    let full = legal::without_form(name);
    let (mut rest, mut is_last) = (full, true);
    std::iter::from_fn(move || {
        let (before, last) = rest.rsplit_once(' ')?;
        let drops = is_trade(&names::key(last), is_last) || last == "&" || last == "and";
        (rest, is_last) = (before.trim_end_matches(','), false);
        drops.then_some(rest)
    })
    .filter(|short| !is_common(short) && !short.ends_with(" &") && !short.ends_with(" and"))
}

/// `Pembrick` of `Pembrick Home Appliances Co.`: what else is in a name with its legal form is its trade, known or
/// not, but for a second name: `Ridgeway & Lowell Corp.`
pub(super) fn first_word(name: &str) -> Option<&str> {
    let (full, _) = legal::split_legal_form(name)?;
    let (first, rest) = full.split_once(' ')?;
    (!is_common(first) && !rest.starts_with(['&', '+']) && !rest.starts_with("and ")).then_some(first)
}

/// Whether all that is left of a name is a word that many names have.
pub(super) fn is_common(short: &str) -> bool {
    let key = names::key(short);
    COMMON.contains(&key.as_str()) || TRADES.contains(&key.as_str()) || key.chars().count() < 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_is_shortened_by_its_trades_while_it_is_still_named() {
        for (name, shorter) in [
            ("Northwind Energy plc", &["Northwind"][..]),
            ("Larkfield Oil & Gas Holdings Inc.", &["Larkfield Oil & Gas", "Larkfield Oil", "Larkfield"]),
            ("Larkfield", &[]),
            ("National Bank", &[]),
            ("General Motors", &[]),
            ("Energy Holdings", &[]),
            ("Larkfield Farms Hosting", &["Larkfield Farms", "Larkfield"]),
            ("Larkfield Cloud", &[]),
            ("Olympic Games", &[]),
            ("Port Ellery Bank", &["Port Ellery"]),
            ("Energy Markets Conduct Authority", &[]),
            ("Harrowdale.com Inc.", &["Harrowdale"]),
            ("Harrowdale.com", &[]),
        ] {
            assert_eq!(short_names(name).collect::<Vec<_>>(), shorter, "{name}");
        }
    }

    #[test]
    fn what_may_be_a_division_is_dropped_before_a_trade_only() {
        for (name, shorter) in [
            ("Pembrick Ceramics", &["Pembrick"][..]),
            ("Pembrick Home Products", &["Pembrick Home", "Pembrick"]),
            ("Pembrick Home", &[]),
            ("Pembrick Tech", &[]),
        ] {
            assert_eq!(further_short_names(name).collect::<Vec<_>>(), shorter, "{name}");
        }
    }

    #[test]
    fn a_company_with_its_legal_form_is_its_first_word_unless_many_begin_with_that() {
        assert_eq!(first_word("Pembrick Home Appliances Co."), Some("Pembrick"));
        for other in [
            "Pembrick Home Appliances",
            "National Grid plc",
            "Bank of Harrow plc",
            "Pembrick Inc.",
            "Pembrick & Pell Ltd.",
        ] {
            assert_eq!(first_word(other), None, "{other}");
        }
    }
}

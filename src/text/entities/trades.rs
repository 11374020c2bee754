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
    let full = legal::without_form(name);
    let mut rest = full;
    std::iter::from_fn(move || {
        let (before, last) = rest.rsplit_once(' ')?;
        let drops = TRADES.contains(&names::key(last).as_str()) || last == "&" || last == "and";
        rest = before.trim_end_matches(',');
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
        ] {
            assert_eq!(short_names(name).collect::<Vec<_>>(), shorter, "{name}");
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

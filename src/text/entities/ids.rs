//! Names for entities that none has twice.

use std::collections::HashMap;

/// Ids that were given, and how often each was wanted.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    given: HashMap<String, usize>,
}

impl Ids {
    /// The id that is wanted, with a number where another has it.
    pub fn give(&mut self, wanted: &str) -> String {
        let mut id = wanted.to_owned();
        while self.given.contains_key(&id) {
            // Counted by what was wanted, so that many who want the same get through.
            let n = self.given.entry(wanted.to_owned()).or_insert(1);
            *n += 1;
            id = format!("{wanted}-{n}");
        }
        self.given.insert(id.clone(), 1);
        id
    }
}

impl FromIterator<String> for Ids {
    fn from_iter<I: IntoIterator<Item = String>>(given: I) -> Self {
        Ids { given: given.into_iter().map(|id| (id, 1)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    /// It went on for ever where a number was a name before.
    #[test]
    fn an_id_that_looks_like_anothers_with_a_number_is_passed_over() {
        for (wanted, given) in [
            (vec!["x-2", "x", "x", "x"], vec!["x-2", "x", "x-3", "x-4"]),
            (vec!["x", "x", "x-2", "x-2", "x"], vec!["x", "x-2", "x-2-2", "x-2-3", "x-3"]),
            (vec!["", "", "-2", ""], vec!["", "-2", "-2-2", "-3"]),
        ] {
            let mut ids = Ids::default();
            assert_eq!(wanted.iter().map(|id| ids.give(id)).collect::<Vec<_>>(), given, "{wanted:?}");
        }
        let mut ids: Ids = ["x".to_owned(), "x-2".to_owned()].into_iter().collect();
        assert_eq!(ids.give("x"), "x-3");
    }
}

//! A JSON object whose values stay as they were written until one is asked for or set.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// The fields of an object, in their order: `1.50` stays `1.50`, and no large number loses its last digits.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Fields(IndexMap<String, Box<RawValue>>);

impl Fields {
    /// The field as a `T`; None where it is missing or null.
    ///
    /// # Errors
    /// Names the field and what is wrong with it.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(raw) => serde_json::from_str(raw.get()).map_err(|e| format!("`{name}`: {e}")),
        }
    }

    /// The fields' names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is such a field, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Sets a field, in its place if it is there, else at the end.
    pub fn set<T: Serialize>(&mut self, name: &str, value: &T) {
        let raw = serde_json::value::to_raw_value(value).expect("the contract's types always serialise");
        self.0.insert(name.to_owned(), raw);
    }

    /// Sets every field of a struct.
    pub fn set_all<T: Serialize>(&mut self, fields: &T) {
        let raw = serde_json::value::to_raw_value(fields).expect("the contract's types always serialise");
        let fields: Fields = serde_json::from_str(raw.get()).expect("a struct is a JSON object");
        self.0.extend(fields.0);
    }
}

//! A JSON object whose values stay as they were written until one is asked for or set: documents are to come out as they
//! came in, and what nobody asks for needs no memory but its own.

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error, IgnoredAny},
};
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
            // Where it is wrong costs more to know than the value: only what is wrong is read again for it.
            Some(raw) => serde_json::from_str(raw.get()).or_else(|_| with_path(name, raw)),
        }
    }

    /// The field as a `T` that borrows what it keeps; None where it is missing, null or something else.
    pub fn view<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    /// The first byte of a field's value, which tells its type; None where it is missing or null.
    pub fn begins_with(&self, name: &str) -> Option<u8> {
        self.0.get(name).and_then(|raw| raw.get().bytes().next()).filter(|&first| first != b'n')
    }

    /// How many elements a field has, if it is an array.
    pub fn elements(&self, name: &str) -> usize {
        // None of them takes any room.
        self.view::<Vec<IgnoredAny>>(name).map_or(0, |elements| elements.len())
    }

    /// The fields' names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The fields' names, in their order, and behind them those of `others` that aren't among them.
    pub fn names_with<'a>(
        &'a self,
        others: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = &'a str> {
        self.names().chain(others.into_iter().filter(|name| !self.has(name)))
    }

    /// A field's value as it was written.
    pub fn raw(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(Box::as_ref)
    }

    /// Whether there is such a field, null or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Lets go of a field's value and keeps its place, for what is written there anew.
    pub fn vacate(&mut self, name: &str) {
        if let Some(value) = self.0.get_mut(name) {
            *value = RawValue::NULL.to_owned();
        }
    }

    /// Sets a field, in its place if it is there, else at the end.
    pub fn set<T: Serialize>(&mut self, name: &str, value: &T) {
        let raw = serde_json::value::to_raw_value(value).expect("the contract's types always serialise");
        self.0.insert(name.to_owned(), raw);
    }

    /// The fields of a struct.
    pub fn of<T: Serialize>(of: &T) -> Self {
        let raw = serde_json::value::to_raw_value(of).expect("the contract's types always serialise");
        serde_json::from_str(raw.get()).expect("a struct is a JSON object")
    }
}

/// The fields of an object, in one piece until they are asked for: of many objects that is a tenth of the memory.
#[derive(Clone, Debug)]
pub struct Folded(Box<RawValue>);

impl Folded {
    /// The fields.
    pub fn open(&self) -> Fields {
        serde_json::from_str(self.0.get()).expect("they were read once")
    }

    /// The fields of several objects as those of one: of those that have a name, the first that is not null.
    pub fn together<'a>(all: impl IntoIterator<Item = &'a Folded>) -> Option<Self> {
        let mut all = all.into_iter();
        let first = all.next()?;
        let Fields(mut fields) = first.open();
        let mut is_alone = true;
        for other in all {
            is_alone = false;
            for (name, value) in other.open().0 {
                let known = fields.entry(name).or_insert_with(|| RawValue::NULL.to_owned());
                if known.get() == RawValue::NULL.get() {
                    *known = value;
                }
            }
        }
        if is_alone {
            return Some(first.clone());
        }
        Some(Folded(serde_json::value::to_raw_value(&fields).expect("fields always serialise")))
    }
}

impl<'de> Deserialize<'de> for Folded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        serde_json::from_str::<Fields>(raw.get()).map_err(D::Error::custom)?;
        Ok(Folded(raw))
    }
}

/// The value of a field, or what is wrong with it and where.
fn with_path<T: DeserializeOwned>(name: &str, raw: &RawValue) -> Result<T, String> {
    let mut value = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut value).map_err(|e| {
        let within = match e.path().to_string() {
            path if path == "." => String::new(),
            path if path.starts_with('[') => path,
            path => format!(".{path}"),
        };
        format!("`{name}{within}`: {}", in_json(e.inner()))
    })
}

/// What is wrong with a value, in JSON's words. The position is left out: it counts from where the value begins.
pub fn in_json(e: &serde_json::Error) -> String {
    let said = e.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
    let (found, expected) = said.rsplit_once(", expected ").unwrap_or((said, ""));
    let expected = match expected {
        "" => return found.to_owned(),
        "usize" | "u64" | "u32" => "a whole number, not negative",
        "a sequence" => "an array",
        "a map" => "an object",
        name if name.starts_with("struct ") => "an object",
        other => other,
    };
    let found = match found {
        "invalid type: sequence" => "invalid type: array",
        "invalid type: map" => "invalid type: object",
        other => other,
    };
    format!("{found}, expected {expected}")
}

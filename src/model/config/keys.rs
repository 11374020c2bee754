//! The keys of config.json, read one by one: whatever is wrong with one is said with the file, the key, what is
//! there, and what would do.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::{
    LoadError,
    files::{read_json, typed},
    kernels::Activation,
};

/// A model's config.json.
pub struct Keys {
    file: PathBuf,
    values: Map<String, Value>,
}

impl Keys {
    /// Reads the file.
    ///
    /// # Errors
    /// A file that can't be read or holds no JSON object.
    pub fn read(directory: &Path) -> Result<Self, LoadError> {
        let file = directory.join("config.json");
        Ok(Keys { values: read_json(&file)?, file })
    }

    /// What stands there; a null is nothing, as in Python.
    fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    /// Whether a null stands there, for the few keys where transformers tells it from nothing.
    pub fn is_null(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(Value::is_null)
    }

    /// A value that need not be there.
    ///
    /// # Errors
    /// One of another type.
    pub fn optional<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, LoadError> {
        self.value(key).map(|value| typed(&self.file, key, value)).transpose()
    }

    /// A value, or what transformers takes in its place.
    ///
    /// # Errors
    /// One of another type.
    pub fn or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T, LoadError> {
        Ok(self.optional(key)?.unwrap_or(default))
    }

    /// A value that must be there.
    ///
    /// # Errors
    /// None, or one of another type.
    pub fn required<T: DeserializeOwned>(&self, key: &str) -> Result<T, LoadError> {
        self.optional(key)?.ok_or_else(|| LoadError::at(&self.file, format!("`{key}` is missing")))
    }

    /// An activation function.
    ///
    /// # Errors
    /// One that Baton doesn't have.
    pub fn activation(&self, key: &str, default: Option<&str>) -> Result<Activation, LoadError> {
        let name: String = match (self.optional(key)?, default) {
            (Some(name), _) => name,
            (None, Some(name)) => name.to_owned(),
            (None, None) => self.required(key)?,
        };
        match Activation::named(&name) {
            Some(activation) => Ok(activation),
            None => self.refuse(key, Activation::NAMES),
        }
    }

    /// The error about a value that can't be taken.
    ///
    /// # Errors
    /// Always.
    pub fn refuse<T>(&self, key: &str, can: &str) -> Result<T, LoadError> {
        let value = self.value(key).map_or_else(|| "missing".into(), Value::to_string);
        self.refuse_as(key, &value, can)
    }

    /// [`Keys::refuse`], the value being more than what stands there.
    ///
    /// # Errors
    /// Always.
    pub fn refuse_as<T>(&self, key: &str, value: &str, can: &str) -> Result<T, LoadError> {
        Err(LoadError::at(&self.file, format!("`{key}` is {value}; Baton has {can}")))
    }
}

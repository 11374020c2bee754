//! A file's place inside a model's folder. Names come from manifests, servers and archives, none of which is
//! trusted: a value of this type can't lead out of the folder that it is joined to.

use std::{fmt, path::Path, path::PathBuf, str::FromStr};

/// A relative path of plain names, `/` between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelPath(String);

/// Longer paths are no model's.
const LONGEST: usize = 240;

impl ModelPath {
    /// A name that this program gives.
    pub fn own(name: &'static str) -> Self {
        ModelPath(name.to_owned())
    }

    /// As it is written in models.toml, with `/` on every system.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn within(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }
}

impl FromStr for ModelPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("`{}` is no path inside a model: {why}", text.escape_debug()));
        if text.is_empty() || text.len() > LONGEST {
            return refuse("it must have 1 to 240 bytes");
        }
        // Some turn the line around in which a terminal shows them.
        let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if text.chars().any(|c| c.is_control() || turns(c) || matches!(c, '\\' | ':')) {
            return refuse("backslashes, colons and control characters are not allowed");
        }
        if text.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
            return refuse("it must be relative, without `.`, `..`, hidden or empty parts");
        }
        Ok(ModelPath(text.to_owned()))
    }
}

impl fmt::Display for ModelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_relative_paths_are_taken() {
        for path in ["config.json", "onnx/model.onnx", "model-00001-of-00002.safetensors", "a b/ü"] {
            assert_eq!(path.parse::<ModelPath>().unwrap().as_str(), path);
        }
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in
            ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "C:x", "a\\..\\b", ".x", "a\0b"]
        {
            assert!(path.parse::<ModelPath>().is_err(), "{path}");
        }
    }
}

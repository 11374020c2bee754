//! A label as S3's object metadata, which is ASCII.

use std::collections::HashMap;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Label;

const NAME: &str = "baton-name";
const FINGERPRINT: &str = "baton-fingerprint";
const SEQUENCER: &str = "baton-sequencer";
const MODIFIED: &str = "baton-input-modified";

/// What is set beside an object. A name too long for metadata (2 KB in all) is left out: handoffs carry it too.
pub fn to_metadata(label: &Label) -> HashMap<String, String> {
    const LONGEST: usize = 1500;
    let name = label.name.as_deref().map(|name| utf8_percent_encode(name, NON_ALPHANUMERIC).to_string());
    let pairs = [
        (NAME, name.filter(|name| name.len() <= LONGEST)),
        (FINGERPRINT, label.fingerprint.clone()),
        (SEQUENCER, label.sequencer.clone()),
        (MODIFIED, label.modified.map(|seconds| seconds.to_string())),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// What was set beside an object; what is missing or unreadable is None.
pub fn from_metadata(metadata: &HashMap<String, String>) -> Label {
    let get = |key| metadata.get(key).cloned();
    Label {
        name: get(NAME).and_then(|name| percent_decode_str(&name).decode_utf8().ok().map(Into::into)),
        fingerprint: get(FINGERPRINT),
        sequencer: get(SEQUENCER),
        modified: get(MODIFIED).and_then(|seconds| seconds.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_comes_back_as_it_was() {
        let label = Label {
            name: Some("2026/Zoë Åkerström + 1%.json".into()),
            fingerprint: Some("abc".into()),
            sequencer: Some("0055AED6DCD90281E5".into()),
            modified: Some(1_790_000_000),
        };
        let metadata = to_metadata(&label);
        assert!(metadata.values().all(|value| value.is_ascii()));
        assert_eq!(from_metadata(&metadata), label);
        assert_eq!(from_metadata(&HashMap::new()), Label::default());
    }
}

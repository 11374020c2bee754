//! Which of a source's files make the model that Baton loads.

use std::{collections::BTreeSet, fs, path::Path};

use serde::Deserialize;

use crate::{
    baton_json,
    error::{At, Error},
    manifest::FileEntry,
    model_path::ModelPath,
    source::{Catalogue, Listed},
};

const INDEX: &str = "model.safetensors.index.json";
/// Taken where they are there.
const BESIDE: [&str; 5] = [
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    baton_json::FILE,
    // Baton doesn't read it, `check` does.
    "parity.json",
];

/// The files to take, or those that someone named.
///
/// # Errors
/// What is missing, and what would do.
pub fn choose(catalogue: &Catalogue, named: &[ModelPath], place: &str) -> Result<Vec<FileEntry>, Error> {
    let find = |name: &str| catalogue.files.iter().find(|file| file.path.as_str() == name);
    let entry = |file: &Listed| FileEntry {
        path: file.path.clone(),
        from: None,
        bytes: file.bytes,
        sha256: file.sha256,
    };
    if !named.is_empty() {
        let missing = |name: &ModelPath| Error::lasting(format!("{place}: has no file {name}"));
        return named
            .iter()
            .map(|name| find(name.as_str()).map(entry).ok_or_else(|| missing(name)))
            .collect();
    }
    let mut chosen: Vec<&Listed> = Vec::new();
    chosen.push(find("config.json").ok_or_else(|| Error::lasting(format!("{place}: has no config.json")))?);
    chosen.push(find("tokenizer.json").or_else(|| find("vocab.txt")).ok_or_else(|| no_tokenizer(place))?);
    chosen.extend(BESIDE.iter().filter_map(|name| find(name)));
    match (find("model.safetensors"), find(INDEX)) {
        (Some(whole), _) => chosen.push(whole),
        (None, Some(index)) => {
            chosen.push(index);
            chosen.extend(catalogue.files.iter().filter(|file| is_shard(file.path.as_str())));
        }
        (None, None) => return Err(no_weights(place, find("pytorch_model.bin").is_some())),
    }
    Ok(chosen.into_iter().map(entry).collect())
}

fn is_shard(name: &str) -> bool {
    name.starts_with("model-") && name.ends_with(".safetensors") && name.contains("-of-")
}

fn no_tokenizer(place: &str) -> Error {
    Error::lasting(format!("{place}: has neither tokenizer.json nor vocab.txt")).with(
        "make one in Python, `AutoTokenizer.from_pretrained(…).save_pretrained(DIR)`, beside the model's own files, \
         then `model-fetch add folder:DIR`",
    )
}

fn no_weights(place: &str, pickled: bool) -> Error {
    if !pickled {
        return Error::lasting(format!("{place}: has no model.safetensors"));
    }
    Error::lasting(format!("{place}: has only pytorch_model.bin, which can run code when it is read")).with(
        "take the revision of a pull request that adds safetensors, `add hf:org/name@refs/pr/N`, if there is one; \
         or convert it in Python, `AutoModelForSequenceClassification.from_pretrained(…).save_pretrained(DIR)`, \
         then `model-fetch add folder:DIR`",
    )
}

/// Whether files are a whole model: nothing that an index names may be missing.
///
/// # Errors
/// What is missing.
pub fn check_whole(folder: &Path, files: &[FileEntry]) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Index {
        weight_map: std::collections::BTreeMap<String, String>,
    }
    let has = |name: &str| files.iter().any(|file| file.path.as_str() == name);
    let place = folder.display();
    if !has("config.json") {
        return Err(Error::lasting(format!("{place}: config.json is missing among its files")));
    }
    if has("model.safetensors") {
        return Ok(());
    }
    if !has(INDEX) {
        return Err(Error::lasting(format!("{place}: no .safetensors is among its files")));
    }
    let path = folder.join(INDEX);
    let index: Index = serde_json::from_slice(&fs::read(&path).at(&path)?)
        .map_err(|e| Error::lasting(format!("{}: {e}", path.display())))?;
    let shards: BTreeSet<String> = index.weight_map.into_values().collect();
    match shards.iter().find(|shard| !has(shard)) {
        Some(missing) => {
            Err(Error::lasting(format!("{}: names {missing}, which is missing", path.display())))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Result<Vec<String>, String> {
        let listed = |name: &&str| Listed { path: name.parse().unwrap(), bytes: None, sha256: None };
        let catalogue = Catalogue { files: names.iter().map(listed).collect(), ..Catalogue::default() };
        let files = choose(&catalogue, &[], "hf:a/b").map_err(|e| e.to_string())?;
        Ok(files.into_iter().map(|file| file.path.to_string()).collect())
    }

    #[test]
    fn what_baton_loads_is_taken_and_no_more() {
        let all = [
            "README.md",
            "config.json",
            "model.safetensors",
            "pytorch_model.bin",
            "tokenizer.json",
            "vocab.txt",
        ];
        assert_eq!(chosen(&all).unwrap(), ["config.json", "tokenizer.json", "model.safetensors"]);
        let sharded =
            ["config.json", "vocab.txt", INDEX, "model-00001-of-00002.safetensors", "onnx/model.onnx"];
        let taken = ["config.json", "vocab.txt", INDEX, "model-00001-of-00002.safetensors"];
        assert_eq!(chosen(&sharded).unwrap(), taken);
    }

    #[test]
    fn what_check_compares_with_is_taken_where_it_is_there() {
        let all = ["config.json", "model.safetensors", "parity.json", "tokenizer.json"];
        let taken = ["config.json", "tokenizer.json", "parity.json", "model.safetensors"];
        assert_eq!(chosen(&all).unwrap(), taken);
    }

    #[test]
    fn what_baton_could_not_load_is_refused_with_what_to_do() {
        let pickled = chosen(&["config.json", "vocab.txt", "pytorch_model.bin"]).unwrap_err();
        assert!(
            pickled.contains("only pytorch_model.bin") && pickled.contains("save_pretrained"),
            "{pickled}"
        );
        let bare = chosen(&["config.json", "merges.txt", "vocab.json", "model.safetensors"]).unwrap_err();
        assert!(bare.contains("neither tokenizer.json nor vocab.txt"), "{bare}");
    }
}

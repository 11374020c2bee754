//! Which of a source's files make the model that Baton loads.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    fs,
    path::Path,
};

use serde::Deserialize;

use crate::{
    baton_json,
    convert::PICKLED,
    error::{At, Error},
    manifest::FileEntry,
    model_path::ModelPath,
    source::{Catalogue, Listed},
};

/// Weights in one file.
pub const WHOLE: &str = "model.safetensors";
/// The list of pickled weights that are in shards.
const PICKLED_INDEX: &str = "pytorch_model.bin.index.json";
/// The list of weights that are in shards.
pub const INDEX: &str = "model.safetensors.index.json";
const TOKENIZER_JSON: &str = "tokenizer.json";
/// The files of a tokenizer, in all its forms.
const TOKENIZERS: [&[&str]; 5] = [
    &[TOKENIZER_JSON],
    &["vocab.txt"],
    &["vocab.json", "merges.txt"],
    &["spm.model"],
    &["sentencepiece.bpe.model"],
];
/// The same for people.
const TOKENIZER: &str =
    "tokenizer.json, nor vocab.txt, vocab.json with merges.txt, spm.model or sentencepiece.bpe.model";
const CONFIG: &str = "config.json";
/// What Baton reads beside those, where it is there.
const BESIDE: [&str; 4] =
    ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", baton_json::FILE];
/// Read by `check`.
const PARITY: &str = "parity.json";

/// Whether Baton reads a file of that name in a model's folder.
pub fn is_read(name: &str) -> bool {
    let mut all = TOKENIZERS.iter().copied().chain([&BESIDE[..], &[CONFIG, INDEX]]);
    name.ends_with(".safetensors") || all.any(|names| names.contains(&name))
}

/// The files to take, or those that someone named. Of weights in shards only their index: it names the others.
pub fn choose(catalogue: &Catalogue, named: &[ModelPath], place: &str) -> Result<Vec<FileEntry>, Error> {
    let find = |name: &str| catalogue.files.iter().find(|file| file.path.as_str() == name);
    if !named.is_empty() {
        return take(catalogue, named, |name| format!("{place}: has no file {name}"));
    }
    if find("adapter_config.json").is_some() {
        return Err(Error::lasting(format!("{place}: adapter_config.json says that an adapter is to be added to the weights"))
            .with("save them with it in Python, by `merge_and_unload()` of peft's model and `save_pretrained(DIR)`, then \
                   `model-fetch add folder:DIR`; or name the files to take with --file"));
    }
    let mut chosen: Vec<&Listed> = Vec::new();
    chosen.push(find(CONFIG).ok_or_else(|| Error::lasting(format!("{place}: has no config.json")))?);
    let mut tokenizers = TOKENIZERS.iter().filter(|names| names.iter().all(|name| find(name).is_some()));
    let first = tokenizers.next().ok_or_else(|| no_tokenizer(place))?;
    // Of older forms the model's architecture says which counts.
    let others = tokenizers.filter(|_| !first.contains(&TOKENIZER_JSON));
    let tokenizer = first.iter().chain(others.flat_map(|names| names.iter()));
    chosen.extend(tokenizer.chain(&BESIDE).chain(&[PARITY]).filter_map(|name| find(name)));
    let weights = [WHOLE, INDEX, PICKLED].iter().find_map(|name| find(name));
    chosen.push(weights.ok_or_else(|| no_weights(place, find(PICKLED_INDEX).is_some()))?);
    Ok(chosen.into_iter().map(entry).collect())
}

/// The shards that an index names.
pub fn choose_shards(
    catalogue: &Catalogue,
    shards: &[ModelPath],
    place: &str,
) -> Result<Vec<FileEntry>, Error> {
    take(catalogue, shards, |name| format!("{place}: its {INDEX} names {name}, which is missing"))
}

fn take(
    catalogue: &Catalogue,
    names: &[ModelPath],
    missing: impl Fn(&ModelPath) -> String,
) -> Result<Vec<FileEntry>, Error> {
    let find = |name: &ModelPath| match catalogue.files.iter().find(|file| file.path == *name) {
        Some(file) => Some(entry(file)),
        // What isn't listed may be there: who brings it will see.
        None if catalogue.is_flat && name.as_str().contains('/') => Some(FileEntry::of_source(name)),
        None => None,
    };
    names.iter().map(|name| find(name).ok_or_else(|| Error::lasting(missing(name)))).collect()
}

/// Whether two files would come to one place, which is better said before they come over the line.
pub fn refuse_two_for_one(files: &[FileEntry], place: &str) -> Result<(), Error> {
    for (i, file) in files.iter().enumerate() {
        if let Some(other) = files[..i].iter().find(|other| other.path == file.path) {
            let (one, two, path) = (other.at_source(), file.at_source(), &file.path);
            return Err(Error::lasting(format!(
                "{place}: {one} and {two} would both be {path}; take one of them"
            )));
        }
    }
    Ok(())
}

fn entry(file: &Listed) -> FileEntry {
    FileEntry::of_source(&file.path).told(file.content)
}

/// Reads which files an index names, each once.
pub fn shards(index: &Path) -> Result<Vec<ModelPath>, Error> {
    #[derive(Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let refuse = |why: &dyn Display| Error::lasting(format!("{}: {why}", index.display()));
    let Index { weight_map } = serde_json::from_slice(&fs::read(index).at(index)?).map_err(|e| refuse(&e))?;
    let names: BTreeSet<String> = weight_map.into_values().collect();
    names.iter().map(|name| name.parse().map_err(|e: String| refuse(&e))).collect()
}

fn no_tokenizer(place: &str) -> Error {
    Error::lasting(format!("{place}: has no {TOKENIZER}")).with(
        "make one in Python, `AutoTokenizer.from_pretrained(…).save_pretrained(DIR)`, beside the model's own files, \
         then `model-fetch add folder:DIR`",
    )
}

fn no_weights(place: &str, pickled: bool) -> Error {
    if !pickled {
        return Error::lasting(format!("{place}: has neither {WHOLE} nor {PICKLED}"));
    }
    Error::lasting(format!("{place}: has pickled weights in shards, of which {PICKLED_INDEX} tells")).with(
        "convert it in Python, `AutoModelForSequenceClassification.from_pretrained(…).save_pretrained(DIR)`, \
         then `model-fetch add folder:DIR`",
    )
}

/// Whether files are a whole model: nothing that an index names may be missing.
pub fn check_whole(folder: &Path, files: &[FileEntry]) -> Result<(), Error> {
    let has = |name: &str| files.iter().any(|file| file.path.as_str() == name);
    let place = folder.display();
    if !has("config.json") {
        return Err(Error::lasting(format!("{place}: config.json is missing among its files")));
    }
    if !TOKENIZERS.iter().any(|names| names.iter().all(|name| has(name))) {
        return Err(Error::lasting(format!("{place}: among its files is no {TOKENIZER}")));
    }
    if has(WHOLE) {
        return Ok(());
    }
    if !has(INDEX) {
        return Err(Error::lasting(format!("{place}: no .safetensors is among its files")));
    }
    let path = folder.join(INDEX);
    match shards(&path)?.iter().find(|shard| !has(shard.as_str())) {
        Some(missing) => {
            Err(Error::lasting(format!("{}: names {missing}, which is missing", path.display())))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Content;

    fn chosen(names: &[&str]) -> Result<Vec<String>, String> {
        let listed = |name: &&str| Listed { path: name.parse().unwrap(), content: Content::default() };
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
        assert_eq!(chosen(&sharded).unwrap(), ["config.json", "vocab.txt", INDEX]);
        let old = ["config.json", "merges.txt", "pytorch_model.bin", "tf_model.h5", "vocab.json"];
        assert_eq!(chosen(&old).unwrap(), ["config.json", "vocab.json", "merges.txt", "model.safetensors"]);
        let two = ["config.json", "model.safetensors", "spm.model", "vocab.json", "vocab.txt"];
        assert_eq!(chosen(&two).unwrap(), ["config.json", "vocab.txt", "spm.model", "model.safetensors"]);
    }

    #[test]
    fn what_check_compares_with_is_taken_where_it_is_there() {
        let all = ["config.json", "model.safetensors", "parity.json", "tokenizer.json"];
        let taken = ["config.json", "tokenizer.json", "parity.json", "model.safetensors"];
        assert_eq!(chosen(&all).unwrap(), taken);
    }

    #[test]
    fn what_baton_could_not_load_is_refused_with_what_to_do() {
        let pickled = chosen(&["config.json", "vocab.txt", "pytorch_model.bin.index.json"]).unwrap_err();
        assert!(pickled.contains("in shards") && pickled.contains("save_pretrained"), "{pickled}");
        let bare = chosen(&["config.json", "spiece.model", "vocab.json", "model.safetensors"]).unwrap_err();
        assert!(bare.contains("no tokenizer.json, nor vocab.txt"), "{bare}");
    }
}

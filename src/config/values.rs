//! What a setting says → what it means, or what is wrong with it.

use std::{path::PathBuf, str::FromStr, time::Duration};

use tracing_subscriber::EnvFilter;

use super::TaskKind;
use crate::{
    forms::Form,
    model::Precision,
    text::{FindOptions, Language},
};

/// A stage's or pipeline's name stands in keys, so it is made of what is safe there.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match name {
        "" => Err("is empty".into()),
        _ if name.len() > 64 => Err(format!("`{name}` is longer than 64 characters")),
        _ if !name.chars().all(safe) => {
            Err(format!("`{name}` has characters other than letters, digits, `-` and `_`"))
        }
        _ => Ok(()),
    }
}

/// A language by its tag, or by its English name where its abbreviations are known.
pub fn language(value: &str) -> Result<Language, String> {
    match Language::from(value) {
        Language::Other if !Language::is_tag(value) => Err(format!(
            "`{value}` is no language tag; write `en`, `de`, `fr`, or whichever two or three letters BCP 47 has"
        )),
        language => Ok(language),
    }
}

/// Derived aliases by their names; an empty list derives none.
pub(super) fn derived_aliases<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<FindOptions, String> {
    let mut options = FindOptions { surnames: false, legal_forms: false, acronyms: false };
    for name in names {
        match name {
            "surnames" => options.surnames = true,
            "legal-forms" => options.legal_forms = true,
            "acronyms" => options.acronyms = true,
            _ => {
                return Err(format!(
                    "`{name}` is no kind of alias; Baton derives surnames, legal-forms, acronyms"
                ));
            }
        }
    }
    Ok(options)
}

/// Forms by their names; each must suit the task, if that is known.
pub(super) fn forms<'a>(
    names: impl IntoIterator<Item = &'a str>,
    task: Option<TaskKind>,
) -> Result<Vec<Form>, String> {
    let mut forms = Vec::new();
    for name in names {
        let form = Form::named(name)?;
        if let Some(task) = task.filter(|task| !form.tasks().contains(task)) {
            let tasks: Vec<_> = form.tasks().iter().map(|task| task.name()).collect();
            let (tasks, task) = (tasks.join(" or "), task.name());
            return Err(format!("`{name}` shows what {tasks} finds; this stage's task is {task}"));
        }
        forms.push(form);
    }
    forms.sort();
    forms.dedup();
    Ok(forms)
}

pub(super) fn precision(value: &str) -> Result<Precision, String> {
    Precision::named(value)
        .ok_or_else(|| format!("`{value}` is no precision; Baton has {}", Precision::NAMES))
}

pub(super) fn number<T: FromStr + PartialOrd + From<u8>>(value: &str) -> Result<T, String> {
    match value.parse::<T>() {
        Ok(n) if n >= T::from(1) => Ok(n),
        _ => Err(format!("`{value}` is no whole number above zero")),
    }
}

/// A number from one to `most`.
pub(super) fn at_most(most: usize) -> impl Fn(&str) -> Result<usize, String> {
    move |value| match number(value)? {
        value if value <= most => Ok(value),
        value => Err(format!("`{value}` is more than {most}")),
    }
}

pub(super) fn milliseconds(value: &str) -> Result<Duration, String> {
    number(value).map(Duration::from_millis)
}

/// SQS postpones for twelve hours at most.
pub(super) fn seconds(value: &str) -> Result<Duration, String> {
    match number(value)? {
        seconds @ ..=43_200 => Ok(Duration::from_secs(seconds)),
        seconds => Err(format!("`{seconds}` is more than SQS's 43200 seconds")),
    }
}

pub(super) fn check_account(value: &str) -> Result<(), String> {
    if value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!("`{value}` is no AWS account id (12 digits)"))
}

/// Whether a filter of logs can be read: as it is used, what can't be is left out. A word alone that is no level is a
/// target's name.
pub(super) fn check_filter(filter: &str) -> Result<(), String> {
    let example = "write levels as in `warn,baton=debug`";
    EnvFilter::builder().parse(filter).map(drop).map_err(|e| format!("`{filter}`: {e}; {example}"))
}

/// A value that is taken as it is, where `check` finds nothing wrong.
pub(super) fn checked(check: impl Fn(&str) -> Result<(), String>) -> impl Fn(&str) -> Result<String, String> {
    move |value| check(value).map(|()| value.to_owned())
}

pub(super) fn directory(value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    if path.is_dir() { Ok(path) } else { Err(format!("`{value}` is no directory")) }
}

/// Parts between commas, spaces around them dropped; an empty value has none.
pub(super) fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty())
}

pub(super) fn list(value: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<Vec<String>, String> {
    parts(value).map(checked(check)).collect()
}

/// Whether it is a queue's URL; what it should be if not.
pub fn check_queue(url: &str) -> Result<(), String> {
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(());
    }
    Err(format!("`{url}` is no queue URL (https://sqs.…)"))
}

//! A CloudFormation template as data: JSON, with `!Sub x` as `{"Fn::Sub": x}`.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

pub const NAMES: [&str; 5] = ["pipeline.yaml", "stage.yaml", "alarms.yaml", "dashboard.yaml", "ecs.yaml"];

pub struct Template {
    pub name: &'static str,
    pub all: Value,
}

/// The text of a file in `infra/`.
#[track_caller]
pub fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Template {
    #[track_caller]
    pub fn read(name: &'static str) -> Self {
        let yaml = serde_yaml_ng::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, all: to_json(yaml) }
    }

    /// The properties of a resource.
    #[track_caller]
    pub fn properties(&self, resource: &str) -> &Value {
        let properties = &self.all["Resources"][resource]["Properties"];
        assert!(properties.is_object(), "{} has no {resource} with properties", self.name);
        properties
    }

    pub fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.all["Resources"].as_object().into_iter().flatten()
    }

    /// Every statement of every policy in the resource, those behind a condition too.
    pub fn statements(&self, resource: &str) -> Vec<&Value> {
        let mut found = Vec::new();
        collect(&self.all["Resources"][resource], &mut |value| {
            if value["Effect"].is_string() {
                found.push(value);
            }
        });
        found
    }
}

/// A value that may be one text or a list of texts.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// Shows every value in a value to `look`.
pub fn collect<'a>(value: &'a Value, look: &mut impl FnMut(&'a Value)) {
    look(value);
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, look)),
        Value::Object(map) => map.values().for_each(|value| collect(value, look)),
        _ => {}
    }
}

/// YAML as JSON.
pub fn to_json(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let tag = tag.trim_start_matches('!');
            let value = to_json(tagged.value);
            match (tag, value) {
                ("Ref" | "Condition", value) => json!({tag: value}),
                ("GetAtt", Value::String(path)) => {
                    json!({"Fn::GetAtt": path.splitn(2, '.').collect::<Vec<_>>()})
                }
                (tag, value) => {
                    let mut function = Map::new();
                    function.insert(format!("Fn::{tag}"), value);
                    Value::Object(function)
                }
            }
        }
        Yaml::Sequence(values) => values.into_iter().map(to_json).collect(),
        Yaml::Mapping(entries) => {
            let entries: BTreeMap<String, Value> = entries
                .into_iter()
                .map(|(key, value)| (key.as_str().expect("keys are texts").to_owned(), to_json(value)))
                .collect();
            json!(entries)
        }
        plain => serde_json::to_value(plain).expect("plain YAML is JSON"),
    }
}

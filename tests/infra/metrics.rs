//! One table of metrics, `infra/metrics.json`, that the code writes and the dashboard shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::template::{Template, text};

/// Name → unit.
pub fn table() -> BTreeMap<String, String> {
    let table: Value = serde_json::from_str(&text("metrics.json")).expect("metrics.json is JSON");
    let metrics = table["metrics"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    metrics.iter().map(|metric| (text(&metric["name"]), text(&metric["unit"]))).collect()
}

/// The dashboard's body as CloudWatch gets it for a pipeline called news.
fn body() -> Value {
    let dashboard = Template::read("dashboard.yaml");
    let body = &dashboard.properties("Dashboard")["DashboardBody"]["Fn::Sub"][0];
    let body = body.as_str().expect("the body is a text to be filled in");
    let values =
        [("AWS::Region", "us-east-1"), ("Pipeline", "news"), ("MemorySize", "1769"), ("GbSecond", "1")];
    let body = values
        .iter()
        .fold(body.to_owned(), |body, (name, value)| body.replace(&format!("${{{name}}}"), value));
    assert!(!body.contains("${"), "something is not filled in: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

fn searches() -> Vec<String> {
    let body = body();
    let widgets = body["widgets"].as_array().expect("widgets");
    let metrics = widgets.iter().flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
    metrics.map(|metric| metric[0]["expression"].as_str().expect("an expression").to_owned()).collect()
}

#[test]
fn the_dashboard_shows_every_metric_of_the_table_and_no_other() {
    let shown: BTreeSet<String> = searches()
        .iter()
        .filter(|search| search.contains("{Baton,Pipeline,Stage"))
        .map(|search| {
            let name = search.split("MetricName=\"").nth(1).and_then(|rest| rest.split('"').next());
            name.unwrap_or_else(|| panic!("no metric's name in {search}")).to_owned()
        })
        .collect();
    assert_eq!(shown, table().into_keys().collect());
}

#[test]
fn the_dashboard_shows_queues_and_cost_too() {
    let searches = searches().join("\n");
    for shown in ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "AWS/Lambda", "p99"]
    {
        assert!(searches.contains(shown), "{shown}");
    }
}

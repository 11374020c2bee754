//! Stages of other architectures and tokenizers than the shipped models', through the binary. Their weights are
//! random, so what they find says nothing; how it lies in the text does.

use serde_json::json;

use super::support::{
    document,
    local::{Workplace, repository},
};

const TEXT: &str = "Zoë Åkerström-Vance of Brellin & Söhne paid €55\u{a0}million in 東京 🚀 on Tuesday. “We will not sell \
                    Quorvane,” said the chairman of Northwind Energy, whose profit rose in May at the plant.";

#[test]
fn words_that_other_tokenizers_find_are_whole_and_every_mention_is_classified() {
    let mut found = 0;
    for (ner, sentiment) in [
        ("roberta_token", "roberta_sequence"),
        ("xlm_roberta_token", "xlm_roberta_sequence"),
        ("modernbert_token", "modernbert_sequence"),
        ("deberta_v3_token", "deberta_v3_sequence"),
        ("albert_token", "albert_sequence"),
        ("mpnet_token", "mpnet_sequence"),
        ("electra_token", "electra_sequence"),
    ] {
        // One entity is given, so that there is something to classify whatever is found.
        let document = json!({"text": TEXT, "entities": [{"name": "Quorvane"}]}).to_string();
        let place = Workplace::with([("a.json", document.as_str())]);
        let file = place.path("pipeline.toml");
        let models = repository("tests/fixtures/models").display().to_string();
        let pipeline = format!(
            "[pipeline]\nname = \"news\"\n\
             [[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodel = \"{models}/{ner}\"\nnext = [\"sentiment\"]\n\
             [[stage]]\nname = \"sentiment\"\ntask = \"sentiment\"\nmodel = \"{models}/{sentiment}\"\n"
        );
        std::fs::write(&file, pipeline).unwrap();
        place.run_pipeline(&file, &[]).expect(0);
        let enriched = document::enriched(&place.output("sentiment", "a.json"));
        let entities = enriched["entities"].as_array().unwrap();
        let mentions: Vec<_> =
            entities.iter().flat_map(|entity| entity["mentions"].as_array().unwrap()).collect();
        assert!(!mentions.is_empty(), "{ner}");
        found += mentions.len() - 1;
        for mention in &mentions {
            let text = mention["text"].as_str().unwrap();
            assert_eq!(text.trim(), text, "{ner}");
            let edges = TEXT.match_indices(text).any(|(at, _)| {
                let before = TEXT[..at].chars().next_back();
                let after = TEXT[at + text.len()..].chars().next();
                // What has no spaces between words is cut where the tokenizer cuts it.
                let is_unspaced = |c| matches!(c, '\u{4E00}'..='\u{9FFF}');
                [before, after].into_iter().flatten().all(|c| !c.is_alphanumeric() || is_unspaced(c))
            });
            assert!(edges, "{ner}: {text:?} is cut out of a word");
        }
        let classified = enriched["annotations"]["sentiment"]["mentions"].as_array().unwrap();
        assert_eq!(classified.len(), mentions.len(), "{sentiment}");
    }
    assert!(found > 20, "only {found} mentions to look at");
}

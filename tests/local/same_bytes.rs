//! An output is a function of its document and its stage: of nothing else that happens to be there, or at work.

use super::support::local::{Workplace, sample_run, tree};

#[test]
fn one_at_a_time_or_eight_anew_or_over_what_is_there_give_the_same_bytes() {
    let place = Workplace::with_samples();
    place.put("rejected.json", r#"{"text": 1}"#);
    place.run(&["--jobs", "1"]).expect(1);
    let mut first = place.results();
    assert_eq!(first.len(), 2 * 14 + 1);
    place.run(&["--jobs", "8"]).expect(1);
    assert_same(&first, &place.results());

    first.remove("rejected/ner/rejected.json.json").expect("the record");
    assert_same(&first, &sample_run().results);
}

#[test]
fn a_document_has_the_same_bytes_alone_as_among_the_others() {
    let together = &sample_run().results;
    let samples = tree(&Workplace::with_samples().documents());
    // A process each: a few of every kind say as much as all.
    for name in samples.keys().step_by(3) {
        let alone = Workplace::new();
        alone.put(name, &samples[name]);
        alone.run(&["--jobs", "1"]).expect(0);
        assert_eq!(alone.results().len(), 2);
        for (key, bytes) in alone.results() {
            assert_eq!(text(&bytes), text(&together[&key]), "{key}");
        }
    }
}

#[test]
fn a_document_has_the_same_bytes_whatever_comes_before_and_after_it() {
    let samples = tree(&Workplace::with_samples().documents());
    let (first, last) = (Workplace::new(), Workplace::new());
    for (i, (name, bytes)) in samples.iter().enumerate().filter(|(i, _)| i % 3 != 2) {
        let extension = name.split_once('.').map_or("", |(_, extension)| extension);
        let marked = i % 3 == 0;
        let copies =
            [(&first, format!("z-{i:02}.{extension}")), (&last, format!("a-{:02}.{extension}", 99 - i))];
        for (place, other) in copies {
            place.put(&if marked { format!("m/{i}.{extension}") } else { other }, bytes);
        }
    }
    first.run(&["--jobs", "3"]).expect(0);
    last.run(&["--jobs", "5"]).expect(0);
    let (first, last) = (first.results(), last.results());
    let marked: Vec<_> = first.keys().filter(|key| key.contains("/m/")).collect();
    assert_eq!(marked.len(), 2 * 5);
    for key in marked {
        assert_eq!(text(&first[key]), text(&last[key]), "{key}");
    }
}

type Tree = std::collections::BTreeMap<String, Vec<u8>>;

#[track_caller]
fn assert_same(one: &Tree, other: &Tree) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (key, bytes) in one {
        assert_eq!(text(bytes), text(&other[key]), "{key}");
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("outputs are UTF-8")
}

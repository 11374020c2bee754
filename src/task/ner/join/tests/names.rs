//! Persons who came under another form of their names than the text has, and what is named after them.

use super::*;

#[test]
fn a_middle_name_more_or_less_is_the_same_person_if_there_is_one() {
    let pell = |name: &str, marked: &str| {
        let all = joined(marked, &json!([{"id": "pell", "name": name, "type": "PER"}]));
        (all[0].1.len(), all.len())
    };
    let text = "[PER Robert J. Pell] spoke on Monday. [PER Pell] said so.";
    assert_eq!(pell("Robert Pell", text), (2, 1));
    assert_eq!(pell("Robert James Pell", text), (2, 1));
    assert_eq!(pell("Robert J. Pell", "[PER Robert Pell] spoke on Monday. [PER Pell] said so."), (2, 1));
    assert_eq!(pell("Robert Pell", "[PER Robert “Bob” Pell] spoke."), (1, 1));
    for another in ["Robert K. Pell", "R. Pell", "Robert J. Pell Jr.", "Ana J. Pell"] {
        assert_eq!(pell(another, text), (0, 2), "{another}");
    }
    // who of two is meant, nobody knows
    assert_eq!(pell("Robert Pell", "[PER Robert J. Pell] met [PER Robert K. Pell]."), (0, 3));
    assert_eq!(
        pell("Robert Pell", "[PER Robert Pell] met [PER Robert J. Pell] and [PER Robert K. Pell]."),
        (1, 3)
    );
    // a name more is another surname, often
    assert_eq!(pell("Robert Pell", "[PER Robert Harrow Pell] spoke."), (0, 2));
    assert_eq!(
        pell("Bob Pell", "[PER Robert “Bob” Pell] left. [PER Bob Pell] was 81. [PER Pell] won."),
        (3, 1)
    );
    let two = json!([
        {"id": "a", "name": "Robert A. Pell", "type": "PER"}, {"id": "b", "name": "Robert B. Pell", "type": "PER"}
    ]);
    assert_eq!(joined("[PER Robert Pell] spoke.", &two).len(), 3);
}

#[test]
fn a_junior_with_a_comma_is_the_one_without() {
    assert_eq!(only("[PER Robert Pell, Jr.], spoke.", "Robert Pell Jr.", "PER").len(), 1);
    assert_eq!(only("[PER Robert Pell Jr.] spoke.", "Robert Pell, Jr.", "PER").len(), 1);
}

#[test]
fn what_is_named_after_somebody_is_not_the_person() {
    let ana = json!([{"id": "ana", "name": "Ana Pell", "type": "PER"}]);
    let all = joined("Ana Pell left. The [ORG Ana Pell Foundation] was accused of fraud.", &ana);
    assert_eq!((all[0].1.len(), all[1].1.len()), (1, 1), "{all:?}");
    let all = joined("The [ORG Ana Pell Foundation] was accused of fraud.", &ana);
    assert_eq!((all[0].1.len(), all.len()), (0, 2), "{all:?}");
    let all = joined("He gave to [ORG Ana Pell's Foundation].", &ana);
    assert_eq!(all[0].1.len(), 1, "{all:?}");
    // a shop or a campaign may be hers, and a mention that came with its place stays
    assert_eq!(joined("[ORG Ana Pell for Mayor] won.", &ana)[0].1.len(), 1);
    let came =
        json!([{"id": "ana", "name": "Ana Pell", "type": "PER", "mentions": [{"begin": 4, "end": 12}]}]);
    assert_eq!(joined("The [ORG Ana Pell Foundation] left.", &came)[0].1.len(), 1);
}

mod names;

use serde_json::{Value, json};

use super::*;
use crate::{document::Defaults, limits::Limits};

/// Reads the words between brackets as found, `[PER Anna Kovac]`, in a document with these entities; answers the id,
/// mentions and `couldBe` of each.
fn joined(marked: &str, given: &Value) -> Vec<(String, Vec<String>, Vec<String>)> {
    titled("", marked, given)
}

fn titled(title: &str, marked: &str, given: &Value) -> Vec<(String, Vec<String>, Vec<String>)> {
    let (mut text, mut spans) = (String::new(), Vec::new());
    for (i, part) in marked.split(['[', ']']).enumerate() {
        let Some((kind, name)) = part.split_once(' ').filter(|_| i % 2 == 1) else {
            text.push_str(part);
            continue;
        };
        let range = text.len()..text.len() + name.len();
        text.push_str(name);
        spans.push(Tagged { range, kind, confidence: 0.9 });
    }
    let document = json!({ "title": title, "text": text, "entities": given }).to_string();
    let mut document = Document::read(document.as_bytes(), &Limits::default(), Defaults::default()).unwrap();
    add_entities(&mut document, &spans).unwrap();
    let id = |entity: &usize| document.entities[*entity].id.clone();
    let of = |entity: &crate::document::Entity| {
        let mentions = entity.mentions.iter().map(|m| document.text[m.range.clone()].to_owned()).collect();
        (entity.id.clone(), mentions, entity.could_be.iter().map(id).collect())
    };
    document.entities.iter().map(of).collect()
}

/// The mentions of an entity that alone there is.
fn only(marked: &str, name: &str, kind: &str) -> Vec<String> {
    let mut all = joined(marked, &json!([{"id": "g", "name": name, "type": kind}]));
    assert_eq!(all.len(), 1, "{marked} {all:?}");
    assert!(all[0].2.is_empty(), "{marked} {all:?}");
    all.remove(0).1
}

#[test]
fn what_would_be_one_with_a_given_mention_is_the_given_entitys() {
    assert_eq!(
        only("[ORG Northwind Energy plc] fell. [ORG Northwind] said so.", "Northwind Energy plc", "ORG"),
        ["Northwind Energy plc", "Northwind"]
    );
    assert_eq!(
        only(
            "[PER Zhao Wenli] was detained. Mr. [PER Zhao] denied it. [PER Zhao Wenli]",
            "Zhao Wenli",
            "PERSON"
        ),
        ["Zhao Wenli", "Zhao", "Zhao Wenli"]
    );
    assert_eq!(
        only("[ORG Castellan Bank] rose. [PER Castellan] fell.", "Castellan Bank", "ORG"),
        ["Castellan Bank", "Castellan"]
    );
    // of no type, or one of the user's own, it is what the model reads there
    for kind in [Value::Null, "MINISTER".into()] {
        let given = json!([{"id": "g", "name": "Zhao Wenli", "type": kind}]);
        assert_eq!(joined("[PER Zhao Wenli] left. [PER Zhao] stayed.", &given).len(), 1);
    }
}

#[test]
fn a_name_that_could_be_of_a_given_entity_or_of_another_is_neithers() {
    let given =
        json!([{"id": "anna", "name": "Anna Kovac", "type": "PER", "mentions": [{"begin": 0, "end": 10}]}]);
    let all = joined("[PER Anna Kovac] met [PER Ivo Kovac]. [PER Kovac] won.", &given);
    assert_eq!(all[0].1, ["Anna Kovac"]);
    assert_eq!(
        all[2],
        ("per-kovac".into(), vec!["Kovac".into()], vec!["anna".into(), "per-ivo-kovac".into()])
    );

    let two = json!([
        {"id": "gmbh", "name": "Delmar GmbH", "type": "ORG"}, {"id": "ag", "name": "Delmar AG", "type": "ORG"}
    ]);
    let all = joined("Delmar AG sued Delmar GmbH. [ORG Delmar] won.", &two);
    assert_eq!(all[2].2, ["gmbh", "ag"], "{all:?}");
}

#[test]
fn what_is_within_a_longer_name_is_not_the_persons_whose_surname_it_is() {
    let given = json!([{"id": "dv", "name": "Donald J. Varga", "type": "PER"}]);
    let all = joined(
        "Donald J. Varga left. [PER Melania Varga] and the [ORG Varga Group] stayed. [PER Donald Varga] won.",
        &given,
    );
    assert_eq!(all[0].1, ["Donald J. Varga", "Donald Varga"]);
    assert!(all.len() == 3 && all.iter().all(|entity| entity.2.is_empty()), "{all:?}");
}

#[test]
fn a_company_gives_way_to_a_person_whose_name_has_its_own() {
    let given = json!([{"id": "ford", "name": "Ford", "type": "ORG"}]);
    let all = joined("[PER Harrison Ford] met [ORG Ford]. Mr. [PER Ford] won. Ford fell.", &given);
    assert_eq!(all[0].1, ["Ford", "Ford"]);
    assert_eq!(all[1].1, ["Harrison Ford", "Ford"], "{all:?}");
    // but not what came with its place
    let given = json!([{"id": "ford", "name": "Ford", "type": "ORG", "mentions": [{"begin": 9, "end": 13}]}]);
    assert_eq!(joined("[PER Harrison Ford] left.", &given)[0].1, ["Ford"]);
}

#[test]
fn a_surname_that_was_searched_may_be_somebodys_whom_the_model_found() {
    let anna = json!([{"id": "anna", "name": "Anna Kovac", "type": "PER"}]);
    let could_be = |all: &[(String, Vec<String>, Vec<String>)]| all.last().unwrap().2.clone();
    for text in [
        "[PER Anna Kovac] met [PER Ivo Kovac]. [PER Kovac] won.",
        "[PER Anna Kovac] met [PER Ivo Kovac Jr.] and [PER Ivo Kovac]. [PER Kovac] won.",
        "[PER Anna Kovac] met [PER Ivo Kovac]. [PER Kovac] won. [PER Kovac] and [ORG Kovac] left.",
    ] {
        let all = joined(text, &anna);
        assert_eq!(all[0].1, ["Anna Kovac"], "{text}");
        let open = all.iter().find(|(id, ..)| id == "per-kovac").unwrap();
        assert_eq!(open.2, ["anna", "per-ivo-kovac"], "{text}");
    }
    let cruz = json!([{"id": "anna", "name": "Anna de la Cruz", "type": "PER"}]);
    let all = joined("[PER Anna de la Cruz] met [PER Pedro de la Cruz]. [PER De la Cruz] won.", &cruz);
    assert_eq!((all[0].1.len(), could_be(&all).len()), (1, 2), "{all:?}");
    let accents = joined("[PER Anna Kovac] met [PER Ivo Kovač]. [PER Kovac] won.", &anna);
    assert_eq!((accents[0].1.len(), could_be(&accents).len()), (1, 2), "{accents:?}");
    let wrapped = joined("[PER Anna de la Cruz] met [PER Pedro de la\nCruz]. [PER De la Cruz] won.", &cruz);
    assert_eq!((wrapped[0].1.len(), could_be(&wrapped).len()), (1, 2), "{wrapped:?}");
    let ivo =
        json!({"id": "ivo", "name": "Ivo Kovac", "type": "PER", "mentions": [{"begin": 15, "end": 24}]});
    let all = joined("Anna Kovac met Ivo Kovac. [PER Kovac] won.", &json!([anna[0], ivo]));
    assert_eq!(could_be(&all), ["anna", "ivo"], "{all:?}");
    // what the model didn't find is nobody's, and a title tells
    let all = joined("[PER Anna Kovac] met [PER Ivo Kovac]. Kovac won.", &anna);
    assert_eq!((all.len(), &all[0].1[..]), (2, &["Anna Kovac".to_owned()][..]), "{all:?}");
    let all = joined("Mrs. [PER Anna Kovac] met Mr. [PER Ivo Kovac]. Mr. [PER Kovac] won.", &anna);
    assert_eq!((all.len(), &all[1].1[..]), (2, &["Ivo Kovac".to_owned(), "Kovac".to_owned()][..]));
}

#[test]
fn a_surname_that_was_searched_stays_where_nobody_else_is() {
    let anna = |more: &Value| {
        let mut anna = json!({"id": "anna", "name": "Anna Kovac", "type": "PER"});
        anna.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([anna])
    };
    let nobody = "[PER Anna Kovac] met [PER Ivo Kovač-Pell]. [PER Kovac] won.";
    assert_eq!(joined(nobody, &anna(&json!({})))[0].1.len(), 2);
    let not_yet = "[PER Anna Kovac] left. [PER Kovac] won. Her brother, [PER Ivo Kovac], lost.";
    assert_eq!(joined(not_yet, &anna(&json!({})))[0].1.len(), 2);
    // an alias, though somebody else of that surname came
    let alias = anna(&json!({"aliases": ["Kovac"]}));
    let ivo =
        json!({"id": "ivo", "name": "Ivo Kovac", "type": "PER", "mentions": [{"begin": 15, "end": 24}]});
    let all = joined("Anna Kovac met Ivo Kovac. [PER Kovac] won.", &json!([alias[0], ivo]));
    assert_eq!(all[0].1, ["Anna Kovac", "Kovac"], "{all:?}");
    // the same person, by a middle name
    let middle = "[PER Anna Kovac], or [PER Anna M. Kovac]. [PER Kovac] won.";
    assert_eq!(joined(middle, &anna(&json!({})))[0].1.len(), 3);
    // what came
    let came = json!({"mentions": [{"begin": 0, "end": 10}, {"begin": 26, "end": 31}]});
    let both = "[PER Anna Kovac] met [PER Ivo Kovac]. [PER Kovac] won.";
    assert_eq!(joined(both, &anna(&came))[0].1, ["Anna Kovac", "Kovac"]);
}

#[test]
fn a_thousand_namesakes_before_a_thousand_surnames_are_refused() {
    let mut text = "Anna Kovac left. ".to_owned();
    let mut places = Vec::new();
    for i in 0..1000u32 {
        let first = |i: u32| char::from(b'a' + (i % 26) as u8);
        let name = format!("Q{}{}{} Kovac", first(i), first(i / 26), first(i / 676));
        places.push(text.len()..text.len() + name.len());
        text += &format!("{name} won. ");
    }
    text += &"Kovac left. ".repeat(1000);
    let spans = places.into_iter().map(|range| Tagged { range, kind: "PER", confidence: 0.9 });
    let given = json!([{"id": "anna", "name": "Anna Kovac", "type": "PER"}]);
    let document = json!({ "text": text, "entities": given }).to_string();
    let mut document = Document::read(document.as_bytes(), &Limits::default(), Defaults::default()).unwrap();
    let refused = add_entities(&mut document, &spans.collect::<Vec<_>>()).unwrap_err();
    assert_eq!(refused.reason, Reason::TooLarge, "{refused}");
}

#[test]
fn a_surname_in_somebody_elses_full_name_is_not_the_one_that_was_searched() {
    for (name, text, other) in [
        ("Ada Pell", "Ada Pell met [PER JD Pell].", "JD Pell"),
        ("Petra Vogl", "Petra Vogl met [PER R.J. Vogl].", "R.J. Vogl"),
        ("Ana Tavares", "Ana Tavares won. [PER Rui da Tavares] called.", "Rui da Tavares"),
        ("Anna Cruz", "Anna Cruz met [PER Pedro de la Cruz].", "Pedro de la Cruz"),
        ("Karl Harrow", "Karl Harrow read [PER August Harrow].", "August Harrow"),
        ("Anna Kovac", "ANNA KOVAC met [PER IVO KOVAC].", "IVO KOVAC"),
    ] {
        let given = |more: Value| json!([{"id": "g", "name": name, "type": "PER", "aliases": more}]);
        let all = joined(text, &given(json!([])));
        assert_eq!((all.len(), all[0].1.len(), &all[1].1[..]), (2, 1, &[other.to_owned()][..]), "{all:?}");
        let surname = name.split(' ').next_back().unwrap();
        let all = joined(&format!("{text} [PER {surname}] was glad."), &given(json!([])));
        assert_eq!((all.len(), all[2].2.len()), (3, 2), "{all:?}");
    }
    for text in [
        "Anna Kovac won. [PER President Kovac] left.",
        "Anna Kovac won. [PER A.M. Kovac] left.",
        "Anna Kovac won. [PER Kovac] left.",
    ] {
        assert_eq!(only(text, "Anna Kovac", "PER").len(), 2, "{text}");
    }
}

#[test]
fn whom_a_title_alone_names_is_not_who_has_another_first_name_in_the_text() {
    let anna = json!([{"id": "anna", "name": "Anna Kovac", "type": "PER"}]);
    let title = "Anna Kovac wins";
    let all = titled(title, "Kovac won. [PER Ivo Kovac] lost.", &anna);
    assert_eq!((&all[0].1[..], &all[1].1[..]), (&["Kovac".to_owned()][..], &["Ivo Kovac".to_owned()][..]));
    let all = titled(title, "[PER Ivo Kovac] lost. [PER Kovac] won.", &anna);
    assert_eq!((all[0].1.len(), &all[1].1[..]), (0, &["Ivo Kovac".to_owned()][..]), "{all:?}");
    assert_eq!(titled(title, "[PER Anna M. Kovac] won. [PER Kovac] left.", &anna)[0].1.len(), 2);
    let alias = json!([{"id": "anna", "name": "Anna Kovac", "type": "PER", "aliases": ["Annie"]}]);
    let all = joined("Annie came. [PER Ivo Kovac] left. [PER Kovac] won.", &alias);
    assert_eq!((&all[0].1[..], &all[1].1[..]), (&["Annie".to_owned()][..], &["Ivo Kovac".to_owned()][..]));
    // nor where the mention came
    let came =
        |name: &str| json!([{"id": "g", "name": name, "type": "PER", "mentions": [{"begin": 0, "end": 5}]}]);
    assert_eq!(joined("Kovac won. [PER Ivo Kovac] lost.", &came("Anna Kovac")).len(), 2);
    for name in ["Ivo Kovac", "I. Kovac", "Kovac", "Ivo J. Kovac"] {
        assert_eq!(joined("Kovac won. [PER Ivo Kovac] lost.", &came(name))[0].1.len(), 2, "{name}");
    }
    // who is called by another first name there
    let bill =
        json!([{"id": "g", "name": "William Pell", "type": "PER", "mentions": [{"begin": 0, "end": 9}]}]);
    assert_eq!(joined("Bill Pell won. [PER Bill Pell] left.", &bill)[0].1.len(), 2);
}

#[test]
fn a_company_that_the_title_alone_names_in_full_is_what_the_text_calls_by_a_word() {
    let given = json!([{"id": "g", "name": "Northwind Energy plc", "type": "ORG"}]);
    let mentions = |title: &str, text: &str| titled(title, text, &given).remove(0).1;
    for (title, text, expected) in [
        (
            "Northwind Energy plc fined",
            "[ORG Northwind] failed. [ORG Northwind] said so.",
            &["Northwind"; 2][..],
        ),
        ("NORTHWIND ENERGY FINED", "[ORG Northwind] failed.", &["Northwind"]),
        ("Northwind Energy fined", "“[ORG Northwind]”, ünd", &["Northwind"]),
        // a robber, or another
        ("Northwind Energy robbed", "[PER Northwind], 43, was arrested.", &[]),
        ("Northwind Energy fined", "[ORG Energy] is dear.", &[]),
        // that isn't its name; nor is a place's
        ("Northwind fined", "[ORG Northwind Rail] failed.", &[]),
        ("Northwind Energy fined", "In [LOC Northwind] it rained.", &[]),
        ("Westwind Energy fined", "[ORG Northwind] failed.", &[]),
        ("", "[ORG Northwind] failed.", &[]),
    ] {
        assert_eq!(mentions(title, text), expected, "{title:?} {text:?}");
    }
    // where the text tells, the title says nothing
    let all = titled("Northwind Energy fined", "[ORG Northwind Rail] sued. [ORG Northwind] failed.", &given);
    assert_eq!((all[0].1.len(), all[1].1.len(), all.len()), (0, 2, 2), "{all:?}");
    let two = json!([given[0], {"id": "r", "name": "Northwind Rail", "type": "ORG"}]);
    let all = titled(
        "Northwind Energy sells Northwind Rail",
        "Northwind Rail was sold. [ORG Northwind] fell.",
        &two,
    );
    assert_eq!((all[0].1.len(), all[1].1.len()), (0, 2), "{all:?}");
    let all = titled("Northwind Energy sells Northwind Rail", "[ORG Northwind] fell.", &two);
    assert_eq!((all[0].1.len(), all[1].1.len(), all.len()), (0, 0, 3), "{all:?}");
    let gmbh = json!([{"id": "g", "name": "Delmar GmbH", "type": "ORG"}]);
    for (title, text) in [
        ("Delmar GmbH sued", "[ORG Delmar AG] sued."),
        ("Delmar sued", "[ORG Delmar AG] sued."),
        ("", "Delmar sued. [ORG Delmar AG] sued."),
    ] {
        let all = titled(title, text, &gmbh);
        assert_eq!(all[1].1, ["Delmar AG"], "{title:?} {text:?} {all:?}");
    }
}

#[test]
fn a_surname_with_a_mans_title_is_not_the_womans_who_was_searched() {
    let anna = json!([{"id": "anna", "name": "Anna Kovac", "type": "PER"}]);
    for text in
        ["Ms. [PER Anna Kovac] won. Mr. [PER Kovac] lost.", "Ms. [PER Anna Kovac] won. Mr. Kovac lost."]
    {
        assert_eq!(joined(text, &anna)[0].1, ["Anna Kovac"], "{text}");
    }
    for text in
        ["Ms. [PER Anna Kovac] won. Mrs. [PER Kovac] left.", "[PER Anna Kovac] won. Mr. [PER Kovac] left."]
    {
        assert_eq!(joined(text, &anna)[0].1.len(), 2, "{text}");
    }
}

#[test]
fn an_alias_is_not_whom_the_text_says_another_is() {
    let given = json!([
        {"id": "john", "name": "John Pell", "type": "PER", "aliases": ["Pell"], "mentions": []},
        {"id": "mary", "name": "Mary Pell", "type": "PER"}
    ]);
    let all = joined("Mary Pell came. Ms. [PER Pell] said no.", &given);
    assert_eq!((all.len(), &all[1].1[..]), (2, &["Mary Pell".to_owned(), "Pell".to_owned()][..]));
    let given = json!([{"id": "john", "name": "John Pell", "type": "PER", "aliases": ["Pell"],
        "mentions": [{"begin": 0, "end": 9}]}]);
    let all = joined("John Pell met [PER Mary Pell]. [PER Pell] said no.", &given);
    assert_eq!((&all[0].1[..], all[2].2.len()), (&["John Pell".to_owned()][..], 2), "{all:?}");
    let given = json!([{"id": "mrs", "name": "Mrs. Pell", "type": "PER", "mentions": []}]);
    assert_eq!(joined("Mr. [PER Pell] won.", &given).len(), 2);
    // nor is it told who it is, where it could be several besides
    let given = json!([{"id": "g", "name": "Pell", "type": "PER", "mentions": []}]);
    let all = joined("[PER John Pell] met [PER Peter Pell]. [PER Pell] said no.", &given);
    assert!(all[0].1.is_empty() && all[0].2.is_empty() && all[3].2.len() == 3, "{all:?}");
}

#[test]
fn a_company_gives_way_to_another_whose_name_begins_with_its_own() {
    let given = json!([
        {"id": "f", "name": "Ford Motor", "aliases": ["Ford"], "type": "ORG"},
        {"id": "n", "name": "Northwind Energy", "type": "ORG"}
    ]);
    let all = joined(
        "Ford fell. [ORG Betty Ford Clinic] won. Northwind Energy fell. [ORG Ford Foundation] gave. \
         The [ORG Northwind Energy Workers Union] hates [ORG Northwind Energy].",
        &given,
    );
    assert_eq!(
        (&all[0].1[..], &all[1].1[..]),
        (&["Ford".to_owned()][..], &["Northwind Energy".to_owned(), "Northwind Energy".to_owned()][..])
    );
    let others: Vec<&str> = all[2..].iter().map(|(id, ..)| id.as_str()).collect();
    assert_eq!(
        others,
        ["org-betty-ford-clinic", "org-ford-foundation", "org-northwind-energy-workers-union"]
    );
    // what else a name may go on with may be its own
    for text in [
        "[ORG Northwind Energy plc] fell.",
        "[ORG Northwind Energy Europe] fell.",
        "[ORG U.S. Northwind Energy] fell.",
        "[ORG Northwind Energy Party] fell.",
    ] {
        assert_eq!(only(text, "Northwind Energy", "ORG"), ["Northwind Energy"], "{text}");
    }
}

#[test]
fn a_company_gives_way_to_nobody_who_is_not_there() {
    let given = json!([
        {"id": "ford", "name": "Ford", "type": "ORG"},
        {"id": "harrison", "name": "Harrison", "type": "PER", "mentions": [{"begin": 0, "end": 8}]}
    ]);
    let all = joined("[PER Harrison Ford] met Ford managers.", &given);
    assert_eq!((all.len(), all[0].1.len()), (2, 2), "{all:?}");
}

#[test]
fn a_name_is_known_as_registers_write_it_and_by_its_aliases() {
    for (name, kind, text) in [
        ("NORTHWIND ENERGY PLC", "ORG", "[ORG Northwind Energy plc] fell. [ORG Northwind Energy] rose."),
        ("Sir Ian Fell KC", "PER", "[PER Ian Fell] left. [PER Fell] stayed."),
        ("Trivanta, Inc.", "COMPANY", "[ORG Trivanta Incorporated] fell."),
    ] {
        assert_eq!(joined(text, &json!([{"id": "g", "name": name, "type": kind}])).len(), 1, "{name}");
    }
    let given = json!([{"id": "g", "name": "Northern Gas Works", "aliases": ["NGW"], "mentions": []}]);
    assert_eq!(joined("[ORG NGW] fell.", &given)[0].1, ["NGW"]);
    let given = json!([{"id": "ag", "name": "Delmar AG", "type": "ORG"}]);
    assert_eq!(joined("[ORG Delmar GmbH] fell.", &given).len(), 2);
}

#[test]
fn what_is_of_another_type_is_not_the_given_entitys() {
    let given = json!([{"id": "mj", "name": "Jordan", "type": "PER", "mentions": [{"begin": 3, "end": 9}]}]);
    let all = joined("Mr [PER Jordan] left. [LOC Jordan] and [LOC Jordan].", &given);
    assert_eq!(all[1], ("loc-jordan".into(), vec!["Jordan".into(); 2], vec![]));
}

#[test]
fn what_was_given_stays_as_it_came() {
    let given = json!([
        {"id": "a", "name": "Kovac", "type": "PER", "mentions": [{"begin": 0, "end": 5}]},
        {"id": "b", "name": "Anna Kovac", "type": "PER", "mentions": [{"begin": 10, "end": 20}]}
    ]);
    let all = joined("Kovac saw [PER Anna Kovac]. [PER A. Kovac] won.", &given);
    assert_eq!((&all[0].1[..], &all[1].1[..]), (&["Kovac".to_owned()][..], &["Anna Kovac".to_owned()][..]));
    assert_eq!(all[2].2, ["a", "b"], "{all:?}");
}

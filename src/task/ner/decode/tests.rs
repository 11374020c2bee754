//! What is read from labels, and what of it is a name.

use proptest::prelude::*;

use super::*;
use crate::{task::ner::words::words, text::Language};

/// What is found in a sentence whose words have these chances of the labels; a word without any is one that the
/// tokenizer dropped.
fn found(labels: &[&str], sentence: &str, chances: &[&[f64]]) -> Vec<String> {
    found_in(Language::English, labels, sentence, chances)
}

fn found_in(language: Language, labels: &[&str], sentence: &str, chances: &[&[f64]]) -> Vec<String> {
    let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
    let tags = Tags::new(&labels).expect("labels of BIO");
    let chances = chances.iter().map(|word| (!word.is_empty()).then(|| word.to_vec())).collect();
    let spans = tags.decode(sentence, &words(sentence, language), chances);
    spans.into_iter().map(|span| format!("{} {}", span.kind, &sentence[span.range])).collect()
}

const BIO: &[&str] = &["O", "B-ORG", "I-ORG", "B-PER", "I-PER"];

#[test]
fn a_name_of_two_words_has_one_type_where_the_words_disagree() {
    let chances: &[&[f64]] =
        &[&[0.1, 0.6, 0.0, 0.3, 0.0], &[0.1, 0.0, 0.35, 0.0, 0.55], &[0.9, 0.1, 0.0, 0.0, 0.0]];
    assert_eq!(found(BIO, "Hollis Tarrant said", chances), ["ORG Hollis Tarrant"]);
}

#[test]
fn two_names_side_by_side_are_two() {
    let chances: &[&[f64]] =
        &[&[0.0, 0.9, 0.1, 0.0, 0.0], &[0.0, 0.8, 0.2, 0.0, 0.0], &[0.0, 0.1, 0.1, 0.8, 0.0]];
    assert_eq!(
        found(BIO, "Northwind Castellan Halloran", chances),
        ["ORG Northwind", "ORG Castellan", "PER Halloran"]
    );
}

#[test]
fn a_word_that_only_goes_on_begins_no_name_but_when_the_model_is_sure() {
    let begins = |inside: f64| {
        found(BIO, "the Bank", &[&[1.0, 0.0, 0.0, 0.0, 0.0], &[1.0 - inside, 0.0, inside, 0.0, 0.0]])
    };
    assert_eq!(begins(0.6), [""; 0]);
    assert_eq!(begins(0.99), ["ORG Bank"]);
}

#[test]
fn a_title_alone_is_no_person_and_one_before_a_name_stays() {
    let (person, goes_on): (&[f64], &[f64]) = (&[0.0, 0.0, 0.0, 1.0, 0.0], &[0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(found(BIO, "Mr. Crie", &[person, person]), ["PER Crie"]);
    assert_eq!(found(BIO, "Mr. Crie", &[person, goes_on]), ["PER Mr. Crie"]);
    let organisation: &[f64] = &[0.0, 1.0, 0.0, 0.0, 0.0];
    assert_eq!(found(BIO, "MS", &[organisation]), ["ORG MS"]);
    assert_eq!(found(BIO, "Ph.D.", &[person]), [""; 0]);
}

#[test]
fn a_title_alone_is_no_organisation_either_but_in_capitals() {
    let organisation: &[f64] = &[0.0, 1.0, 0.0, 0.0, 0.0];
    assert_eq!(found(BIO, "Cllr Pell", &[organisation, &[1.0, 0.0, 0.0, 0.0, 0.0]]), [""; 0]);
    assert_eq!(found(BIO, "Gen. Pell", &[organisation, &[1.0, 0.0, 0.0, 0.0, 0.0]]), [""; 0]);
    assert_eq!(found(BIO, "ADM", &[organisation]), ["ORG ADM"]);
    let person: &[f64] = &[0.0, 0.0, 0.0, 1.0, 0.0];
    assert_eq!(found(BIO, "Sen", &[person]), ["PER Sen"]);
}

#[test]
fn a_role_or_a_degree_is_nobody() {
    for (sentence, labels, expected) in [
        ("CFO Pell left", "O+o", &["ORG CFO Pell"][..]),
        ("CFO Pell left", "OPo", &["PER Pell"]),
        ("CFO Pell left", "P+o", &["PER Pell"]),
        ("C.E.O. Pell left", "P+o", &["PER Pell"]),
        ("Pell v. Harrow", "O+oO", &["ORG Pell", "ORG Harrow"]),
        ("The C.E.O. left", "oPo", &[]),
        ("An EVP left", "oOo", &[]),
        ("The SVP won", "oOo", &["ORG SVP"]),
        ("Dist. Atty. Pell and Tpr. Fell", "O+PoPP", &["PER Pell", "PER Fell"]),
        ("Pvt. Pell met Pvt.", "PPoP", &["PER Pell"]),
        ("Mme Pell and Mme", "P+oP", &["PER Mme Pell"]),
        ("Dr.-Ing. Pell met Ing and ING", "ooPoPoPoP", &["PER Pell", "PER Ing", "PER ING"]),
        ("Dr. h.c. Pell, M.B.A.", "P+PoP", &["PER Pell"]),
        ("Pell, KC, CFA, and Fell, FRS.", "PoOoOooPoOo", &["PER Pell", "PER Fell"]),
        (
            "Pell, FCA chief, met KC and the FCA.",
            "PoOoooOooOo",
            &["PER Pell", "ORG FCA", "ORG KC", "ORG FCA"],
        ),
    ] {
        assert_eq!(labelled(sentence, labels), expected, "{sentence}");
    }
}

#[test]
fn us_is_no_place_where_names_are_capitalised() {
    let labels = &["O", "B-LOC", "I-LOC"];
    let place: &[f64] = &[0.0, 1.0, 0.0];
    assert_eq!(
        found(labels, "They told us.", &[&[1.0, 0.0, 0.0], &[1.0, 0.0, 0.0], place, &[1.0, 0.0, 0.0]]),
        ["LOC us"]
    );
    let told = "They told Pell and us.";
    let other: &[f64] = &[1.0, 0.0, 0.0];
    assert_eq!(found(labels, told, &[other, other, place, other, place, other]), ["LOC Pell"]);
    let left = "Pell left for Fell in harrow.";
    let chances = [place, other, other, place, other, place, other];
    assert_eq!(found(labels, left, &chances), ["LOC Pell", "LOC Fell", "LOC harrow"]);
}

/// Each word with its label: `o` for none, `O` and `P` that begin an organisation or person, `+` that goes on.
fn labelled(sentence: &str, labels: &str) -> Vec<String> {
    let mut kind = 0;
    let chances: Vec<[f64; 5]> = labels
        .chars()
        .map(|label| {
            let mut chances = [0.0; 5];
            kind = match label {
                'O' => 1,
                'P' => 3,
                '+' => kind + kind % 2,
                _ => 0,
            };
            chances[kind] = 1.0;
            chances
        })
        .collect();
    found(BIO, sentence, &chances.iter().map(<[f64; 5]>::as_slice).collect::<Vec<_>>())
}

#[test]
fn a_name_ends_with_its_legal_form() {
    assert_eq!(labelled("Harrow Power Inc. Harrow fell", "O+++o"), ["ORG Harrow Power Inc."]);
    assert_eq!(labelled("Harrow Pte. Ltd. rose", "O++o"), ["ORG Harrow Pte. Ltd."]);
    assert_eq!(labelled("Harrow & Co. KG rose", "O+++o"), ["ORG Harrow & Co. KG"]);
    assert_eq!(labelled("Harrow Co. of Salem", "O+++"), ["ORG Harrow Co. of Salem"]);
}

#[test]
fn legal_forms_alone_belong_to_the_company_before_them() {
    assert_eq!(labelled("Harrow, Inc. rose", "OoOo"), ["ORG Harrow, Inc."]);
    assert_eq!(labelled("Pell sold Inc. and Ltd.", "PoOoO"), ["PER Pell"]);
    assert_eq!(labelled("Harrow, L.P. rose", "OoOo"), ["ORG Harrow, L.P."]);
    assert_eq!(labelled("Meagher & Flom LLP sued", "OoO+o"), ["ORG Meagher & Flom LLP"]);
    assert_eq!(labelled("Meagher & Flom sued", "OoOo"), ["ORG Meagher", "ORG Flom"]);
}

#[test]
fn what_makes_a_company_of_a_name_belongs_to_it() {
    for (sentence, labels, expected) in [
        ("J.T. Pell & Sons sued.", "P+oOoo", &["ORG J.T. Pell & Sons"][..]),
        ("J. P. Pell and Company sued.", "P++O+oo", &["ORG J. P. Pell and Company"]),
        ("Pell and Sons, Inc., sued.", "Pooooooo", &["ORG Pell and Sons, Inc."]),
        ("Pell L.L.P. sued.", "Pooo", &["ORG Pell L.L.P."]),
        ("Pell Hosting Pty. Ltd. sued.", "O+O+oo", &["ORG Pell Hosting Pty. Ltd."]),
        ("Pell, S.L. sued.", "PoPoo", &["ORG Pell, S.L."]),
        (
            "Pell Express, Inc. and Pell Foods, L.P.; sued",
            "O+oooO+oooo",
            &["ORG Pell Express, Inc.", "ORG Pell Foods, L.P."],
        ),
        ("Big Pell & Co. sued", "O+ooo", &["ORG Big Pell & Co."]),
        ("P. Pell & Co. sued", "P+ooo", &["ORG P. Pell & Co."]),
        ("Ana Pell s.r.o. and Ivo Pell e.K. sued", "P++oP++o", &["ORG Ana Pell s.r.o.", "ORG Ivo Pell e.K."]),
    ] {
        assert_eq!(labelled(sentence, labels), expected, "{sentence}");
    }
    for (sentence, labels, expected) in [
        ("Pell and sons left.", "Poooo", &["PER Pell"][..]),
        ("Ana Pell & Co. won", "P+ooo", &["PER Ana Pell"]),
        ("Sgt. Tom Berg, Pvt. Jess Pell left", "oP+ooP+o", &["PER Tom Berg", "PER Jess Pell"]),
        ("Pell and Sons Tom left.", "PooPoo", &["PER Pell", "PER Tom"]),
        ("Pell and Partners in Health", "OoO++", &["ORG Pell", "ORG Partners in Health"]),
        ("Ana Pell, Co. Down, and the Pell LP", "P+ooooooPo", &["PER Ana Pell", "PER Pell"]),
        ("Pell-led Inc. and Pell inc.", "PooPoo", &["PER Pell", "PER Pell"]),
        ("Pell\n\nInc. sued", "Ooo", &["ORG Pell"]),
    ] {
        assert_eq!(labelled(sentence, labels), expected, "{sentence}");
    }
}

#[test]
fn a_sentence_that_begins_behind_a_legal_form_is_not_the_companys() {
    for (sentence, expected) in [
        ("Senstec N.V. Senstec sued", "ORG Senstec N.V."),
        ("Pell S.p.A. Pell sued", "ORG Pell S.p.A."),
        ("Co. Down Council sued", "ORG Co. Down Council"),
        ("S.A. Brewers Guild sued", "ORG S.A. Brewers Guild"),
    ] {
        let labels = format!("O{}o", "+".repeat(sentence.split(' ').count() - 2));
        assert_eq!(labelled(sentence, &labels), [expected]);
    }
    assert_eq!(labelled("Senstec N.V. Senstec sued", "P++o"), ["PER Senstec N.V."]);
    assert_eq!(labelled("Ramesh N.V. Iyer sued", "P++o"), ["PER Ramesh N.V. Iyer"]);
}

#[test]
fn junior_belongs_to_the_name_behind_a_comma_too() {
    for (sentence, labels, expected) in [
        ("Tom Pell, Jr., left", "P+oooo", "PER Tom Pell, Jr."),
        ("Tom Pell, Jr. left", "P+oPo", "PER Tom Pell, Jr."),
        ("Tom Pell, Sr left", "P+ooo", "PER Tom Pell, Sr"),
        ("Tom Pell, Jroma left", "P+ooo", "PER Tom Pell"),
        ("Tom Pell, Sr. Director, left", "P+ooooo", "PER Tom Pell"),
    ] {
        assert_eq!(labelled(sentence, labels), [expected], "{sentence}");
    }
}

#[test]
fn a_persons_name_is_one_with_its_particles() {
    for (sentence, labels, expected) in [
        ("Erik af Klint left", "PoPo", &["PER Erik af Klint"][..]),
        ("Erik af Klint left", "P+Po", &["PER Erik af Klint"]),
        ("Philip Van der Merwe left", "P++Po", &["PER Philip Van der Merwe"]),
        (
            "Al Pell and Pell of Fell met Pell in Fell",
            "PPoPoPoPoP",
            &["PER Al", "PER Pell", "PER Pell", "PER Fell", "PER Pell", "PER Fell"],
        ),
        ("Pell van Delmar", "PoO", &["PER Pell", "ORG Delmar"]),
    ] {
        assert_eq!(labelled(sentence, labels), expected, "{sentence}");
    }
}

#[test]
fn a_name_is_one_where_a_line_ends_within_it() {
    for (sentence, expected) in [
        ("Pem-\nberton Gold", "ORG Pem-\nberton Gold"),
        ("Castellan-\nbacked", "ORG Castellan"),
        ("Castellan\u{2010}backed", "ORG Castellan"),
    ] {
        let labels = format!("O{}", "+".repeat(sentence.matches(' ').count()));
        assert_eq!(labelled(sentence, &labels), [expected]);
    }
}

#[test]
fn a_mark_that_is_written_as_a_reference_is_no_edge_of_a_name() {
    assert_eq!(labelled("&quot;Pell&rsquo;s&quot; fell", "O+++o"), ["ORG Pell&rsquo;s"]);
    assert_eq!(labelled("Ana&nbsp;Pell&mdash;", "P++"), ["PER Ana&nbsp;Pell"]);
    assert_eq!(
        labelled("Ana&nbsp;Pell and Fell &amp; Moss LLP", "PPoOoO+"),
        ["PER Ana&nbsp;Pell", "ORG Fell &amp; Moss LLP"]
    );
    assert_eq!(labelled("Canon G 7 fell", "O++o"), ["ORG Canon G 7"]);
}

#[test]
fn a_person_with_a_legal_form_is_an_organisation() {
    assert_eq!(labelled("Dunmore Reece LLP sued", "P++o"), ["ORG Dunmore Reece LLP"]);
    assert_eq!(labelled("Ana Sa sued", "P+o"), ["PER Ana Sa"]);
    assert_eq!(labelled("Van Meer NV sued Ramesh NV", "P++oP+"), ["ORG Van Meer NV", "PER Ramesh NV"]);
    let person: &[f64] = &[0.0, 0.0, 1.0];
    let only_persons = found(&["O", "B-PER", "I-PER"], "Reece LLP", &[&[0.0, 1.0, 0.0], person]);
    assert_eq!(only_persons, ["PER Reece LLP"]);
}

#[test]
fn a_thing_in_an_edited_sentence_and_an_address_are_no_names() {
    assert_eq!(labelled("The daft Pell sold talc.", "oOPoOo"), ["PER Pell"]);
    assert_eq!(labelled("Pell sold 3m and eBay.", "PoOoOo"), ["PER Pell", "ORG 3m", "ORG eBay"]);
    // where not all that is a name has a capital
    assert_eq!(labelled("The weavers met.", "oOoo"), ["ORG weavers"]);
    assert_eq!(labelled("the weavers met Pell.", "oOoPo"), ["ORG weavers", "PER Pell"]);
    assert_eq!(labelled("Go weavers beat Pell", "oOoP"), ["ORG weavers", "PER Pell"]);
    assert_eq!(labelled("The fans of Pell met halvorsen.", "oooPoPo"), ["PER Pell", "PER halvorsen"]);
    assert_eq!(labelled("Write to pell@mill.example now", "ooPo"), [""; 0]);
}

#[test]
fn a_name_begins_behind_what_an_apostrophe_puts_after_another() {
    assert_eq!(labelled("Pell’s Wagon Train", "PO++"), ["PER Pell", "ORG Wagon Train"]);
}

#[test]
fn names_in_two_cells_of_a_table_are_two() {
    assert_eq!(labelled("MGRN   Marlow Grain Corp.", "O+++"), ["ORG MGRN", "ORG Marlow Grain Corp."]);
    assert_eq!(labelled("Harrow\tDelmar", "O+"), ["ORG Harrow", "ORG Delmar"]);
    assert_eq!(labelled("Harrow\n    Mills", "O+"), ["ORG Harrow\n    Mills"]);
}

#[test]
fn a_hyphen_within_a_persons_name_is_no_end_of_it() {
    let person: &[f64] = &[0.0, 0.0, 0.0, 1.0, 0.0];
    for name in ["Soo-jin", "Mei-ling", "Hsiao-hsing", "Jean-Claude", "al-sayed", "Osei-Lindgren"] {
        assert_eq!(found(BIO, name, &[person]), [format!("PER {name}")]);
    }
    let goes_on: &[f64] = &[0.0, 0.0, 0.0, 0.0, 1.0];
    assert_eq!(found(BIO, "Park Soo-jin", &[person, goes_on]), ["PER Park Soo-jin"]);
}

#[test]
fn what_a_hyphen_adds_to_a_name_is_none_of_it() {
    let (person, organisation): (&[f64], &[f64]) = (&[0.0, 0.0, 0.0, 1.0, 0.0], &[0.0, 1.0, 0.0, 0.0, 0.0]);
    for tail in ["backed", "leaning", "led", "era", "appointee"] {
        assert_eq!(found(BIO, &format!("Zoë-{tail}"), &[person]), ["PER Zoë"]);
        assert_eq!(found(BIO, &format!("Soo-jin-{tail}"), &[person]), ["PER Soo-jin"]);
        assert_eq!(found(BIO, &format!("Castellan-{tail}"), &[organisation]), ["ORG Castellan"]);
    }
    assert_eq!(found(BIO, "Castellan-wide", &[organisation]), ["ORG Castellan"]);
    assert_eq!(found(BIO, "Hollis-Tarrant", &[organisation]), ["ORG Hollis-Tarrant"]);
}

#[test]
fn where_a_model_has_no_b_an_i_begins_names() {
    let chances: &[&[f64]] = &[&[0.4, 0.6, 0.0], &[0.4, 0.0, 0.6], &[0.4, 0.0, 0.6]];
    assert_eq!(
        found(&["O", "I-ORG", "I-PER"], "Northwind Ann Lee", chances),
        ["ORG Northwind", "PER Ann Lee"]
    );
}

#[test]
fn a_word_that_the_tokenizer_dropped_is_outside_and_ends_a_name() {
    let (begin, inside): (&[f64], &[f64]) = (&[0.0, 1.0, 0.0, 0.0, 0.0], &[0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(found(BIO, "Northwind Castellan Bank", &[begin, &[], inside]), ["ORG Northwind", "ORG Bank"]);
    assert_eq!(found(BIO, "Northwind", &[&[]]), [""; 0]);
}

/// A sequence's score by its definition.
fn score(tags: &[Tag], sequence: &[usize], chances: &[Option<Vec<f64>>]) -> f64 {
    let mut before = Tag::Outside;
    let of = |(&tag, chances): (&usize, &Option<Vec<f64>>)| {
        let goes_on = matches!((before, tags[tag]),
            (Tag::Begin(of) | Tag::Inside(of), Tag::Inside(kind)) if of == kind);
        before = tags[tag];
        let begins = matches!(tags[tag], Tag::Inside(_)) && !goes_on;
        chances.as_ref().unwrap()[tag].max(f64::MIN_POSITIVE).ln() + if begins { UNBEGUN.ln() } else { 0.0 }
    };
    sequence.iter().zip(chances).map(of).sum()
}

proptest! {
    #[test]
    fn no_sequence_is_likelier_than_the_one_taken(
        words in prop::collection::vec(prop::collection::vec(0.0..1.0_f64, BIO.len()), 1..5),
    ) {
        let tags = Tags::new(&BIO.iter().map(|&label| label.to_owned()).collect::<Vec<_>>()).unwrap();
        let chances: Vec<_> = words.into_iter().map(Some).collect();
        let at = |tag: &Tag| tags.tags.iter().position(|t| t == tag).unwrap();
        let taken: Vec<usize> = tags.likeliest(&chances).iter().map(at).collect();
        let taken = score(&tags.tags, &taken, &chances);
        for number in 0..BIO.len().pow(chances.len() as u32) {
            let other: Vec<usize> = (0..chances.len() as u32).map(|i| number / BIO.len().pow(i) % BIO.len()).collect();
            prop_assert!(score(&tags.tags, &other, &chances) <= taken + 1e-9, "{other:?}");
        }
    }
}

#[test]
fn labels_of_one_name_are_one_label() {
    // As baton.json makes them of B, I, E and S.
    let labels = &["O", "B-PER", "I-PER", "I-PER", "B-PER"];
    let chances: &[&[f64]] = &[&[0.2, 0.5, 0.1, 0.1, 0.1], &[0.396, 0.0, 0.302, 0.302, 0.0]];
    assert_eq!(found(labels, "John Smith", chances), ["PER John Smith"]);
    assert_eq!(found(labels, "Mary", &[&[0.41, 0.28, 0.0, 0.0, 0.31]]), ["PER Mary"]);
}

#[test]
fn what_is_elided_ends_no_name_and_is_none() {
    const BEGIN: &[f64] = &[0.0, 0.9, 0.1, 0.0, 0.0];
    const INSIDE: &[f64] = &[0.0, 0.1, 0.9, 0.0, 0.0];
    const OUTSIDE: &[f64] = &[1.0, 0.0, 0.0, 0.0, 0.0];
    let found = |sentence, chances: &[&[f64]]| found_in(Language::French, BIO, sentence, chances);
    // Compagnie | de | l’ | Ouralia
    assert_eq!(
        found("Compagnie de l’Ouralia", &[BEGIN, INSIDE, INSIDE, INSIDE]),
        ["ORG Compagnie de l’Ouralia"]
    );
    assert_eq!(found("Électris d’Arles", &[BEGIN, INSIDE, OUTSIDE]), ["ORG Électris"]);
    assert_eq!(found("vers l’Ouralia", &[OUTSIDE, BEGIN, OUTSIDE]), [""; 0]);
}

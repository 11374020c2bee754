//! Thousands of documents, in bounded memory.

use std::{collections::BTreeMap, io::BufRead, process::Stdio};

use super::{
    aws_and_queue, command,
    support::{deployment::INCOMING, process},
};

const DOCUMENTS: usize = 4000;

#[test]
fn thousands_of_documents_are_sent_once_each_in_bounded_memory() {
    let (aws, queue) = aws_and_queue();
    let s3 = aws.s3();
    for i in 0..DOCUMENTS {
        s3.put(INCOMING, &format!("2026/03/12/desk/a-document-with-a-name-of-some-length-{i:06}.json"), "{}");
    }
    let from = format!("s3://{INCOMING}/2026/");
    let mut command = command(&aws, &queue, &["--prefix", &from]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut peak = 0;
    while child.try_wait().expect("it can be waited for").is_none() {
        peak = process::memory_kib(child.id()).unwrap_or_default().max(peak);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let said = std::io::BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let said: Vec<String> = said.map(|line| line.expect("UTF-8").trim().to_owned()).collect();
    assert!(child.wait().expect("it has ended").success(), "{said:?}");
    assert!(said.contains(&format!("{DOCUMENTS}  sent")), "{said:?}");
    println!("{DOCUMENTS} documents with {peak} KiB at most");
    // The program itself with its TLS roots, and a page of the listing; not the documents.
    assert!((1..64 * 1024).contains(&peak), "{peak} KiB");

    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for message in aws.sqs().peek(&queue) {
        *seen.entry(message["Body"].as_str().expect("a body").to_owned()).or_default() += 1;
    }
    assert_eq!(seen.len(), DOCUMENTS);
    assert!(seen.values().all(|count| *count == 1));
}

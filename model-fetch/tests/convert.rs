//! Weights that PyTorch pickled, as it does now and as it did before 1.6: read as data, converted, pinned by both hashes.

mod support;

use std::{fs, io::Write, path::Path};

use safetensors::SafeTensors;
use support::{Model, Reply, Request, Server, World, put, sha256};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const ADD: [&str; 6] = ["add", "folder:source", "--name", "small", "--out", "out"];

fn pickled(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/pickled").join(name);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A folder `source` with these weights in a pickle.
fn world(weights: &[u8]) -> World {
    let world = World::new("");
    let source = world.path().join("source");
    put(&Model::new(), &source);
    fs::remove_file(source.join("model.safetensors")).unwrap();
    fs::write(source.join("pytorch_model.bin"), weights).unwrap();
    world
}

fn converted(world: &World) -> Vec<u8> {
    let folder = world.out().join("small");
    assert!(!folder.join("pytorch_model.bin").exists());
    fs::read(folder.join("model.safetensors")).unwrap()
}

#[test]
fn every_kind_of_tensor_is_converted_as_safetensors_itself_writes_it() {
    let expected = pickled("odd.safetensors");
    let expected = SafeTensors::deserialize(&expected).unwrap();
    let mut written = Vec::new();
    for name in ["odd.bin", "odd_legacy.bin"] {
        let world = world(&pickled(name));
        world.run(&ADD).succeeded();
        let found = converted(&world);
        let found_tensors = SafeTensors::deserialize(&found).unwrap();
        assert_eq!(found_tensors.len(), expected.len());
        for (name, tensor) in expected.tensors() {
            let found = found_tensors.tensor(&name).unwrap();
            assert_eq!((found.dtype(), found.shape()), (tensor.dtype(), tensor.shape()), "{name}");
            assert_eq!(found.data(), tensor.data(), "{name}");
        }
        written.push(found);
    }
    // What is pinned must come out again, whenever it is made.
    assert_eq!(written[0], written[1]);
    assert_eq!(sha256(&written[0]), "2f71fe39ec46f09568604aeab0bf62398273b37859d9a15950df55e5986e2784");
}

#[test]
fn a_converted_model_computes_what_pytorch_did() {
    for weights in ["electra.bin", "electra_legacy.bin"] {
        let world = world(&pickled(weights));
        let electra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/models/electra_sequence");
        for name in ["config.json", "tokenizer.json", "parity.json"] {
            fs::copy(electra.join(name), world.path().join("source").join(name)).unwrap();
        }
        world.run(&ADD).succeeded();
        let out = world.run(&["check", "out/small"]).succeeded().out;
        assert!(out.contains("texts: greatest difference"), "{out}");
    }
}

#[test]
fn both_hashes_are_pinned_and_both_are_held_to() {
    let weights = pickled("odd.bin");
    let world = world(&weights);
    world.run(&ADD).succeeded();
    let (text, safetensors) = (world.models_text(), converted(&world));
    let line = format!(
        "{{ path = \"model.safetensors\", from = \"pytorch_model.bin\", from-bytes = {}, from-sha256 = \"{}\", \
         bytes = {}, sha256 = \"{}\" }},",
        weights.len(),
        sha256(&weights),
        safetensors.len(),
        sha256(&safetensors)
    );
    assert!(text.contains(&line), "{text}");
    world.run(&["verify", "small", "--dir", "out"]).succeeded();
    fs::remove_dir_all(world.out()).unwrap();
    world.fetch().succeeded();
    assert_eq!(converted(&world), safetensors);
    assert!(world.fetch().succeeded().out.contains("is there already"));

    let fetch = ["fetch", "small", "--out", "out", "--replace"];
    fs::remove_dir_all(world.out()).unwrap();
    fs::write(world.path().join("source/pytorch_model.bin"), pickled("odd_legacy.bin")).unwrap();
    world.run(&fetch).failed(&["small/pytorch_model.bin from folder:source: expected sha256", "found"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);

    fs::write(world.path().join("source/pytorch_model.bin"), &weights).unwrap();
    let other = "0".repeat(64);
    fs::write(world.models(), text.replace(&sha256(&safetensors), &other)).unwrap();
    let expected =
        format!("expected model.safetensors of sha256 {other} to come of it, found {}", sha256(&safetensors));
    world.run(&fetch).failed(&[&expected, "`add --replace`"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
}

#[test]
fn a_hub_that_has_pickled_weights_alone_is_enough_and_its_own_hash_is_held_to() {
    let weights = pickled("odd.bin");
    let info = |hash: &str| {
        let lfs = format!(r#"{{"sha256":"{hash}","size":{}}}"#, weights.len());
        format!(
            r#"{{"sha":"{COMMIT}","cardData":{{"license":"mit"}},"siblings":[{{"rfilename":"config.json"}},
               {{"rfilename":"vocab.json"}},{{"rfilename":"merges.txt"}},
               {{"rfilename":"pytorch_model.bin","size":{},"lfs":{lfs}}}]}}"#,
            weights.len()
        )
    };
    for (info, holds) in [(info(&sha256(&weights)), true), (info(&"0".repeat(64)), false)] {
        let bytes = weights.clone();
        let hub = Server::start(move |request: &Request| match () {
            () if request.path.starts_with("/api/") => Reply::new(200, info.as_bytes()),
            () if request.path.ends_with("pytorch_model.bin") => Reply::file(request, &bytes),
            () if request.path.ends_with("merges.txt") => Reply::new(200, b"#version: 0.2\na b\n"),
            () => Reply::new(200, b"{}"),
        });
        let entry = "[[model]]\nname = \"small\"\nsource = \"hf:org/name\"\nlicence = \"MIT\"\nfiles = [\n    \
                     { path = \"config.json\" },\n    { path = \"vocab.json\" },\n    { path = \"merges.txt\" },\n    \
                     { path = \"model.safetensors\", from = \"pytorch_model.bin\" },\n]\n";
        // Chosen by name, and listed.
        for (models, command) in [
            ("", &["add", "hf:org/name", "--name", "small", "--out", "out"][..]),
            (entry, &["fetch", "small", "--out", "out", "--accept-new-hashes"]),
        ] {
            let world = World::new(models);
            let run = world.run_with(&[("HF_ENDPOINT", &*hub.url(""))], command);
            if !holds {
                run.failed(&["small/pytorch_model.bin", "expected sha256 000000"]);
                assert_eq!(world.left_behind(), [] as [&str; 0]);
                continue;
            }
            run.succeeded();
            assert_eq!(world.left_behind(), ["small"]);
            let text = world.models_text();
            assert!(text.contains(&format!("from-sha256 = \"{}\"", sha256(&weights))), "{text}");
            assert!(text.contains(&sha256(&converted(&world))), "{text}");
        }
    }
}

#[test]
fn what_is_no_pickled_weights_leaves_nothing_behind() {
    let whole = pickled("odd.bin");
    let deep = [&b"\x80\x02)"[..], &[0x85; 100_000], b"."].concat();
    // Each pair has the one before it twice.
    let mut bomb = b"\x80\x02X\x01\x00\x00\x00aq\x00".to_vec();
    for i in 0..60 {
        bomb.extend([b'h', i, b'h', i, 0x86, b'q', i + 1]);
    }
    bomb.push(b'.');
    // Thirty megabytes of nothing, packed into thirty kilobytes.
    let mut packed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let method =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    packed.start_file("a/data.pkl", method).unwrap();
    packed.write_all(&[&b"\x80\x02]("[..], &vec![b'N'; 30 << 20], b"e."].concat()).unwrap();
    let packed = packed.finish().unwrap().into_inner();
    let escape = b"\x80\x02cos\x1b[31m\nred\x07\n.";
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    for (weights, said) in [
        (&whole[..whole.len() / 2], "can't be converted to safetensors"),
        (&pickled("odd_legacy.bin")[..900], "can't be converted to safetensors"),
        (b"dear", "can't be converted to safetensors"),
        (&deep, "can't be converted to safetensors"),
        (&bomb, "can't be converted to safetensors"),
        (b"\x80\x02}.", "has no tensors by name"),
        (pointer, "git lfs pull"),
        (&packed, "its archive is packed"),
        (escape, "can't be converted to safetensors"),
    ] {
        let world = world(weights);
        let run = world.run(&ADD).failed(&["small/pytorch_model.bin from folder:source: ", said]);
        assert!(!run.err.contains(['\x1b', '\x07']), "{run:?}");
        assert_eq!(world.left_behind(), [] as [&str; 0]);
        assert_eq!(world.models_text(), "");
    }
}

#[test]
fn a_tensor_that_stands_for_more_than_may_come_is_not_written() {
    // 2 MiB of a single number.
    let world = world(&pickled("expanded.bin"));
    let most = [&ADD[..], &["--max-mib", "1"]].concat();
    world.run(&most).failed(&["its tensors would have 2097152 bytes; --max-mib leaves "]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
    assert_eq!(world.models_text(), "");
    world.run(&ADD).succeeded();
    let all = converted(&world);
    let tensor = SafeTensors::deserialize(&all).unwrap().tensor("w").unwrap().data().len();
    assert_eq!(tensor, 2 << 20);
}

#[test]
fn a_file_named_by_hand_is_converted_and_what_is_not_converted_has_no_original() {
    let world = world(&pickled("odd.bin"));
    let source = world.path().join("source");
    fs::rename(source.join("pytorch_model.bin"), source.join("weights.pt")).unwrap();
    let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", "weights.pt"];
    world.run(&[&ADD[..], &files].concat()).succeeded();
    assert!(world.models_text().contains("from = \"weights.pt\""));
    fs::copy(source.join("weights.pt"), source.join("optimizer.pt")).unwrap();
    let two = [&files[..], &["--file", "optimizer.pt", "--replace"]].concat();
    world
        .run(&[&ADD[..], &two].concat())
        .failed(&["folder:source: weights.pt and optimizer.pt would both be model.safetensors"]);
    let odd = "[[model]]\nname = \"a\"\nsource = \"folder:a\"\nlicence = \"MIT\"\nfiles = [{ path = \"config.json\", from-bytes = 1 }]\n";
    fs::write(world.models(), odd).unwrap();
    world.run(&["list"]).failed(&["model `a`: `config.json` is not converted"]);
}

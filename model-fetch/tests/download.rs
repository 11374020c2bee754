//! Files over a line that breaks, from servers that lie: whatever happens, a folder is a model or is not there.

mod support;

use std::{
    fs::{self, File},
    io::Read,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::pty;
use support::{Model, Reply, Request, Run, Server, World, finish, sha256};

const WEIGHTS: &str = "model.safetensors";

/// A server that gives the model well, but its weights as `weights` says; and a world whose entry names it.
fn setup(weights: impl Fn(&Request, &[u8]) -> Reply + Send + Sync + 'static) -> (Model, Server, World) {
    let model = Model::new();
    let served = Model::new();
    let server = Server::start(move |request| match request.path.ends_with(WEIGHTS) {
        true => weights(request, served.bytes(WEIGHTS)),
        false => served.serve(request),
    });
    let world = World::new(&model.entry(&server.url("/m/")));
    (model, server, world)
}

#[test]
fn a_model_is_fetched_once() {
    let (model, server, world) = setup(Reply::file);
    world.fetch().succeeded();
    world.assert_installed(&model);
    let again = world.fetch().succeeded();
    assert!(again.out.contains("is there already"), "{again:?}");
    assert_eq!(server.asked(WEIGHTS).len(), 1);
    world.run(&["verify", "--dir", "out"]).succeeded();
}

#[test]
fn a_broken_download_goes_on_where_it_broke() {
    let (model, server, world) = setup(|request, bytes| match request.nth {
        0 => Reply::file(request, bytes).cut_after(400_000),
        1 => Reply::file(request, bytes).cut_after(300_000),
        _ => Reply::file(request, bytes),
    });
    world.fetch().succeeded();
    world.assert_installed(&model);
    let asked = server.asked(WEIGHTS);
    assert_eq!(asked.iter().map(Request::from).collect::<Vec<_>>(), [None, Some(400_000), Some(700_000)]);
    assert!(asked[1].header("if-range").is_some());
}

#[test]
fn a_server_that_ignores_ranges_is_read_anew() {
    let (model, server, world) = setup(|request, bytes| {
        let whole = Reply::new(200, bytes).with("etag", "\"x\"");
        if request.nth == 0 { whole.cut_after(400_000) } else { whole }
    });
    world.fetch().succeeded();
    world.assert_installed(&model);
    assert_eq!(server.asked(WEIGHTS).len(), 2);
}

#[test]
fn a_server_without_validators_is_read_anew() {
    let (model, server, world) = setup(|request, bytes| {
        let whole = Reply::new(200, bytes);
        if request.nth == 0 { whole.cut_after(400_000) } else { whole }
    });
    world.fetch().succeeded();
    world.assert_installed(&model);
    assert_eq!(server.asked(WEIGHTS)[1].from(), None);
}

#[test]
fn a_file_that_changed_meanwhile_is_read_anew() {
    let (model, _server, world) = setup(|request, bytes| match request.nth {
        0 => Reply::new(200, &vec![7; 1_000_000]).with("etag", "\"old\"").cut_after(400_000),
        _ => Reply::file(request, bytes),
    });
    world.fetch().succeeded();
    world.assert_installed(&model);
}

#[test]
fn another_range_or_another_file_than_asked_is_not_glued_on() {
    for other in [("bytes 5-1199999/1200000", "\"x\""), ("bytes 400000-1199999/1200000", "\"y\"")] {
        let (model, _server, world) = setup(move |request, bytes| match request.nth {
            0 => Reply::new(200, bytes).with("etag", "\"x\"").cut_after(400_000),
            1 => Reply::new(206, &bytes[400_000..]).with("content-range", other.0).with("etag", other.1),
            _ => Reply::new(200, bytes),
        });
        world.fetch().succeeded();
        world.assert_installed(&model);
    }
}

#[test]
fn what_broke_off_for_good_stays_for_the_next_fetch_and_is_no_model() {
    let whole = Arc::new(AtomicBool::new(false));
    let flag = whole.clone();
    let (model, server, world) =
        setup(move |request, bytes| match (flag.load(Ordering::SeqCst), request.nth) {
            (true, _) => Reply::file(request, bytes),
            (false, 0) => Reply::file(request, bytes).cut_after(500_000),
            (false, _) => Reply::status(503),
        });
    world.run(&["fetch", "small", "--out", "out", "--retries", "2"]).failed(&["503", "500000 bytes", "kept"]);
    assert_eq!(world.left_behind(), [".small.partial"]);
    world.run(&["verify", "small", "--dir", "out"]).failed(&["is missing"]);

    whole.store(true, Ordering::SeqCst);
    world.fetch().succeeded();
    world.assert_installed(&model);
    assert_eq!(server.asked(WEIGHTS).last().unwrap().from(), Some(500_000));
    assert_eq!(server.asked("config.json").len(), 1, "what is whole already is not fetched again");
}

#[test]
fn what_broke_off_is_promised_to_stay_only_where_it_does() {
    let (_model, server, world) = setup(|request, bytes| Reply::file(request, bytes).cut_after(500_000));
    fs::write(world.models(), "").unwrap();
    let url = server.url("/m/");
    let add = ["add", &url, "--name", "small", "--file", "config.json", "--file", WEIGHTS, "--retries", "0"];
    let gone = world.run(&add).failed(&["the 500000 bytes that came are gone", "--out DIR would keep them"]);
    assert!(!gone.err.contains("goes on"), "{gone:?}");
    world.run(&[&add[..], &["--out", "out"]].concat()).failed(&["500000 bytes of it are kept", "goes on"]);
    world.run(&[&add[..], &["--out", "out"]].concat()).failed(&["kept"]);
    assert_eq!(server.asked(WEIGHTS).last().unwrap().from(), Some(500_000));
}

#[test]
fn a_part_that_was_damaged_meanwhile_is_thrown_away() {
    let (model, _server, world) = setup(|request, bytes| match request.nth {
        0 => Reply::file(request, bytes).cut_after(500_000),
        _ => Reply::file(request, bytes),
    });
    world.run(&["fetch", "small", "--out", "out", "--retries", "0"]).failed(&["kept", "gave up after 1 try"]);
    let parts = world.out().join(".small.partial/parts");
    let part = fs::read_dir(parts).unwrap().map(|entry| entry.unwrap().path());
    let part = part.into_iter().find(|path| path.extension().is_some_and(|e| e == "part")).unwrap();
    let mut bytes = fs::read(&part).unwrap();
    bytes[1000] ^= 1;
    fs::write(&part, bytes).unwrap();
    world.fetch().succeeded();
    world.assert_installed(&model);
}

#[test]
fn a_killed_fetch_leaves_no_model_and_the_next_goes_on() {
    let (model, server, world) = setup(|request, bytes| match request.nth {
        0 => Reply { stall: Some(Duration::from_secs(20)), ..Reply::file(request, bytes).cut_after(500_000) },
        _ => Reply::file(request, bytes),
    });
    let mut child = world.command(&["fetch", "small", "--out", "out"]).spawn().unwrap();
    let part = || {
        let entries = fs::read_dir(world.out().join(".small.partial/parts")).ok()?;
        let lengths = entries.map(|entry| entry.unwrap().metadata().unwrap().len());
        lengths.max().filter(|most| *most == 500_000)
    };
    let begun = Instant::now();
    while part().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", world.left_behind());
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!world.out().join("small").exists());

    world.fetch().succeeded();
    world.assert_installed(&model);
    assert_eq!(server.asked(WEIGHTS).last().unwrap().from(), Some(500_000));
}

#[test]
fn wrong_bytes_are_named_and_nothing_of_them_stays() {
    let (model, _server, world) = setup(|_, bytes| {
        let mut wrong = bytes.to_vec();
        wrong[77] ^= 1;
        Reply::new(200, &wrong)
    });
    let mut wrong = model.bytes(WEIGHTS).to_vec();
    wrong[77] ^= 1;
    let (expected, found) = (sha256(model.bytes(WEIGHTS)), sha256(&wrong));
    world.fetch().failed(&[WEIGHTS, &format!("expected sha256 {expected}"), &format!("found {found}")]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
}

#[test]
fn a_length_that_is_too_short_does_not_pass_for_the_file() {
    let (_model, _server, world) =
        setup(|_, bytes| Reply { announced: Some(1000), ..Reply::new(200, bytes) });
    world.fetch().failed(&["expected sha256", "(1000 bytes)"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
}

#[test]
fn a_length_that_is_never_reached_ends_after_the_tries_that_are_allowed() {
    let (_model, server, world) =
        setup(|_, bytes| Reply { announced: Some(2_000_000), ..Reply::new(200, &bytes[..1000]) });
    world
        .run(&["fetch", "small", "--out", "out", "--retries", "2"])
        .failed(&["broke off after 1000 of 2000000 bytes", "3 tries"]);
    assert_eq!(server.asked(WEIGHTS).len(), 3);
    assert!(!world.out().join("small").exists());
}

#[test]
fn a_busy_server_is_asked_again_and_a_missing_file_is_not() {
    let (model, server, world) = setup(|request, bytes| match request.nth {
        0 => Reply::status(429).with("retry-after", "0"),
        1 => Reply::status(503),
        2 => Reply::status(500),
        _ => Reply::file(request, bytes),
    });
    world.fetch().succeeded();
    world.assert_installed(&model);
    assert_eq!(server.asked(WEIGHTS).len(), 4);

    let (_model, server, world) = setup(|_, _| Reply::status(404));
    world.fetch().failed(&["404", WEIGHTS, "check its name and revision"]);
    assert_eq!(server.asked(WEIGHTS).len(), 1);
}

#[test]
fn a_silent_server_is_left_and_asked_again() {
    let (model, _server, world) = setup(|request, bytes| match request.nth {
        0 => Reply { stall: Some(Duration::from_secs(20)), ..Reply::file(request, bytes).cut_after(500_000) },
        _ => Reply::file(request, bytes),
    });
    let begun = Instant::now();
    world.run(&["fetch", "small", "--out", "out", "--idle-seconds", "1"]).succeeded();
    world.assert_installed(&model);
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_proxys_page_is_not_taken_for_a_file() {
    let page = b"\n<!DOCTYPE html><title>Please log in</title>";
    let labelled =
        |_: &Request, _: &[u8]| Reply::new(200, page).with("content-type", "text/html; charset=utf-8");
    let disguised =
        |_: &Request, _: &[u8]| Reply::new(200, page).with("content-type", "application/octet-stream");
    let check = |run: Run| run.failed(&["a web page came instead of the file", "HTTPS_PROXY"]);
    let (_model, _server, world) = setup(labelled);
    check(world.fetch());
    let (_model, _server, world) = setup(disguised);
    check(world.fetch());
    assert!(!world.out().join("small").exists());
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let store = Model::new();
    let store = Server::start(move |request| store.serve(request));
    let to = store.url("/blob/model.safetensors?signature=secret");
    let (model, _server, world) = setup(move |request, _| match request.path.starts_with("/m/") {
        true => Reply::redirect("/elsewhere/model.safetensors"),
        false => Reply::redirect(&to),
    });
    world.fetch().succeeded();
    world.assert_installed(&model);

    let (_model, _server, world) = setup(|_, _| Reply::redirect("/m/model.safetensors"));
    world.fetch().failed(&["redirects more than 10 times"]);
    let (_model, _server, world) = setup(|_, _| Reply::redirect("file:///etc/passwd"));
    world.fetch().failed(&["redirects to no address"]);
}

#[test]
fn what_is_larger_than_allowed_is_not_taken() {
    let (_model, _server, world) = setup(Reply::file);
    world
        .run(&["fetch", "small", "--out", "out", "--max-mib", "1"])
        .failed(&["1200000 bytes or more", "--max-mib"]);
    // Without a length it is seen on the way.
    let (_model, _server, world) = setup(|_, bytes| Reply { announced: None, ..Reply::new(200, bytes) });
    world.run(&["fetch", "small", "--out", "out", "--max-mib", "1"]).failed(&["--max-mib"]);
    assert!(!world.out().join("small").exists());
}

#[test]
fn two_at_once_download_once() {
    let (model, server, world) = setup(|request, bytes| {
        thread::sleep(Duration::from_millis(200));
        Reply::file(request, bytes)
    });
    let children: Vec<_> =
        (0..3).map(|_| world.command(&["fetch", "small", "--out", "out"]).spawn().unwrap()).collect();
    for child in children {
        finish(child).succeeded();
    }
    world.assert_installed(&model);
    assert_eq!(server.asked(WEIGHTS).len(), 1);
}

#[test]
fn a_folder_that_differs_is_replaced_only_when_asked() {
    let (model, _server, world) = setup(Reply::file);
    let folder = world.out().join("small");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.json"), "mine").unwrap();
    world.fetch().failed(&["config.json: expected sha256", "--replace"]);
    assert_eq!(fs::read(folder.join("config.json")).unwrap(), b"mine");

    world.run(&["fetch", "small", "--out", "out", "--replace"]).succeeded();
    world.assert_installed(&model);
}

#[test]
fn a_failed_replacement_leaves_the_old_model_as_it_was() {
    let (_model, _server, world) = setup(|_, _| Reply::status(404));
    let folder = world.out().join("small");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.json"), "mine").unwrap();
    world.run(&["fetch", "small", "--out", "out", "--replace"]).failed(&["404"]);
    assert_eq!(fs::read(folder.join("config.json")).unwrap(), b"mine");
}

/// As it is left by a process that ended between the two renames of a replacement.
fn half_replaced(world: &World) {
    let aside = world.out().join(".small.old");
    fs::create_dir_all(&aside).unwrap();
    fs::write(aside.join("config.json"), "mine").unwrap();
}

#[test]
fn a_model_lost_between_the_two_steps_of_its_replacement_is_back_even_where_the_new_one_does_not_come() {
    let (_model, _server, world) = setup(|_, _| Reply::status(404));
    half_replaced(&world);
    world.fetch().failed(&["404"]);
    assert_eq!(fs::read(world.out().join("small/config.json")).unwrap(), b"mine");
    assert!(!world.left_behind().contains(&".small.old".to_owned()), "{:?}", world.left_behind());
}

#[test]
fn what_was_left_of_a_replacement_goes_with_the_next_that_succeeds() {
    for there_too in [false, true] {
        let (model, _server, world) = setup(Reply::file);
        half_replaced(&world);
        if there_too {
            fs::create_dir(world.out().join("small")).unwrap();
        }
        world.run(&["fetch", "small", "--out", "out", "--replace"]).succeeded();
        world.assert_installed(&model);
    }
}

#[test]
fn a_terminal_shows_a_bar_and_a_log_has_none() {
    let (_model, _server, world) = setup(|request, bytes| {
        thread::sleep(Duration::from_millis(1500)); // The bar is drawn five times a second.
        Reply::file(request, bytes)
    });
    let quiet = world.command(&["fetch", "small", "--out", "out"]);
    let mut loud = Command::new(quiet.get_program());
    loud.args(quiet.get_args().filter(|it| *it != "--quiet")).current_dir(world.path()).env_clear();
    loud.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let logged = finish(loud.spawn().unwrap()).succeeded();
    assert!(!logged.err.contains(['█', '░']), "{logged:?}");

    fs::remove_dir_all(world.out()).unwrap();
    let (mut screen, terminal) = terminal();
    let done = loud.stdout(Stdio::null()).stderr(terminal).status().unwrap();
    drop(loud); // and with it the last that could write to the terminal
    assert!(done.success());
    let mut shown = Vec::new();
    // Its end: Linux says EIO, others nothing.
    let _ = screen.read_to_end(&mut shown);
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains(WEIGHTS) && shown.contains("left"), "{shown:?}");
    let before_the_first_byte = shown.split("0 B").next().unwrap();
    assert!(!before_the_first_byte.contains('█'), "{shown:?}");
}

/// A terminal: what is written to the second can be read from the first.
fn terminal() -> (File, Stdio) {
    let ours = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&ours).unwrap();
    pty::unlockpt(&ours).unwrap();
    let name = pty::ptsname(&ours, Vec::new()).unwrap();
    let theirs = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (File::from(ours), Stdio::from(theirs))
}

#[test]
fn a_file_in_the_place_of_the_models_folder_is_named_and_left_alone() {
    let (_model, server, world) = setup(Reply::file);
    let place = world.out().join("small");
    fs::create_dir(world.out()).unwrap();
    fs::write(&place, "mine").unwrap();
    let url = server.url("/m/");
    let add = ["add", &url, "--name", "small", "--file", "config.json", "--out", "out", "--replace"];
    for arguments in
        [&["fetch", "small", "--out", "out"][..], &["fetch", "small", "--out", "out", "--replace"], &add]
    {
        world.run(arguments).failed(&["out/small: a file is in the place of the model's folder", "move it"]);
        assert_eq!(fs::read(&place).unwrap(), b"mine");
    }
    fs::remove_file(&place).unwrap();
    std::os::unix::fs::symlink("nowhere", &place).unwrap();
    world.fetch().failed(&["out/small: a link that leads nowhere is in the place"]);
    assert!(place.is_symlink());
}

/// A server without ranges whose connection breaks now early, now late: each late end is far beyond the early one, and no
/// progress.
#[test]
fn a_download_that_comes_no_further_than_before_is_given_up() {
    let (_model, server, world) = setup(|request, bytes| {
        let twice = [bytes, bytes].concat();
        let cut = if request.nth % 2 == 0 { 2_000_000 } else { 300_000 };
        Reply::new(200, &twice).cut_after(cut)
    });
    world.run(&["fetch", "small", "--out", "out", "--retries", "2"]).failed(&["gave up after 3 tries"]);
    assert!(server.asked(WEIGHTS).len() <= 4, "{}", server.asked(WEIGHTS).len());
}

#[test]
fn a_length_that_is_another_on_going_on_is_another_file() {
    for range in ["bytes 400000-400099/400100", "bytes 400000-400099/*"] {
        let served = Model::new();
        let server = Server::start(move |request| match (request.path.ends_with(WEIGHTS), request.nth) {
            (true, 0) => Reply::file(request, served.bytes(WEIGHTS)).cut_after(400_000),
            (true, 1) => {
                let etag = format!("\"{}\"", &sha256(served.bytes(WEIGHTS))[..16]);
                let part = &served.bytes(WEIGHTS)[400_000..400_100];
                Reply::new(206, part).with("content-range", range).with("etag", &etag)
            }
            _ => served.serve(request),
        });
        let world = World::new("");
        let url = server.url("/m/");
        let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", WEIGHTS];
        world.run(&[&["add", &*url, "--name", "small", "--out", "out"][..], &files].concat()).succeeded();
        world.assert_installed(&Model::new());
    }
}

#[test]
fn a_server_can_not_ask_for_tries_without_a_pause() {
    let (_model, server, world) = setup(|_, _| Reply::status(503).with("retry-after", "0"));
    let begun = Instant::now();
    let mut fetch = world.command(&["--models", "models.toml", "fetch", "small", "--out", "out", "--quiet"]);
    fetch.args(["--retries", "3", "--retry-pause-ms", "100"]);
    finish(fetch.spawn().unwrap()).failed(&["gave up after 4 tries"]);
    assert_eq!(server.asked(WEIGHTS).len(), 4);
    assert!(begun.elapsed() >= Duration::from_millis(100 + 200 + 400));
}

#[test]
fn an_add_that_is_ended_leaves_nothing_where_temporary_things_are() {
    for (signal, status) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let (_model, server, world) = setup(|request, bytes| Reply {
            stall: Some(Duration::from_secs(20)),
            ..Reply::file(request, bytes).cut_after(500_000)
        });
        let temporary = world.path().join("tmp");
        fs::create_dir(&temporary).unwrap();
        let url = server.url("/m/");
        let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", WEIGHTS];
        let add = [&["add", &*url, "--name", "other"][..], &files].concat();
        let mut adding = world.command(&add).env("TMPDIR", &temporary).spawn().unwrap();
        while server.asked(WEIGHTS).is_empty() {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 1);
        let kill = Command::new("kill").args(["-s", signal, &adding.id().to_string()]).status().unwrap();
        assert!(kill.success());
        assert_eq!(adding.wait().unwrap().code(), Some(status));
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    }
}

/// As `nohup` and scripts have it.
#[test]
fn a_signal_that_an_add_is_to_ignore_does_not_end_it() {
    let (_model, server, world) = setup(|request, bytes| Reply {
        stall: Some(Duration::from_millis(1500)),
        ..Reply::file(request, bytes)
    });
    let adding = format!(
        "trap '' INT HUP; exec \"$0\" add {} --name other --file config.json --file tokenizer.json --file {WEIGHTS} --quiet",
        server.url("/m/")
    );
    let program = env!("CARGO_BIN_EXE_model-fetch");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &adding, program])
        .current_dir(world.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let adding = shell.spawn().unwrap();
    while server.asked(WEIGHTS).is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    for signal in ["INT", "HUP"] {
        assert!(
            Command::new("kill").args(["-s", signal, &adding.id().to_string()]).status().unwrap().success()
        );
    }
    finish(adding).succeeded();
    assert!(world.models_text().contains("name = \"other\""));
}

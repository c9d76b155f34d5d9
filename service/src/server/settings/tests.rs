//! The example against the defaults; the environment; refusals.

use super::*;

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Settings, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("privity.toml");
    std::fs::write(&file, text).unwrap();
    let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings::load(Some(&file), Path::new("/home"), environment)
}

#[test]
fn the_example_has_every_key_with_its_default_and_a_comment() {
    let example: Table = toml::from_str(EXAMPLE).unwrap();
    assert_eq!(example, Table::try_from(Settings::default()).unwrap());
    let lines: Vec<&str> = EXAMPLE.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ")) {
        assert!(pair[0].starts_with("# "), "no comment above `{}`", pair[1]);
    }
    assert_eq!(load(EXAMPLE, &[]).unwrap(), Settings { home: "/home".into(), ..Settings::default() });
}

#[test]
fn the_environment_overrides_the_file() {
    let settings = load(
        "[http]\nlisten = \"127.0.0.1:1\"",
        &[
            ("PRIVITY_HTTP__LISTEN", "127.0.0.1:2"),
            ("PRIVITY_NODE__SIGN", "false"),
            ("PRIVITY_LIMITS__BURST", "7"),
            ("PRIVITY_HOME", "elsewhere"),
            ("OTHER__KEY", "1"),
        ],
    )
    .unwrap();
    assert_eq!((settings.http.listen.as_str(), settings.node.sign, settings.limits.burst), ("127.0.0.1:2", false, 7));
    assert_eq!(settings.path("a"), Path::new("/home/a"));
    assert_eq!(settings.path("/a"), Path::new("/a"));
}

#[test]
fn what_does_not_fit_is_named() {
    for (text, named) in [
        ("[http]\nlitsen = \"\"", "litsen"),
        ("[http]\nworkers = \"2\"", "workers"),
        ("[tls]\ncertificate = \"a.pem\"", "tls.key"),
        ("[http]\nbody_bytes = 1", "body_bytes"),
        ("[http]\norigins = [\"*\"]", "origins"),
        ("[http]\norigins = [\"https://erp.example/path\"]", "origins"),
        ("[follow]\nurl = \"http://a\"", "follow"),
        ("nonsense", "nonsense"),
    ] {
        let failure = load(text, &[]).unwrap_err();
        assert_eq!(failure.code, Code::Input);
        assert!(failure.what.contains(named), "{named}: {failure}");
    }
    assert!(load("", &[("PRIVITY_HTTP__NOBODY", "1")]).unwrap_err().what.contains("nobody"));
}

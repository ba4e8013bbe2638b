//! `vql completions`.

use crate::harness::Place;

#[test]
fn every_shell_gets_a_script_that_names_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Place::new().vql(["completions", shell]);
        assert_eq!(run.code, 0, "{run}");
        for word in ["repl", "migrate", "fmt", "keep-going"] {
            assert!(run.out.contains(word), "{shell}: {word}");
        }
    }
}

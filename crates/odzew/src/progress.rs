//! Shows what a long command is doing: a spinner on a terminal, plain lines elsewhere.
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Numbered steps of a command.
pub(crate) struct Steps {
    total: usize,
    at: usize,
    spinner: Option<ProgressBar>,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let spinner = ProgressBar::new_spinner();
            spinner.enable_steady_tick(Duration::from_millis(100));
            spinner
        });
        Self { total, at: 0, spinner }
    }

    /// Begins the next step.
    pub(crate) fn next(&mut self, what: &str) {
        self.at += 1;
        self.say(&format!("[{}/{}] {what}", self.at, self.total));
    }

    /// Says something between the steps.
    #[expect(clippy::print_stderr, reason = "progress goes to the terminal, results to stdout")]
    pub(crate) fn say(&self, what: &str) {
        match &self.spinner {
            Some(spinner) if !spinner.is_finished() => {
                if !spinner.message().is_empty() {
                    spinner.println(format!("  {}", spinner.message()));
                }
                spinner.set_message(what.to_owned());
            }
            _ => eprintln!("{what}"),
        }
    }

    /// The last step has ended.
    pub(crate) fn done(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.println(format!("  {}", spinner.message()));
            spinner.finish_and_clear();
        }
    }
}

/// A bar over a known amount of work; plain lines every tenth where there is no terminal.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
    what: &'static str,
    total: u64,
    done: u64,
}

impl Bar {
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total).with_style(style).with_message(what)
        });
        Self { bar, what, total, done: 0 }
    }

    /// One more unit of work is done.
    #[expect(clippy::print_stderr, reason = "progress goes to the terminal, results to stdout")]
    pub(crate) fn tick(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if self.done.is_multiple_of((self.total / 10).max(1)) => {
                eprintln!("{}: {} of {}", self.what, self.done, self.total);
            }
            None => {}
        }
    }

    /// The work is over.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

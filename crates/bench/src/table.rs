//! Rows of the result: pairs of measurements, their ratios, and how they are printed.
use anyhow::Result;

/// What was measured and the baseline of the same minute, in the same unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) measured: f64,
    pub(crate) baseline: f64,
}

/// Where a ratio should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing was promised; shown because it explains another row.
    None,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: &'static str,
    pub(crate) what: String,
    pub(crate) baseline: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) target: Target,
    pub(crate) pairs: Vec<Pair>,
}

/// Takes both measurements in turn; every second time the baseline goes first, so that a
/// machine that gets slower or faster favours nobody.
pub(crate) async fn alternate(
    times: usize,
    mut measured: impl AsyncFnMut() -> Result<f64>,
    mut baseline: impl AsyncFnMut() -> Result<f64>,
) -> Result<Vec<Pair>> {
    let mut pairs = Vec::with_capacity(times);
    for time in 0..times {
        let pair = if time % 2 == 0 {
            let measured = measured().await?;
            Pair { measured, baseline: baseline().await? }
        } else {
            let baseline = baseline().await?;
            Pair { measured: measured().await?, baseline }
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

/// The middle one; of an even number, the lower middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

impl Row {
    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.pairs.iter().map(|pair| pair.measured / pair.baseline)
    }

    /// Median of the measured values.
    pub(crate) fn measured(&self) -> f64 {
        median(self.pairs.iter().map(|pair| pair.measured))
    }

    fn cells(&self) -> [String; 8] {
        let ratio = median(self.ratios());
        let least = self.ratios().fold(f64::INFINITY, f64::min);
        let most = self.ratios().fold(0.0, f64::max);
        let baseline = median(self.pairs.iter().map(|pair| pair.baseline));
        let (target, met) = match self.target {
            Target::AtLeast(limit) => (format!(">= {limit}"), Some(ratio >= limit)),
            Target::AtMost(limit) => (format!("<= {limit}"), Some(ratio <= limit)),
            Target::None => (String::new(), None),
        };
        let verdict = match met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        [
            self.number.to_owned(),
            format!("{} : {}", self.what, self.baseline),
            number(self.measured(), self.unit),
            number(baseline, self.unit),
            format!("{ratio:.2}"),
            target,
            verdict.to_owned(),
            format!("{least:.2}-{most:.2}"),
        ]
    }
}

/// A value with its unit, as a reader wants it.
pub(crate) fn number(value: f64, unit: &str) -> String {
    match value {
        value if value >= 10_000.0 => format!("{:.1}k {unit}", value / 1_000.0),
        value if value >= 100.0 => format!("{value:.0} {unit}"),
        value => format!("{value:.3} {unit}"),
    }
}

const HEAD: [&str; 8] =
    ["#", "what : baseline", "measured", "baseline", "ratio", "target", "verdict", "spread"];

/// Prints all rows as one table under a line about the circumstances.
#[expect(clippy::print_stdout, reason = "the result of the command")]
pub(crate) fn print(circumstances: &str, rows: &[Row]) {
    println!("{circumstances}");
    let cells: Vec<[String; 8]> = rows.iter().map(Row::cells).collect();
    print_cells(&HEAD, &cells);
}

/// Prints rows of cells in aligned columns.
#[expect(clippy::print_stdout, reason = "the result of the command")]
pub(crate) fn print_cells<const N: usize>(head: &[&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: &[&str]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    println!("{}", line(head));
    println!("{}", widths.iter().map(|&width| "-".repeat(width)).collect::<Vec<_>>().join("  "));
    for row in rows {
        println!("{}", line(&row.each_ref().map(String::as_str)));
    }
}

/// Says what is going on, beside the result.
#[expect(clippy::print_stderr, reason = "progress of a command that takes minutes")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(target: Target, pairs: &[(f64, f64)]) -> Row {
        let pairs = pairs.iter().map(|&(measured, baseline)| Pair { measured, baseline });
        Row {
            number: "1",
            what: "ours".to_owned(),
            baseline: "theirs",
            unit: "/s",
            target,
            pairs: pairs.collect(),
        }
    }

    #[test]
    fn the_median_ratio_decides_and_the_spread_is_shown() {
        let row = row(Target::AtLeast(0.4), &[(10.0, 100.0), (45.0, 100.0), (90.0, 100.0)]);
        let cells = row.cells();
        assert_eq!(cells[4], "0.45");
        assert_eq!(cells[6], "met");
        assert_eq!(cells[7], "0.10-0.90");
    }

    #[test]
    fn a_missed_target_is_called_missed() {
        assert_eq!(row(Target::AtMost(1.6), &[(2.0, 1.0)]).cells()[6], "MISSED");
    }
}

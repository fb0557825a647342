//! The one chart of the product, drawn on the server: a line of steps with its interval, or bars, over time.
//! Honest: a stretch without readings is an empty, shaded gap, never a line across; an interval is a band, not its middle.
//!
//! The drawing is an SVG stretched to its place; the words around it are HTML, so they keep their size on a phone.

use super::html::{Html, escape};
use crate::i18n::Locale;
use crate::model::Millis;

/// What was known from a moment on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub at: Millis,
    /// Known to lie between these (fractions of `Chart::max`); `None`: asked, and nothing was told.
    pub interval: Option<(f64, f64)>,
    /// "Something is left": the whole height, without a line.
    pub vague: bool,
}

/// A moment worth a vertical line: a cartridge replaced, a ticket opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub at: Millis,
    pub words: String,
}

/// Level now and the moments it reaches nothing: low, median and high end of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    pub level: (f64, f64, f64),
    pub spent: (Millis, Millis, Millis),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub from: Millis,
    pub now: Millis,
    /// The forecast; the chart goes on to its middle moment, at most half as long as the past.
    pub ahead: Option<Ahead>,
    pub points: Vec<Point>,
    /// Longer than this between two readings, and what lay between is not known.
    pub max_gap_ms: i64,
    /// Value below which it counts as low, drawn dashed.
    pub threshold: Option<f64>,
    pub marks: Vec<Mark>,
    /// The chart in one sentence.
    pub summary: String,
    /// Words of the axis from the top down, evenly spaced.
    pub scale: Vec<String>,
    /// Class of its colour: "colour-cyan", or "".
    pub colour: &'static str,
}

/// Width and height of the drawing's own coordinates.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;
/// Dates under the axis.
const TICKS: i64 = 5;

/// A stretch of one kind: (from, to, what was known).
type Stretch = (i64, i64, Point);

impl Chart {
    fn to(&self) -> Millis {
        let Some(a) = &self.ahead else { return self.now };
        let most = self.now.since(self.from) / 2;
        self.now.plus(a.spent.2.since(self.now).clamp(most / 8, most))
    }

    fn x(&self, at: i64) -> f64 {
        let span = self.to().since(self.from).max(1) as f64;
        ((at - self.from.0) as f64 / span * WIDTH).clamp(0.0, WIDTH)
    }

    /// Each point holds until the next one, unless that came too late; the last one until now, if it is fresh.
    fn stretches(&self) -> (Vec<Stretch>, Vec<(i64, i64)>) {
        let mut known = Vec::new();
        let mut gaps = Vec::new();
        let mut reached = self.from.0;
        for (i, point) in self.points.iter().enumerate() {
            let next = self.points.get(i + 1).map_or(self.now.0, |p| p.at.0);
            let start = point.at.0.max(self.from.0);
            if start > reached {
                gaps.push((reached, start));
            }
            let end = if next - point.at.0 > self.max_gap_ms { start } else { next.max(start) };
            if point.interval.is_some() || point.vague {
                known.push((start, end, *point));
            } else {
                gaps.push((start, end));
            }
            reached = end.max(reached);
        }
        if reached < self.now.0 {
            gaps.push((reached, self.now.0));
        }
        gaps.retain(|(a, b)| b - a > self.now.since(self.from) / 500);
        (known, gaps)
    }

    pub fn svg(&self, l: &Locale) -> Html {
        let (known, gaps) = self.stretches();
        let mut out = String::new();
        for (a, b) in &gaps {
            let (x, end) = (self.x(*a), self.x(*b));
            out.push_str(&format!(
                r#"<rect class="gap" x="{x:.1}" width="{:.1}" height="{HEIGHT}"><title>{}</title></rect>"#,
                end - x,
                escape(&l.t("chart-gap"))
            ));
        }
        out.push_str(&grid_lines(self.scale.len()));
        if let Some(t) = self.threshold {
            let y = y_of(t);
            out.push_str(&format!(r#"<line class="threshold" x1="0" x2="{WIDTH}" y1="{y:.1}" y2="{y:.1}"/>"#));
        }
        out.push_str(&self.cone(l));
        out.push_str(&self.bands(&known));
        out.push_str(&self.line(&known));
        for mark in self.marks.iter().filter(|m| m.at >= self.from && m.at <= self.now) {
            let x = self.x(mark.at.0);
            let words = escape(&format!("{}: {}", l.date_time(mark.at), mark.words));
            out.push_str(&format!(
                r#"<line class="mark" x1="{x:.1}" x2="{x:.1}" y1="0" y2="{HEIGHT}"><title>{words}</title></line>"#
            ));
        }
        self.framed(l, &out)
    }

    /// The forecast: the middle 80 % filled, the median dashed, cut off at the right edge.
    fn cone(&self, l: &Locale) -> String {
        let Some(a) = &self.ahead else { return String::new() };
        let (now, end) = (self.now.0, self.to().0);
        // Where the straight line from the level now to nothing is at the right edge, or on the ground before it.
        let foot = |level: f64, spent: Millis| {
            let spent = spent.0.max(now + 1);
            if spent <= end { (spent, 0.0) } else { (end, level * (1.0 - (end - now) as f64 / (spent - now) as f64)) }
        };
        let at = |(t, level): (i64, f64)| format!("{:.1} {:.1}", self.x(t), y_of(level));
        let (low, mid, high) = (foot(a.level.0, a.spent.0), foot(a.level.1, a.spent.1), foot(a.level.2, a.spent.2));
        let corner =
            if high.0 > low.0 && high.1 > 0.0 && low.1 <= 0.0 { format!("L{}", at((end, 0.0))) } else { String::new() };
        let area = format!("M{}L{}{corner}L{}L{}Z", at((now, a.level.2)), at(high), at(low), at((now, a.level.0)));
        let x = self.x(now);
        format!(
            r#"<g><title>{}</title><path class="ahead" d="{area}"/><path class="ahead-line" d="M{}L{}"/></g><line class="now" x1="{x:.1}" x2="{x:.1}" y1="0" y2="{HEIGHT}"/>"#,
            escape(&l.t("forecast-ahead")),
            at((now, a.level.1)),
            at(mid)
        )
    }

    /// Where an interval is wider than a line: filled between its ends.
    fn bands(&self, known: &[Stretch]) -> String {
        let mut out = String::new();
        for (a, b, point) in known {
            let (low, high) = point.interval.unwrap_or((0.0, 1.0));
            if high - low > 0.005 {
                let (x, top) = (self.x(*a), y_of(high));
                let (width, height) = ((self.x(*b) - x).max(1.0), y_of(low) - top);
                let class = if point.vague { "band vague" } else { "band" };
                out.push_str(&format!(
                    r#"<rect class="{class}" x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}"/>"#
                ));
            }
        }
        out
    }

    /// Steps along the low end, broken where nothing is known.
    fn line(&self, known: &[Stretch]) -> String {
        let mut path = String::new();
        let mut pen: Option<i64> = None;
        for (a, b, point) in known {
            let Some((low, _)) = point.interval.filter(|_| !point.vague) else {
                pen = None;
                continue;
            };
            let (x, end, y) = (self.x(*a), self.x(*b).max(self.x(*a) + 0.5), y_of(low));
            match pen {
                Some(at) if at == *a => path.push_str(&format!("V{y:.1}H{end:.1}")),
                _ => path.push_str(&format!("M{x:.1} {y:.1}H{end:.1}")),
            }
            pen = Some(*b);
        }
        if path.is_empty() { path } else { format!(r#"<path class="line" d="{path}"/>"#) }
    }

    fn framed(&self, l: &Locale, drawing: &str) -> Html {
        figure(l, &self.summary, &self.scale, self.colour, self.from, self.to(), drawing)
    }
}

fn y_of(fraction: f64) -> f64 {
    HEIGHT - fraction.clamp(0.0, 1.0) * HEIGHT
}

fn grid_lines(count: usize) -> String {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count)
        .map(|i| {
            let y = HEIGHT * i as f64 / last;
            format!(r#"<line class="grid" x1="0" x2="{WIDTH}" y1="{y:.1}" y2="{y:.1}"/>"#)
        })
        .collect()
}

fn figure(l: &Locale, summary: &str, scale: &[String], colour: &str, from: Millis, to: Millis, drawing: &str) -> Html {
    let words: String = scale.iter().map(|w| format!("<span>{}</span>", escape(w))).collect();
    let dates: String = (0..TICKS)
        .map(|i| {
            let at = from.plus(to.since(from) / (TICKS - 1) * i);
            format!("<span>{}</span>", escape(&l.date(at)))
        })
        .collect();
    Html(format!(
        r#"<div class="chart {colour}"><div class="chart-y" aria-hidden="true">{words}</div><svg role="img" aria-label="{}" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{drawing}</svg><div class="chart-x" aria-hidden="true">{dates}</div></div>"#,
        escape(summary)
    ))
}

/// Bars of equal width, one a day; `None`: not known, shown as a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Start of each day and its amount.
    pub days: Vec<(Millis, Option<i64>)>,
    pub summary: String,
}

impl Bars {
    pub fn svg(&self, l: &Locale) -> Html {
        let top = nice(self.days.iter().filter_map(|(_, v)| *v).max().unwrap_or(0));
        let step = WIDTH / self.days.len().max(1) as f64;
        let mut out = String::new();
        let mut gap: Option<usize> = None;
        let shade = |from: usize, to: usize, out: &mut String| {
            out.push_str(&format!(
                r#"<rect class="gap" x="{:.1}" width="{:.1}" height="{HEIGHT}"><title>{}</title></rect>"#,
                from as f64 * step,
                (to - from) as f64 * step,
                escape(&l.t("chart-gap"))
            ));
        };
        let mut bars = String::new();
        for (i, (day, value)) in self.days.iter().enumerate() {
            let Some(v) = value else {
                gap.get_or_insert(i);
                continue;
            };
            if let Some(from) = gap.take() {
                shade(from, i, &mut out);
            }
            let height = (*v as f64 / top as f64 * HEIGHT).clamp(0.0, HEIGHT);
            let words = escape(&format!("{}: {}", l.date(*day), l.integer(*v)));
            bars.push_str(&format!(
                r#"<rect class="bar" x="{:.1}" y="{:.1}" width="{:.1}" height="{height:.1}"><title>{words}</title></rect>"#,
                i as f64 * step + step * 0.1,
                HEIGHT - height,
                step * 0.8,
            ));
        }
        if let Some(from) = gap {
            shade(from, self.days.len(), &mut out);
        }
        out.push_str(&grid_lines(3));
        out.push_str(&bars);
        let scale = [l.integer(top), l.integer(top / 2), l.integer(0)];
        let (from, to) = (self.days.first().map_or(Millis(0), |d| d.0), self.days.last().map_or(Millis(0), |d| d.0));
        figure(l, &self.summary, &scale, "", from, to, &out)
    }
}

/// The next even number of 1, 2 or 5 times a power of ten: its half is a round number too.
fn nice(max: i64) -> i64 {
    let mut unit = 10;
    loop {
        for factor in [1, 2, 4] {
            if factor * unit >= max {
                return factor * unit;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    const HOUR: i64 = Millis::HOUR;

    fn known(hour: i64, low: f64, high: f64) -> Point {
        Point { at: Millis(hour * HOUR), interval: Some((low, high)), vague: false }
    }
    fn chart(points: Vec<Point>) -> Chart {
        Chart {
            from: Millis(0),
            now: Millis(100 * HOUR),
            ahead: None,
            points,
            max_gap_ms: 36 * HOUR,
            threshold: Some(0.1),
            marks: Vec::new(),
            summary: "from 80% to 60%".into(),
            scale: vec!["100%".into(), "50%".into(), "0%".into()],
            colour: "",
        }
    }
    fn draw(c: &Chart) -> String {
        c.svg(&Locale::new(Lang::En, "UTC", c.now)).0
    }

    #[test]
    fn steps_hold_until_the_next_reading() {
        let svg = draw(&chart(vec![known(0, 0.8, 0.8), known(30, 0.7, 0.7), known(64, 0.6, 0.6)]));
        assert!(svg.contains(r#"d="M0.0 20.0H300.0V30.0H640.0V40.0H1000.0""#), "{svg}");
        assert!(!svg.contains("class=\"gap\"") && !svg.contains("class=\"band"), "{svg}");
    }

    #[test]
    fn no_line_is_drawn_across_silence() {
        let svg = draw(&chart(vec![known(0, 0.8, 0.8), known(10, 0.8, 0.8), known(80, 0.5, 0.5)]));
        assert!(svg.contains(r#"d="M0.0 20.0H100.0V20.0H100.5M800.0 50.0H1000.0""#), "{svg}");
        assert!(svg.contains(r#"<rect class="gap" x="100.0" width="700.0""#), "{svg}");
        let old = draw(&chart(vec![known(0, 0.8, 0.8)]));
        assert!(old.contains(r#"<rect class="gap" x="0.0" width="1000.0""#), "{old}");
    }

    #[test]
    fn an_interval_is_a_band_and_some_left_has_no_line() {
        let vague = Point { at: Millis(70 * HOUR), interval: Some((0.0, 1.0)), vague: true };
        let svg = draw(&chart(vec![known(40, 0.25, 0.5), vague]));
        assert!(svg.contains(r#"<rect class="band" x="400.0" y="50.0" width="300.0" height="25.0"/>"#), "{svg}");
        assert!(svg.contains(r#"<rect class="band vague" x="700.0" y="0.0" width="300.0" height="100.0"/>"#), "{svg}");
        assert!(svg.contains(r#"d="M400.0 75.0H700.0""#), "{svg}");
    }

    #[test]
    fn the_future_is_a_cone_from_the_level_now_to_nothing() {
        let past = chart(vec![known(0, 0.8, 0.8), known(70, 0.4, 0.4)]);
        let hours = |h: i64| Millis(h * HOUR);
        // Spent between 10 and 50 hours from now: the chart is half as long again.
        let near = Ahead { level: (0.35, 0.4, 0.45), spent: (hours(110), hours(125), hours(150)) };
        let svg = draw(&Chart { ahead: Some(near), ..past.clone() });
        assert!(svg.contains(r#"class="ahead" d="M666.7 55.0L1000.0 100.0L733.3 100.0L666.7 65.0Z""#), "{svg}");
        assert!(svg.contains(r#"class="ahead-line" d="M666.7 60.0L833.3 100.0""#), "{svg}");
        // What lies beyond the right edge is cut there, half way down.
        let far = Ahead { level: (0.4, 0.4, 0.4), spent: (hours(125), hours(200), hours(200)) };
        let svg = draw(&Chart { ahead: Some(far), ..past });
        assert!(svg.contains(r#"d="M666.7 60.0L1000.0 80.0L1000.0 100.0L833.3 100.0L666.7 60.0Z""#), "{svg}");
    }

    #[test]
    fn bars_have_round_scales_and_gaps() {
        assert_eq!([0, 10, 11, 41, 170, 999].map(nice), [10, 10, 20, 100, 200, 1000]);
        let day = |i: i64| Millis(i * Millis::DAY);
        let bars = Bars { days: vec![(day(0), Some(5)), (day(1), None), (day(2), Some(10))], summary: "x".into() };
        let svg = bars.svg(&Locale::new(Lang::En, "UTC", day(3))).0;
        assert_eq!(svg.matches("class=\"bar\"").count(), 2);
        assert_eq!(svg.matches("class=\"gap\"").count(), 1);
    }
}

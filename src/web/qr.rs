//! QR codes as SVG of our own: one path, black on white whatever the theme, with the quiet zone readers ask for.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

use super::html::{Html, escape};

/// Free modules around a code (ISO/IEC 18004).
const QUIET: usize = 4;

/// `label`: what a screen reader says. A text too long for any code gives nothing.
pub fn svg(text: &str, label: &str) -> Html {
    // A quarter of a label may be scratched or dirty.
    let Ok(code) = QRBuilder::new(text).ecl(ECL::Q).build() else { return Html::default() };
    let size = code.size;
    let all = size + 2 * QUIET;
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|x| code[y][*x].value()).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Html(format!(
        r##"<svg class="qr" viewBox="0 0 {all} {all}" role="img" aria-label="{}" shape-rendering="crispEdges"><rect width="{all}" height="{all}" fill="#fff"/><path d="{path}" fill="#000"/></svg>"##,
        escape(label)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_path_and_the_same_each_time() {
        let a = svg("https://anykey.example.org/t/ABCD2345", "code").0;
        assert_eq!(a, svg("https://anykey.example.org/t/ABCD2345", "code").0);
        assert_eq!(a.matches("<path").count(), 1);
        // Finder patterns: seven dark modules at three corners.
        assert!(a.contains("M4 4h7v1h-7z"), "{a}");
        assert_eq!(svg(&"x".repeat(10_000), "").0, "");
    }
}

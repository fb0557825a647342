//! The normal distribution, as far as the forecast needs it. Pure numbers.

/// P(Z <= z) of the standard normal distribution; absolute error below 2e-7.
pub fn cdf(z: f64) -> f64 {
    // Abramowitz and Stegun 7.1.26 on |z|.
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly =
        ((((1.061_405_429 * t - 1.453_152_027) * t + 1.421_413_741) * t - 0.284_496_736) * t + 0.254_829_592) * t;
    let tail = 0.5 * poly * (-x * x).exp();
    if z >= 0.0 { 1.0 - tail } else { tail }
}

/// Density of the standard normal distribution.
pub fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The z with P(Z <= z) = p, `0 < p < 1`; relative error below 1.2e-9 in the middle (Acklam's rational approximation).
pub fn quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    let poly = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, k| sum * x + k);
    if p < 0.024_25 {
        let q = (-2.0 * p.ln()).sqrt();
        poly(&C, q) / (poly(&D, q) * q + 1.0)
    } else if p > 1.0 - 0.024_25 {
        let q = (-2.0 * (1.0 - p).ln()).sqrt();
        -poly(&C, q) / (poly(&D, q) * q + 1.0)
    } else {
        let q = p - 0.5;
        let r = q * q;
        poly(&A, r) * q / (poly(&B, r) * r + 1.0)
    }
}

/// How far the mean moves and how much of the variance stays when a standard normal value is known to be above `a`.
pub fn above(a: f64) -> (f64, f64) {
    let tail = 1.0 - cdf(a);
    if tail < 1e-6 {
        // Far in the tail the rest is nearly exponential beyond `a`.
        return (a + 1.0 / a.max(1.0), 1.0 / (a * a).max(1.0));
    }
    let hazard = density(a) / tail;
    (hazard, (1.0 - hazard * (hazard - a)).clamp(0.01, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for (z, p) in [(0.0, 0.5), (1.281_552, 0.9), (-1.644_854, 0.05), (2.326_348, 0.99)] {
            assert!((cdf(z) - p).abs() < 1e-6, "cdf({z})");
            assert!((quantile(p) - z).abs() < 1e-5, "quantile({p})");
        }
    }

    #[test]
    fn a_half_normal_has_its_moments() {
        let (mean, variance) = above(0.0);
        assert!((mean - 0.797_88).abs() < 1e-3);
        assert!((variance - 0.363_38).abs() < 1e-3);
        assert!(above(9.0).0 > 9.0);
    }
}

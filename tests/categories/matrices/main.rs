fn main() {
    let made = |entry: fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        (0..150).map(|i| (0..150).map(|j| entry(i, j)).collect()).collect()
    };
    let (a, b) = (made(|i, j| (i + j) as f64), made(|i, j| i as f64 - j as f64));
    let product = |i: usize, j: usize| (0..150).map(|k| a[i][k] * b[k][j]).sum::<f64>();
    println!("{} {}", product(0, 0), product(149, 75));
}

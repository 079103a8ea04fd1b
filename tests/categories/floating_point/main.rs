fn main() {
    println!("{} {} {}", 2f64.sqrt(), 1e6f64.sin(), 0.1 + 0.2);
    println!("{} {:e} {} {}", f64::INFINITY, 5e-324f64, 0.1f32, f64::NAN);
    println!("{:.3} {:e}", std::f64::consts::PI, 12345.678);
}

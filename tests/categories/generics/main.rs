trait Shape {
    fn area(&self) -> f64;
}

struct Square(f64);
struct Circle(f64);

impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        self.0 * self.0 * 3.0
    }
}

fn shapes() -> Vec<Box<dyn Shape>> {
    vec![Box::new(Square(2.0)), Box::new(Circle(1.5))]
}

fn largest<T: PartialOrd>(all: &[T]) -> Option<&T> {
    all.iter().reduce(|a, b| if b > a { b } else { a })
}

fn main() {
    println!("{:?} {:?}", largest(&[3, 9, 2]), largest(&["b", "a"]));
    println!("{}", shapes().iter().map(|shape| shape.area()).sum::<f64>());
}

enum Tree {
    Leaf,
    Node(Box<Tree>, u32, Box<Tree>),
}

impl Tree {
    fn insert(&mut self, new: u32) {
        match self {
            Tree::Leaf => *self = Tree::Node(Box::new(Tree::Leaf), new, Box::new(Tree::Leaf)),
            Tree::Node(left, key, _) if new < *key => left.insert(new),
            Tree::Node(_, key, right) if new > *key => right.insert(new),
            Tree::Node(..) => {}
        }
    }

    fn depth(&self) -> u32 {
        match self {
            Tree::Leaf => 0,
            Tree::Node(left, _, right) => 1 + left.depth().max(right.depth()),
        }
    }
}

fn main() {
    let mut tree = Tree::Leaf;
    let mut seed = 1u32;
    for _ in 0..2000 {
        seed = seed.wrapping_mul(1103515245).wrapping_add(12345);
        tree.insert(seed >> 16 & 1023);
    }
    println!("{}", tree.depth());
}

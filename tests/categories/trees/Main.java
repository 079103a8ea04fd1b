public class Main {
    sealed interface Tree permits Node, Leaf { }

    record Leaf() implements Tree { }

    record Node(Tree left, int key, Tree right) implements Tree { }

    static Tree insert(Tree tree, int key) {
        if (!(tree instanceof Node node)) return new Node(tree, key, tree);
        if (key == node.key()) return node;
        return key < node.key()
            ? new Node(insert(node.left(), key), node.key(), node.right())
            : new Node(node.left(), node.key(), insert(node.right(), key));
    }

    static int depth(Tree tree) {
        return tree instanceof Node node ? 1 + Math.max(depth(node.left()), depth(node.right())) : 0;
    }

    public static void main(String[] args) throws Exception {
        Tree tree = new Leaf();
        int seed = 1;
        for (int n = 0; n < 2000; n++) tree = insert(tree, (seed = seed * 1103515245 + 12345) >>> 16 & 1023);
        System.out.println(depth(tree) + " " + new Node(new Leaf(), 5, new Leaf()));
    }
}

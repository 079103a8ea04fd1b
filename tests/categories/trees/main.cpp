#include <algorithm>
#include <iostream>
#include <memory>

struct Node {
    unsigned key;
    std::unique_ptr<Node> left, right;
};

static void insert(std::unique_ptr<Node> &node, unsigned key)
{
    if (!node)
        node = std::unique_ptr<Node>(new Node{key, nullptr, nullptr});
    else if (key != node->key)
        insert(key < node->key ? node->left : node->right, key);
}

static int depth(const std::unique_ptr<Node> &node) { return node ? 1 + std::max(depth(node->left), depth(node->right)) : 0; }

int main()
{
    std::unique_ptr<Node> root;
    unsigned seed = 1;
    for (int n = 0; n < 2000; n++)
        insert(root, (seed = seed * 1103515245 + 12345) >> 16 & 1023);
    std::cout << depth(root) << '\n';
}

#include <stdio.h>
#include <stdlib.h>

struct Node {
    unsigned key;
    struct Node *left, *right;
};

static struct Node *insert(struct Node *node, unsigned key)
{
    if (!node) {
        node = calloc(1, sizeof *node);
        node->key = key;
    } else if (key < node->key) {
        node->left = insert(node->left, key);
    } else if (key > node->key) {
        node->right = insert(node->right, key);
    }
    return node;
}

static int depth(struct Node *node)
{
    int left = node ? depth(node->left) : -1, right = node ? depth(node->right) : -1;
    return 1 + (left > right ? left : right);
}

static int count(struct Node *node) { return node ? 1 + count(node->left) + count(node->right) : 0; }

int main(void)
{
    struct Node *root = NULL;
    for (unsigned n = 1, seed = 1; n <= 2000; n++)
        root = insert(root, (seed = seed * 1103515245 + 12345) >> 16 & 1023);
    printf("%d %d\n", depth(root), count(root));
}

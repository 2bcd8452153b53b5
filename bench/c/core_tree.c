/* C twin of core_tree.mmm: one malloc and one free per node. */
#include <stdlib.h>

#include "bench/c/twin.h"

struct tree {
    int is_node;
    union {
        double leaf;
        struct {
            struct tree *left, *right;
        } node;
    } as;
};

static size_t now;

static struct tree *make(double depth, double first)
{
    struct tree *tree = malloc(sizeof *tree);
    if (tree == NULL)
        abort();
    if (depth > 0.0) {
        double below = depth - 1.0;
        tree->is_node = 1;
        tree->as.node.left = make(below, first * 2.0);
        tree->as.node.right = make(below, first * 2.0 + 1.0);
    } else {
        tree->is_node = 0;
        tree->as.leaf = first;
    }
    return tree;
}

static double sum(const struct tree *tree)
{
    return tree->is_node ? sum(tree->as.node.left) + sum(tree->as.node.right) : tree->as.leaf;
}

static void destroy(struct tree *tree)
{
    if (tree->is_node) {
        destroy(tree->as.node.left);
        destroy(tree->as.node.right);
    }
    free(tree);
}

void twin_run(double *out, size_t frames)
{
    for (size_t i = 0; i < frames; i++, now++) {
        struct tree *tree = make(16.0, (double)(now % 2));
        out[i] = sum(tree);
        destroy(tree);
    }
}

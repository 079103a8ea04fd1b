package main

import "fmt"

type node struct {
	key         uint32
	left, right *node
}

func (n *node) insert(key uint32) *node {
	if n == nil {
		return &node{key: key}
	}
	if key < n.key {
		n.left = n.left.insert(key)
	} else if key > n.key {
		n.right = n.right.insert(key)
	}
	return n
}

func (n *node) depth() int {
	if n == nil {
		return 0
	}
	return 1 + max(n.left.depth(), n.right.depth())
}

func main() {
	var root *node
	seed := uint32(1)
	for range 2000 {
		seed = seed*1103515245 + 12345
		root = root.insert(seed >> 16 & 1023)
	}
	fmt.Println(root.depth())
}

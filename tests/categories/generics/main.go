package main

import (
	"cmp"
	"fmt"
)

func largest[T cmp.Ordered](first T, rest ...T) T {
	for _, one := range rest {
		first = max(first, one)
	}
	return first
}

func apply[A, B any](all []A, change func(A) B) []B {
	var changed []B
	for _, one := range all {
		changed = append(changed, change(one))
	}
	return changed
}

func main() {
	fmt.Println(largest(3, 9, 2), largest("b", "a"))
	fmt.Println(apply([]int{1, 2, 3}, func(n int) string { return fmt.Sprint(n * n) }))
}

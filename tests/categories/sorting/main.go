package main

import (
	"fmt"
	"slices"
	"sort"
)

func main() {
	numbers := make([]uint32, 1000000)
	seed := uint32(1)
	for at := range numbers {
		seed = seed*1664525 + 1013904223
		numbers[at] = seed
	}
	slices.Sort(numbers)
	for at := 0; at < len(numbers); at += 99999 {
		fmt.Println(numbers[at])
	}
	sort.SliceStable(numbers, func(a, b int) bool { return numbers[a]%10 < numbers[b]%10 })
	fmt.Println(numbers[0], numbers[len(numbers)-1])
}

package main

import (
	"fmt"
	"maps"
	"slices"
)

func main() {
	counts := map[string]int{}
	for n := 0; n < 200000; n++ {
		counts[fmt.Sprint("key", n%1009)] += n % 7
	}
	_, known := counts["nobody"]
	fmt.Println(len(counts), counts["key7"], known)
	delete(counts, "key7")
	fmt.Println(len(counts), slices.Sorted(maps.Keys(counts))[:3], map[string]int{"b": 2, "a": 1})
}

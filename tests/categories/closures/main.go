package main

import "fmt"

func main() {
	counters := []func() int{}
	for n := range 3 {
		counters = append(counters, func() int { n += 10; return n })
	}
	for _, counter := range counters {
		fmt.Print(counter(), counter(), " ")
	}
	defer fmt.Println("deferred first, said last")
	for n := range 3 {
		defer func() { fmt.Print(n, " ") }()
	}
}

package main

import (
	"fmt"
	"sync"
)

func main() {
	numbers, sums := make(chan int), make(chan int)
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			sum := 0
			for number := range numbers {
				sum += number
			}
			sums <- sum
		}()
	}
	go func() {
		for n := range 10000 {
			numbers <- n
		}
		close(numbers)
		group.Wait()
		close(sums)
	}()
	total := 0
	for sum := range sums {
		total += sum
	}
	fmt.Println(total)
}

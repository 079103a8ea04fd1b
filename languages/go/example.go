package main

import "fmt"

func main() {
	fmt.Println("Hello, world!")
	sum := 0
	for number := 0; number < 10; number++ {
		sum += number * number
	}
	fmt.Println(sum)
}

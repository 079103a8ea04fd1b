package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	input := bufio.NewReader(os.Stdin)
	total := 0
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			break
		}
		var count int
		if _, err := fmt.Sscan(line, &count); err != nil {
			fmt.Println("no count:", err, line)
		}
		total += count
	}
	fmt.Println(total)
}

package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	file, _ := os.Open("data.txt")
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		fmt.Println(number, len(lines.Text()), lines.Text())
	}
	_, err := os.ReadFile("missing.txt")
	fmt.Println(err)
}

package main

import (
	"fmt"
	"regexp"
)

func main() {
	text := "mail to ann@example.org and bob@example.com"
	pattern := regexp.MustCompile(`(\w+)@([\w.]+)`)
	fmt.Printf("%q\n", pattern.FindAllStringSubmatch(text, -1))
	fmt.Println(pattern.ReplaceAllString(text, "<$1>"), regexp.MustCompile(`^\d{4}(-\d\d){2}$`).MatchString("2024-02-29"))
}

package main

import (
	"fmt"
	"strconv"
	"strings"
)

func main() {
	var text strings.Builder
	for n := 0; n < 100000; n++ {
		text.WriteString(strconv.Itoa(n))
		text.WriteByte(',')
	}
	all := text.String()
	fmt.Println(len(all), all[strings.Index(all, "99997"):])
	for _, word := range strings.Fields("the quick brown fox") {
		fmt.Printf("[%-6s]", strings.ToUpper(word))
	}
	fmt.Println()
	fmt.Printf("%q %v\n", strings.Split("a,b,,c", ","), strings.TrimSpace(" padded "))
}

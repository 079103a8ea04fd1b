package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func main() {
	text := "grüße 日本 😀"
	fmt.Println(len(text), utf8.RuneCountInString(text), strings.ToUpper(text), []rune(text)[6:8])
	for at, letter := range "aß日" {
		fmt.Printf("%d %c %U %v\n", at, letter, letter, unicode.IsLetter(letter))
	}
}

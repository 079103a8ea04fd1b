package main

import (
	"errors"
	"fmt"
)

var errBad = errors.New("bad")

func attempt(n int) (result int, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("recovered: %v", reason)
		}
	}()
	if n == 1 {
		return 0, fmt.Errorf("one: %w", errBad)
	}
	if n == 2 {
		return []int{}[n], nil
	}
	return 10 / (n - 3), nil
}

func main() {
	for n := range 4 {
		result, err := attempt(n)
		fmt.Println(result, err, errors.Is(err, errBad))
	}
}

package main

import (
	secure "crypto/rand"
	"fmt"
	"math/rand"
)

func main() {
	source := rand.New(rand.NewSource(7))
	fmt.Println(source.Int63(), source.Float64(), source.Perm(9))
	bytes := make([]byte, 16)
	count, err := secure.Read(bytes)
	fmt.Println(count, err, rand.Intn(6) < 6)
}

package main

import (
	"fmt"
	"math/big"
)

func main() {
	fmt.Println(new(big.Int).MulRange(1, 150))
	power, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	fmt.Println(new(big.Int).Exp(big.NewInt(2), power, big.NewInt(1000000007)))
	fmt.Println(big.NewRat(1, 7).FloatString(50))
}

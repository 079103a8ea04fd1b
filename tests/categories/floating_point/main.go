package main

import (
	"fmt"
	"math"
)

func main() {
	fmt.Println(math.Sqrt(2), math.Sin(1e6), 0.1+0.2)
	fmt.Println(math.Inf(1), math.SmallestNonzeroFloat64, float32(0.1), math.NaN())
	fmt.Printf("%.3f %e %x\n", math.Pi, 12345.678, 0.1)
}

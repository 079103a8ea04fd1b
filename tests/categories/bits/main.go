package main

import (
	"fmt"
	"math"
	"math/bits"
)

func main() {
	fmt.Println(bits.OnesCount(0xF0F0), bits.LeadingZeros64(40), bits.Reverse8(1))
	var small uint8 = 200
	fmt.Println(small+100, -17>>2, 6&^3, ^uint16(0), math.Float32bits(1.5))
	fmt.Printf("%b %#x %o %08b\n", 170, 48879, 8, int8(5))
}

package main

import "fmt"

func main() {
	var a, b, product [150][150]float64
	for i := range 150 {
		for j := range 150 {
			a[i][j], b[i][j] = float64(i+j), float64(i-j)
		}
	}
	for i := range 150 {
		for k := range 150 {
			for j := range 150 {
				product[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	fmt.Println(product[0][0], product[149][75])
}

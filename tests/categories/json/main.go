package main

import (
	"encoding/json"
	"fmt"
)

type Order struct {
	Name   string         `json:"name"`
	Prices []float64      `json:"prices"`
	More   map[string]any `json:"more,omitempty"`
}

func main() {
	var order Order
	err := json.Unmarshal([]byte(`{"name": "pens", "prices": [1.5, 2], "more": {"b": true, "a": null}, "unknown": 1}`), &order)
	fmt.Println(order, err)
	text, _ := json.MarshalIndent(order, "", "  ")
	fmt.Println(string(text))
	fmt.Println(json.Unmarshal([]byte(`{"name": 5}`), &order))
}

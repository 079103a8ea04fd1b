package main

import (
	"container/heap"
	"container/list"
	"fmt"
)

type pile []int

func (p pile) Len() int           { return len(p) }
func (p pile) Less(a, b int) bool { return p[a] < p[b] }
func (p pile) Swap(a, b int)      { p[a], p[b] = p[b], p[a] }
func (p *pile) Push(number any)   { *p = append(*p, number.(int)) }
func (p *pile) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

func main() {
	numbers := &pile{5, 2, 8}
	heap.Init(numbers)
	for n := range 20 {
		heap.Push(numbers, n*7%20)
	}
	for numbers.Len() > 15 {
		fmt.Print(heap.Pop(numbers), " ")
	}
	row := list.New()
	row.PushBack("last")
	row.PushFront("first")
	fmt.Println(row.Front().Value, row.Len())
}

package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println(time.Unix(1000000000, 0).UTC().Format(time.RFC1123), time.Local)
	fmt.Println(time.Date(2024, 2, 28, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 2).Weekday(), 61*time.Minute)
	before := time.Now()
	time.Sleep(20 * time.Millisecond)
	fmt.Println(time.Since(before) >= 20*time.Millisecond)
	select {
	case <-time.After(time.Millisecond):
		fmt.Println("after")
	case <-make(chan int):
	}
}

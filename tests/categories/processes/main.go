package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	output, err := exec.Command("sh", "-c", "echo from a shell; exit 7").Output()
	fmt.Print(string(output))
	fmt.Println(err, os.Getenv("NOBODY") == "")
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-signals)
}

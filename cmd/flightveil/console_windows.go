package main

import (
	"bufio"
	"fmt"
	"io"
	"unsafe"

	"golang.org/x/sys/windows"
)

// waitForEnter keeps the window open when the program got a console of its
// own: files were dropped on it, or it was started by a double click.
func waitForEnter(_ []string, in io.Reader, out io.Writer) {
	var ids [2]uint32
	proc := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList")
	n, _, _ := proc.Call(uintptr(unsafe.Pointer(&ids[0])), uintptr(len(ids)))
	if n != 1 { // a shell shares the console, or there is none
		return
	}
	fmt.Fprint(out, "\nPress Enter to close this window. ")
	bufio.NewReader(in).ReadString('\n')
}
